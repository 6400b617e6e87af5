import type { PrivateJwk, SecretJwk } from '../../jwt/jwk.js'
import { assertSigningKey } from '../../jwt/sign-jwt.js'
import type { Eventual } from '../../shared/eventual.js'

/**
 * Where whoever issues tokens gets the key to sign with: the port that `staticSigningKey` and `createSigningKeys`
 * implement.
 *
 * Never throws or rejects. The key is the one to sign with at that moment: ask for each token, and keep none.
 */
export interface SigningKeySource {
  /** `now` is in seconds since the epoch. Answers at once if it can. */
  current(now: number): Eventual<SigningKeyLookup>
  /** For how long what a key has signed can be verified at least, in seconds: no token may live longer. Absent: for ever. */
  readonly longestTokenSeconds?: number
}

export type SigningKeyLookup =
  /** INVARIANT: one object for as long as the key is the same, so that it is imported once. */
  | { readonly kind: 'key'; readonly key: PrivateJwk | SecretJwk }
  /** Nothing may be signed now: our side's fault, 503. */
  | {
      readonly kind: 'unavailable'
      /** For the operator's events. */
      readonly cause: unknown
    }

/**
 * One key that never changes while the process runs, given by the configuration. Whoever verifies gets its public half,
 * or, for a shared secret, the key itself.
 *
 * Copies the key; a later change of the object has no effect. That its private members fit shows when it first signs.
 *
 * @throws ConfigurationError `key_invalid`, `algorithm_unknown`
 */
export function staticSigningKey(key: PrivateJwk | SecretJwk): SigningKeySource {
  const copy = Object.freeze({ ...key })
  assertSigningKey(copy)
  const lookup = Object.freeze({ kind: 'key' as const, key: copy })
  return Object.freeze({ current: () => lookup })
}
