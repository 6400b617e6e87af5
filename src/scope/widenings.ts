import type { Atoms } from './atoms.js'
import { DIALECTS } from './dialects.js'
import type { Meanings } from './meanings.js'
import { byCodeUnits } from './normal-form.js'

/** A token that covers more in one vocabulary than in an older one. */
export interface Widening<Name extends string = string> {
  /** A name, another spelling of one, or a pattern. */
  readonly token: string
  /** `'new'` if the token meant nothing in the older vocabulary, `'wider'` if it meant less. */
  readonly kind: 'new' | 'wider'
  /** What it covers that it did not, by code units. At least one. */
  readonly gained: readonly Name[]
}

/**
 * Every token of a vocabulary that covers more than it did, by code units.
 *
 * Writes out the patterns of each name, which double with each of its segments: for a review before a release, not for a
 * request.
 *
 * @param before what a token covered in the older vocabulary
 */
export function wideningsOf(
  atoms: Atoms,
  meanings: Meanings,
  before: (token: string) => ReadonlySet<string>,
): Widening[] {
  const widenings: Widening[] = []
  for (const token of new Set(textsOf(atoms))) {
    const known = before(token)
    const gained = [...(meanings.get(token) ?? [])].filter((name) => !known.has(name))
    if (gained.length === 0) continue
    widenings.push({
      token,
      kind: known.size === 0 ? 'new' : 'wider',
      gained: gained.sort(byCodeUnits),
    })
  }
  return widenings.sort((left, right) => byCodeUnits(left.token, right.token))
}

/** Whatever may mean something: names, their spellings, and the patterns of each. With wildcards off these mean nothing. */
function* textsOf({ names, spelled, explicitOnly }: Atoms): Generator<string> {
  yield* names
  for (const [dialect, written] of spelled) {
    const { separator, hasTails } = DIALECTS[dialect]
    for (const [name, segments] of written) {
      yield segments.join(separator)
      if (explicitOnly.has(name)) continue
      for (const pattern of patternsOf(segments, hasTails)) yield pattern.join(separator)
    }
  }
}

function patternsOf(segments: readonly string[], hasTails: boolean): string[][] {
  const patterns: string[][] = []
  let starts: string[][] = [[]]
  for (const segment of segments) {
    if (hasTails) patterns.push(...starts.map((start) => [...start, '**']))
    starts = starts.flatMap((start) => [
      [...start, segment],
      [...start, '*'],
    ])
  }
  return [...patterns, ...starts]
}
