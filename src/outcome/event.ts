import type { Principal } from '../principal/principal.js'
import type { UnavailableReason } from '../verify/verifier.js'
import type { Outcome, TraceStep } from './outcome.js'

/** What a gate tells its operator. Holds no credential, no claim and no URL. */
export type GateEvent = DecidedEvent | LeakedEvent | FailedEvent

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
