import type { Redacted } from '../../shared/redacted.js'
import type { VerifierEvent } from '../verifier-event.js'

/**
 * Where an authorization server is asked what a token is worth: the port that `remoteIntrospection` implements.
 *
 * It asks once for each call; `introspectedBearer` remembers answers, joins equal questions and lets a server rest that
 * has failed.
 *
 * @see RFC 7662
 */
export interface IntrospectionSource {
  /** Who answers, and whose tokens they are: the issuer's exact identifier. */
  readonly issuer: string
  /** Should not reject: an answer that cannot be had is `unavailable`, so that the request is answered 503, not 401. */
  introspect(question: IntrospectionQuestion): Promise<IntrospectionAnswer>
}

export interface IntrospectionQuestion {
  readonly token: Redacted
  /** Seconds since the epoch. */
  readonly now: number
  /** After this time nobody waits for the answer any more. */
  readonly timeoutMilliseconds: number
  /** Tells the operator of the gate something besides the answer. */
  report(event: VerifierEvent): void
}

export type IntrospectionAnswer =
  | {
      readonly kind: 'active'
      /** The members of the answer, JSON values only. They are handed over: nobody else may write to them. */
      readonly claims: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'inactive' } // unknown, expired, revoked, not for us: the server does not say which
  | IntrospectionFailure

/** The server did not say what the token is worth. */
export interface IntrospectionFailure {
  readonly kind: 'unavailable'
  /**
   * `server`: it cannot be asked about any token now, so it is left alone for a while. `token`: it answered, but this
   * answer cannot be used. Whoever finds a text that confuses the server must not cut off everybody else's tokens.
   */
  readonly concerns: 'server' | 'token'
  /** How long the server asks to be left alone, in whole seconds. */
  readonly retryAfterSeconds?: number
  /** For the operator's events. Must not hold the token or what we authenticate with. */
  readonly cause: unknown
}
