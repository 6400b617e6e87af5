import type { ThrottleLimit } from '../lifecycle/throttle/throttle.js'
import type { Principal } from '../principal/principal.js'
import type { RefusalReason, UnavailableReason } from '../verify/verifier.js'
import type { VerifierEvent } from '../verify/verifier-event.js'
import type { Outcome, PolicyVerdict, TraceStep } from './outcome.js'

/**
 * What a gate tells its operator: one stream, told apart by `kind`. Holds no credential and no request's URL. Of claims it
 * holds who somebody is, in `verified`, and the issuer that an unverified token names, in `issuer_unresolved`.
 */
export type GateEvent =
  | VerifiedEvent
  | RefusedEvent
  | ThrottledEvent
  | DecidedEvent
  | LeakedEvent
  | FailedEvent
  | StaleEvent
  | OfVerifier<VerifierEvent>

/** An event that a verifier has raised, under the verifier's name in the gate's options. */
export type OfVerifier<Event> = Event extends unknown
  ? Event & { readonly verifier: string }
  : never

/** A credential was proven. What its bearer may do has not been looked at yet. */
export interface VerifiedEvent {
  readonly kind: 'verified'
  /** Seconds since the epoch. */
  readonly at: number
  readonly verifier: string
  readonly principal: {
    readonly kind: 'user' | 'application'
    readonly issuer: string
    /** The user's subject, or the application's id. */
    readonly id: string
  }
  /** What revocation knows the credential by; null if there is nothing to know it by. */
  readonly credentialId: string | null
}

/** A credential was presented and is not good. */
export interface RefusedEvent {
  readonly kind: 'refused'
  readonly at: number
  readonly verifier: string
  readonly reason: RefusalReason
  /** The name of the claim at fault; null if there is none. */
  readonly claim: string | null
}

/** A credential was presented and not looked at: there were too many attempts. */
export interface ThrottledEvent {
  readonly kind: 'throttled'
  readonly at: number
  readonly verifier: string
  readonly limit: ThrottleLimit
  readonly retryAfterSeconds: number
}

/** One request was decided. */
export interface DecidedEvent {
  readonly kind: 'decided'
  /** Seconds since the epoch. */
  readonly at: number
  readonly method: string
  readonly outcome: Outcome['kind']
  /** The refusal's reason; null for a grant or a preflight. */
  readonly reason: string | null
  /** Which kind of principal was let in; null for a refusal. */
  readonly principal: Principal['kind'] | null
  /** What the rule asks the policy, and which rule of it decided if it came to that; null if the rule has no action. */
  readonly policy: PolicyVerdict | null
  /** From the question to the answer, waiting included; with fractions. */
  readonly durationMilliseconds: number
  readonly trace: readonly TraceStep[]
}

/** A credential came in a URL or without TLS: whoever reads logs or the network has it. Revoke it. */
export interface LeakedEvent {
  readonly kind: 'leaked'
  readonly at: number
  readonly where: 'url' | 'cleartext'
  /**
   * The first 16 hexadecimal digits of the SHA-256 of its text: enough to find a token or key among those you issued.
   * Null where there is no one text, and for passwords, which a fast hash would give away.
   */
  readonly fingerprint: string | null
}

/** A request could not be judged. */
export interface FailedEvent {
  readonly kind: 'failed'
  readonly at: number
  readonly reason: UnavailableReason
  /** What the store, key source or callback threw, if anything. Treat it as your own error, with what that may hold. */
  readonly cause: unknown
}

/** Requests were let in although it is not known what was revoked lately. At most one in ten seconds. */
export interface StaleEvent {
  readonly kind: 'revocation_stale'
  readonly at: number
  readonly freshness: 'lagging' | 'empty'
  /** How many, since the event before; this one included. */
  readonly accepted: number
}
