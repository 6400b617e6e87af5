/**
 * The caller's mistakes: a gate, verifier, key or rule that cannot be right is refused when it is defined, so that
 * the process fails at start-up and not on the first request. Nothing a client sends ends up here.
 */

/** Every code a {@link ConfigurationError} can carry. Compare codes, not messages or classes. */
export type ConfigurationErrorCode =
  | 'option_invalid' // an option is missing, unknown, or of the wrong kind or size
  | 'algorithm_unknown' // an algorithm outside the table (`none` included)
  | 'algorithm_families_mixed' // one verifier, one family
  | 'key_invalid' // a key that is weak, malformed, private where it must be public, or bound to no algorithm
  | 'url_invalid' // not a URL, or http where https is required
  | 'verifier_conflict' // two verifiers of one gate would claim the same credential
  | 'scope_invalid' // a vocabulary that contradicts itself or breaks the grammar
  | 'scope_unknown' // a requirement names a scope outside the vocabulary
  | 'policy_invalid' // a policy names what is not declared, contradicts itself, or compares what cannot be compared
  | 'policy_not_listable' // a filter was asked for, of an action whose rules ask what no query can
  | 'rule_invalid' // a route's rule names what the gate does not have, or decides nothing
  | 'not_granted' // code asked for the principal of a request that no gate has granted
  | 'route_bare' // a route has no rule
  | 'inventory_incomplete' // an inventory was asked for that would leave routes out

/**
 * Thrown for a mistake in how sallyport is set up or called, never for what a client sends.
 *
 * `code` is stable and is what to compare; `message` is one sentence that says what to do. Neither holds a secret.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code: ConfigurationErrorCode

  constructor(code: ConfigurationErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Thrown (as a rejection) by what revokes, when it cannot tell that it has: the store failed or did not answer in time.
 * Whether the revocation happened is unknown; doing it again is safe. A result could be overlooked, and then a logout that
 * never happened would be reported as done.
 *
 * Answer 503. `cause` is what the store threw; treat it as your own error.
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  readonly code = 'store_unavailable'

  constructor(what: string, cause: unknown) {
    super(`${what}: the store is unavailable.`, { cause })
  }
}
