import type { Grant } from './grant.js'
import type { Meanings } from './meanings.js'
import { coveredNames, isReadWith } from './read-grant.js'

/** A grant, or what {@link Scopes.grant} reads as one: a claim's text, or a list of single tokens. */
export type GrantSource = Grant | string | readonly string[]

/**
 * The scopes of this vocabulary that a grant covers, closed under implication.
 *
 * For a grant that another vocabulary read, a scope counts only if all that it implies here is covered too. Otherwise
 * writing the scope down and reading it again would give more than the grant had.
 */
export function heldNames(grant: Grant, meanings: Meanings): ReadonlySet<string> {
  const covered = coveredNames(grant)
  if (isReadWith(grant, meanings)) return covered
  const held = new Set<string>()
  for (const name of covered) {
    const meaning = meanings.get(name)
    if (meaning !== undefined && isWithin(meaning, covered)) held.add(name)
  }
  return held
}

/** Whether every member of the part is in the whole. */
export function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  if (part.size > whole.size) return false
  for (const name of part) if (!whole.has(name)) return false
  return true
}
