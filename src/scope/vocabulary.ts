import type { Grant } from './grant.js'
import type { Requirement } from './requirement.js'

/** A closed vocabulary of scopes and every question one can ask with it. Made by `defineScopes`. Immutable. */
export interface Scopes<Name extends string = string> {
  /** Every scope of the vocabulary, in the order of its definition. */
  readonly names: readonly Name[]
  /** Reads a grant from a claim string (RFC 6749 section 3.3) or a list of single tokens. Never throws. */
  grant(text: string | readonly string[]): Grant
  /** Reads a grant from the claims `scope` (string) and `scp` (string or array). Absent is an empty grant. Never throws. */
  fromClaims(claims: Readonly<Record<string, unknown>>): Grant
  /** Whether the grant covers one scope. */
  can(grant: Grant, name: Name): boolean
  /** Every part must be met. At least one part. */
  allOf(...parts: readonly [Part<Name>, ...Part<Name>[]]): Requirement<Name>
  /** One part must be met. At least one part. */
  anyOf(...parts: readonly [Part<Name>, ...Part<Name>[]]): Requirement<Name>
  /**
   * Checks a requirement that may come from untyped code.
   * @throws ConfigurationError `scope_unknown` or `scope_invalid`
   */
  requirement(part: Part<Name>): Requirement<Name>
  /**
   * Whether the grant meets the requirement, and if not, what is missing and what to ask for.
   * Does not look at the resource's owner; that is a policy's job.
   */
  judge(grant: Grant, requirement: Requirement<Name>): ScopeJudgement
  /**
   * One whole alternative of the requirement that adds the least to what is held, as the value of a challenge's
   * `scope` parameter: all its scopes, not only the missing ones. Empty for `authenticated()`.
   */
  challenge(requirement: Requirement<Name>, held?: Grant): string
}

/** A scope by name, or a requirement made before. */
export type Part<Name extends string = string> = Name | Requirement<Name>

export type ScopeJudgement =
  | { readonly kind: 'covered' }
  | { readonly kind: 'insufficient'; readonly missing: readonly string[] }
