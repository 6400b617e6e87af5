import type { KeyEvent } from '../jwt/key-event.js'
import type { StoreSlowEvent } from '../lifecycle/ask-store.js'

/** What a verifier tells the operator besides its verdicts: things that are wrong, or about to be, on our side. */
export type VerifierEvent =
  | KeyEvent
  | StoreSlowEvent
  | ThrottleFailedEvent
  | IntrospectionFailedEvent
  | IssuerUnresolvedEvent

/** A limiter of a throttle failed, and that did not change the answer: an attempt was not counted, or not taken back. */
export interface ThrottleFailedEvent {
  readonly kind: 'throttle_failed'
  readonly at: number
  /** What the limiter threw, if anything. */
  readonly cause: unknown
}

/** An authorization server was asked about a token and did not say what it is worth. Told once for each question. */
export interface IntrospectionFailedEvent {
  readonly kind: 'introspection_failed'
  readonly at: number
  /** `server`: it is left alone for a while. `token`: it answered, but for this token unusably. */
  readonly concerns: 'server' | 'token'
  /** Holds no token and no secret of ours. */
  readonly cause: unknown
}

/** The application's look-up of an issuer failed. One that is known is served for an hour more. */
export interface IssuerUnresolvedEvent {
  readonly kind: 'issuer_unresolved'
  readonly at: number
  /** What a token names that nobody has verified: 1 to 1,024 characters of anything. */
  readonly issuer: string
  /** How long ago the issuer was last looked up; null if it is not known, and its tokens are answered 503. */
  readonly ageSeconds: number | null
  readonly cause: unknown
}
