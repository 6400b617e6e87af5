/**
 * What a credential was granted, read with one vocabulary. Immutable and safe to share.
 *
 * A vocabulary works the lists out when they are first looked at, so pass a grant on as it is: a copy made by spreading
 * has none of them, and covers nothing.
 *
 * Grants are positive only: a token that is unknown or malformed adds nothing and takes nothing away, so leaving it
 * out is always safe. It is listed all the same, to explain a refusal.
 */
export interface Grant {
  /** The tokens that mean something in the vocabulary, as granted, each once, in their order. */
  readonly tokens: readonly string[]
  /** The scopes these tokens cover: wildcards expanded, implications followed, in the order of the definition. */
  readonly covered: ReadonlySet<string>
  /** Well-formed tokens that mean nothing in it. A credential for several APIs has some; that is normal. */
  readonly unknown: readonly string[]
  /** Pieces with a character that RFC 6749 section 3.3 does not allow. Whoever prints them must escape them. */
  readonly malformed: readonly string[]
  /** Why the claim was refused as a whole, or null. With a problem, nothing is covered. */
  readonly problem: GrantProblem | null
}

/** Why a scope claim as a whole grants nothing. */
export type GrantProblem =
  | 'scope_limit' // more characters, tokens, or characters in one token than the vocabulary's limits allow
  | 'scope_claim_ambiguous' // `scope` and `scp` both present and different
  | 'scope_claim_malformed' // `scope` is no string, or another claim neither a string nor an array of strings
