import type { Grant } from '../../../src/scope/grant.js'
import type { Requirement } from '../../../src/scope/requirement.js'
import type { Situation } from './situation.js'

/** A sentence that holds for every vocabulary and every claim. */
export interface Law {
  /** As in the specification of scopes: L1 to L24. Several sentences may share one. */
  readonly id: `L${number}`
  readonly name: string
  /** What breaks the law in this sample, for people to read; null if nothing does. Throwing breaks it as well. */
  readonly check: (sample: Sample) => string | null
}

/** One run: a vocabulary, and claims and requirements for it. What two laws need of it is made once. */
export interface Sample extends SampleParts {
  readonly situation: Situation
  /** The claims, read as text, as a list, and as a claim set. */
  readonly grants: readonly [first: Grant, second: Grant, third: Grant]
}

/** What a sample is made of, to print it and to make it smaller. */
export interface SampleParts {
  /** Tokens without spaces, known, foreign and hostile. */
  readonly claims: readonly [first: Tokens, second: Tokens, third: Tokens]
  readonly requirements: readonly [left: Requirement, right: Requirement]
  /** For whatever else a law has to choose. */
  readonly number: number
}

export type Tokens = readonly string[]

export function createSample(situation: Situation, parts: SampleParts): Sample {
  const [first, second, third] = parts.claims
  const { scopes } = situation
  return {
    ...parts,
    situation,
    grants: [
      scopes.grant(first.join(' ')),
      scopes.grant(second),
      scopes.fromClaims({ scp: [...third] }),
    ],
  }
}

/** The names that one set has and the other has not, both ways, as a complaint; null if there are none. */
export function difference(
  what: string,
  found: Iterable<string>,
  expected: Iterable<string>,
): string | null {
  const left = found instanceof Set ? found : new Set(found)
  const right = expected instanceof Set ? expected : new Set(expected)
  const spare = [...left].filter((name) => !right.has(name))
  const lost = [...right].filter((name) => !left.has(name))
  if (spare.length + lost.length === 0) return null
  return `${what}: ${spare.join(' ') || 'nothing'} too much, ${lost.join(' ') || 'nothing'} missing`
}

/** The names of the part that the whole lacks, as a complaint; null if there are none. */
export function excessOver(
  what: string,
  part: Iterable<string>,
  whole: ReadonlySet<string>,
): string | null {
  const spare = [...part].filter((name) => !whole.has(name))
  return spare.length === 0 ? null : `${what}: ${spare.join(' ')} too much`
}

/** The complaint if it is not so. */
export function unless(isSo: boolean, complaint: string): string | null {
  return isSo ? null : complaint
}

/** The first complaint of a list of things that are all to hold. */
export function firstOf(...complaints: readonly (string | null)[]): string | null {
  return complaints.find((one) => one !== null) ?? null
}
