import type { GrantProblem } from './grant.js'

/** Why a grant meets a requirement or does not: plain data, for a log, a test or a page of your own. */
export interface Explanation<Name extends string = string> {
  readonly kind: 'covered' | 'denied'
  /**
   * For each scope that is held of one alternative, how it is held. When covered that is the alternative that is met, the
   * first by code units; when denied the one that adds the least, which the challenge names.
   */
  readonly steps: readonly ExplanationStep<Name>[]
  /** The scopes of that alternative that are not held. Empty exactly if covered. */
  readonly missing: readonly Name[]
  /** That alternative whole, as the value of a challenge's `scope` parameter. */
  readonly challenge: string
  /** Tokens of the grant that mean nothing here. They come from whoever wrote the claim. */
  readonly ignored: readonly string[]
  /** Pieces of the claim with characters that no scope has. Whoever prints them must escape them. */
  readonly malformed: readonly string[]
  /** Why the claim was refused as a whole, or null. */
  readonly problem: GrantProblem | null
}

/** How one scope is held. */
export interface ExplanationStep<Name extends string = string> {
  readonly atom: Name
  /** The token of the grant that covers it, alone: of several the one with the shortest path. */
  readonly witness: string
  /** From the witness to the scope, each step one that the vocabulary declares. At least one. */
  readonly path: readonly ExplanationEdge<Name>[]
}

/** One step of a path. The first starts at a token, each further one at a scope. */
export interface ExplanationEdge<Name extends string = string> {
  readonly cause: EdgeCause
  readonly from: string
  readonly to: Name
}

/** Why one step leads on. */
export type EdgeCause =
  | 'own_name' // the token is the scope
  | 'second_spelling' // the token is the scope, in another dialect that the vocabulary accepts
  | 'wildcard' // the token is a pattern, and the scope matches it
  | 'implication' // declared under `implies` or `actionImplies`
  | 'superuser' // the superuser gives every scope that is not explicit-only
