import { ConfigurationError } from '../errors.js'
import { unreachable } from '../shared/result.js'
import type { Meanings } from './meanings.js'
import type { Requirement } from './requirement.js'

/** One way to meet a requirement: all of these scopes. None for `authenticated()`. */
export interface Alternative {
  /** In the order of the requirement, each once. */
  readonly names: readonly string[]
  /** What holding them covers. */
  readonly meaning: ReadonlySet<string>
}

/**
 * Every way to meet a checked requirement with nothing to spare, by the code units of their sorted names.
 *
 * An alternative that holds another one whole is left out, so the answer does not depend on how the requirement was
 * put: repeating a part or ordering the parts otherwise gives the same alternatives.
 *
 * @throws ConfigurationError `scope_invalid` if there are more than 64 when written out: the sum over the parts of an
 * `anyOf`, the product over those of an `allOf`
 */
export function alternativesOf(
  requirement: Requirement,
  meanings: Meanings,
): readonly Alternative[] {
  const count = countAlternatives(requirement)
  if (count > MAX_ALTERNATIVES) {
    throw new ConfigurationError(
      'scope_invalid',
      `A requirement has at most ${MAX_ALTERNATIVES} alternatives; this one has ${count}.`,
    )
  }
  const byKey = new Map<string, ReadonlySet<string>>()
  for (const names of writeOut(requirement)) byKey.set([...names].sort().join(' '), names)
  const every = [...byKey.values()]
  return [...byKey]
    .filter(([, names]) => !every.some((other) => isProperPart(other, names)))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, names]) => ({ names: [...names], meaning: union(names, meanings) }))
}

/**
 * The alternative that adds the least to what is held: the fewest newly covered scopes, then the first by the code
 * units of its names.
 */
export function leastAddition(
  alternatives: readonly Alternative[],
  held: ReadonlySet<string>,
): Alternative {
  let least = NOTHING
  let fewest = Number.POSITIVE_INFINITY
  for (const alternative of alternatives) {
    let added = 0
    for (const name of alternative.meaning) if (!held.has(name)) added += 1
    if (added < fewest) {
      least = alternative
      fewest = added
    }
  }
  return least
}

function countAlternatives(requirement: Requirement): number {
  switch (requirement.kind) {
    case 'authenticated':
    case 'scope':
      return 1
    case 'allOf':
      return requirement.parts.reduce((product, part) => product * countAlternatives(part), 1)
    case 'anyOf':
      return requirement.parts.reduce((sum, part) => sum + countAlternatives(part), 0)
    default:
      return unreachable(requirement)
  }
}

function writeOut(requirement: Requirement): ReadonlySet<string>[] {
  switch (requirement.kind) {
    case 'authenticated':
      return [new Set()]
    case 'scope':
      return [new Set([requirement.name])]
    case 'anyOf':
      return requirement.parts.flatMap(writeOut)
    case 'allOf':
      return requirement.parts
        .map(writeOut)
        .reduce(
          (done, part) => done.flatMap((left) => part.map((right) => new Set([...left, ...right]))),
          [new Set<string>()],
        )
    default:
      return unreachable(requirement)
  }
}

function isProperPart(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  if (part.size >= whole.size) return false
  for (const name of part) if (!whole.has(name)) return false
  return true
}

function union(names: ReadonlySet<string>, meanings: Meanings): ReadonlySet<string> {
  const all = new Set<string>()
  for (const name of names) for (const one of meanings.get(name) ?? []) all.add(one)
  return all
}

const MAX_ALTERNATIVES = 64
const NOTHING: Alternative = { names: [], meaning: new Set() }
