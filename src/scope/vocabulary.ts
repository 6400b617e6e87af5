import type { ScopeAlgebra } from './algebra.js'
import type { Explanation } from './explanation.js'
import type { Grant } from './grant.js'
import type { GrantSource } from './grant-source.js'
import type { Requirement } from './requirement.js'
import type { RouteAudit } from './route-audit.js'
import type { Widening } from './widenings.js'

/** A closed vocabulary of scopes and every question one can ask with it. Made by `defineScopes`. Immutable. */
export interface Scopes<Name extends string = string> extends ScopeAlgebra<Name>, RouteAudit<Name> {
  /** Every scope of the vocabulary, in the order of its definition. */
  readonly names: readonly Name[]
  /** Reads a grant from a claim string (RFC 6749 section 3.3) or a list of single tokens. Never throws. */
  grant(text: string | readonly string[]): Grant
  /**
   * Reads a grant from the claims that the definition names, by default `scope` (string) and `scp` (string or array),
   * own members only. Absent is an empty grant; both present and different is a problem. Never throws.
   * @param names other claims than those of the definition, for an issuer that has its own
   */
  fromClaims(claims: Readonly<Record<string, unknown>>, names?: readonly string[]): Grant
  /** Whether the grant covers one scope. A name outside the vocabulary is covered by nothing. */
  can(grant: Grant, name: Name): boolean
  /**
   * Every part must be met. At least one part.
   * @throws ConfigurationError as {@link Scopes.requirement}
   */
  allOf(...parts: readonly [Part<Name>, ...Part<Name>[]]): Requirement<Name>
  /**
   * One part must be met. At least one part.
   * @throws ConfigurationError as {@link Scopes.requirement}
   */
  anyOf(...parts: readonly [Part<Name>, ...Part<Name>[]]): Requirement<Name>
  /**
   * Checks a requirement that may come from untyped code, and copies it, frozen. Call it when a route is defined.
   * @throws ConfigurationError `scope_unknown` for a name outside the vocabulary; `scope_invalid` for an empty
   * `allOf` or `anyOf`, a bare list, nesting deeper than 32, or more than 64 alternatives when written out
   */
  requirement(part: Part<Name>): Requirement<Name>
  /**
   * Whether the grant meets the requirement, and if not, which scopes of its least addition are not covered.
   *
   * `authenticated()` is met by every grant, also by one with a problem. Does not look at the resource's owner; that
   * is a policy's job. Throws only for a requirement that no vocabulary made and {@link Scopes.requirement} refuses.
   */
  judge(grant: Grant, requirement: Requirement<Name>): ScopeJudgement
  /**
   * One whole alternative of the requirement that adds the least to what is held, as the value of a challenge's
   * `scope` parameter: all its scopes, not only the missing ones, and never a wildcard. Empty for `authenticated()`.
   *
   * The least is counted in newly covered scopes, implications included; then comes the first by code units.
   * @see RFC 6750 section 3
   */
  challenge(requirement: Requirement<Name>, held?: Grant): string
  /**
   * Why the grant meets the requirement or not: how each scope of one alternative is held, what is missing, and what of
   * the claim counts for nothing. For people and tests; it costs many times as much as {@link Scopes.judge}.
   *
   * For a grant that another vocabulary read, scopes that none of its tokens covers here have no step.
   * @throws ConfigurationError as {@link Scopes.requirement}; for no grant
   */
  explain(granted: GrantSource, requirement: Part<Name>): Explanation<Name>
  /**
   * A grant that meets every one of the requirements with nothing to spare: without any of its tokens, one is unmet. Its
   * tokens are names by code units, never a pattern.
   *
   * Of an `anyOf` it takes what adds the least to what the others need, then the first by code units; with several that
   * overlap, a smaller choice may exist. The order of the requirements does not matter; for none the grant is empty.
   * @throws ConfigurationError `scope_invalid` for anything but a list, and as {@link Scopes.requirement}
   */
  leastFor(requirements: readonly Part<Name>[]): Grant
  /**
   * The scopes that are granted and of no use for any of the requirements, whichever way it is met; by code units. What
   * comes with a useful scope by implication is no excess.
   *
   * Says what a grant covers today: with a wildcard among its tokens it will cover more as the vocabulary grows.
   * @throws ConfigurationError as {@link Scopes.leastFor}
   */
  excess(granted: GrantSource, requirements: readonly Part<Name>[]): readonly Name[]
  /**
   * The tokens that cover more here than in an older vocabulary, and what: whoever holds one of them gains that with the
   * next release. Names, spellings and patterns, by code units.
   *
   * For a test or a review: it writes out the patterns of each name, which double with each segment.
   */
  wideningsSince(older: Pick<Scopes, 'grant'>): readonly Widening<Name>[]
}

/** A scope by name, or a requirement made before. */
export type Part<Name extends string = string> = Name | Requirement<Name>

export type ScopeJudgement =
  | { readonly kind: 'covered' }
  | { readonly kind: 'insufficient'; readonly missing: readonly string[] }
