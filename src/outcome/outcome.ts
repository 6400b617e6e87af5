import type { PresentationProblem } from '../credential/credential.js'
import type { ThrottleLimit } from '../lifecycle/throttle/throttle.js'
import type { NotPermitted } from '../policy/decision.js'
import type { Principal } from '../principal/principal.js'
import type { NonceRefusal, ProofRefusal } from '../verify/binding-refusal.js'
import type { RefusalReason, UnavailableReason } from '../verify/verifier.js'
import type { Challenge } from './challenge.js'

/**
 * The one answer to one request. Everything after the gate is a function of it: `http/respond.ts` turns a refusal
 * into status, fields and body; an adapter hands a grant on to the handler.
 */
export type Outcome<Who extends Principal = Principal, Resource = unknown, Permissions = unknown> =
  | Granted<Who, Resource, Permissions>
  | Refusal

/** Both doors passed. */
export interface Granted<
  Who extends Principal = Principal,
  Resource = unknown,
  Permissions = unknown,
> extends Explained {
  readonly kind: 'granted'
  readonly principal: Who
  /** What the rule's `load` returned; undefined if the rule loads nothing. */
  readonly resource: Resource
  /**
   * The gate's policy, asked by this principal in this request: for lists, for fields, and for further questions. What was
   * looked up to let the request in is not looked up again. Undefined if the rule has no action.
   */
  readonly permissions: Permissions
  /** A nonce for the client's next DPoP proof: its own is about to run out. */
  readonly dpopNonce?: string
}

/** Every answer that is not a grant. */
export type Refusal =
  | Preflight
  | InvalidRequest
  | Unauthenticated
  | InvalidToken
  | InvalidDpopProof
  | UseDpopNonce
  | Throttled
  | Unavailable
  | Denied
  | InsufficientScope
  | InsufficientUserAuthentication
  | Absent

/** A CORS preflight to a route that is not open: it never carries a credential, so it is not judged. */
export interface Preflight extends Explained {
  readonly kind: 'preflight'
}

/** The request as a whole cannot be judged: malformed, or more than one credential, or one that leaks. */
export interface InvalidRequest extends Explained {
  readonly kind: 'invalid_request'
  readonly reason: PresentationProblem
  readonly challenges: readonly Challenge[]
}

/** Nothing was presented that this route accepts. The challenges carry no error. */
export interface Unauthenticated extends Explained {
  readonly kind: 'unauthenticated'
  readonly reason: 'credential_missing' | 'scheme_unsupported' | 'credential_not_accepted'
  readonly challenges: readonly Challenge[]
}

/** A credential was presented and is not good (any kind of credential: the name is RFC 6750's). */
export interface InvalidToken extends Explained {
  readonly kind: 'invalid_token'
  readonly reason: Exclude<RefusalReason, ProofRefusal | NonceRefusal>
  readonly challenges: readonly Challenge[]
}

/** The token may be good; the DPoP proof that came with it is not (RFC 9449 section 7.1). */
export interface InvalidDpopProof extends Explained {
  readonly kind: 'invalid_dpop_proof'
  readonly reason: ProofRefusal
  readonly challenges: readonly Challenge[]
  /** What the next proof must name, where nonces are asked for. */
  readonly dpopNonce?: string
}

/** The DPoP proof is good but for its nonce: the client is to make another with this one (RFC 9449 section 9). */
export interface UseDpopNonce extends Explained {
  readonly kind: 'use_dpop_nonce'
  readonly reason: NonceRefusal
  readonly challenges: readonly Challenge[]
  readonly dpopNonce?: string
}

/** Too many attempts: the credential was not looked at, and may be right. */
export interface Throttled extends Explained {
  readonly kind: 'throttled'
  readonly reason: `${ThrottleLimit}_throttled`
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number
}

/** We cannot judge: keys, a store, or a callback of the application failed. The credential was not refused. */
export interface Unavailable extends Explained {
  readonly kind: 'unavailable'
  readonly reason: UnavailableReason
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds: number
}

/** The answer is no, for a reason that another credential of this caller cannot mend. */
export interface Denied extends Explained {
  readonly kind: 'denied'
  readonly reason:
    | 'policy_denied' // by the rule's own `allow`
    | NotPermitted['reason'] // by the gate's policy
    | 'cross_site_request'
    | 'rule_missing'
  /** Answer as if the resource did not exist. */
  readonly hidden: boolean
}

/** Identity proven, but the credential was not granted what this route needs. */
export interface InsufficientScope extends Explained {
  readonly kind: 'insufficient_scope'
  readonly reason: 'scope_missing'
  readonly missing: readonly string[]
  readonly challenges: readonly Challenge[]
}

/** Identity proven, but the login is too old or too weak for this route (RFC 9470). */
export interface InsufficientUserAuthentication extends Explained {
  readonly kind: 'insufficient_user_authentication'
  readonly reason: 'login_too_old' | 'login_too_weak'
  readonly challenges: readonly Challenge[]
}

/** The resource does not exist. */
export interface Absent extends Explained {
  readonly kind: 'absent'
  readonly reason: 'resource_absent'
}

/** The steps of the gate, in their order. `facts` and `policy` are those of a rule with an action only. */
export const STEPS = [
  'collect',
  'ambiguity',
  'choose',
  'verify',
  'revocation',
  'csrf',
  'scopes',
  'login',
  'facts',
  'load',
  'policy',
  'allow',
] as const

export type Step = (typeof STEPS)[number]

/** One step of the gate and what it found. For logs and tests; nothing of it goes to the client. */
export interface TraceStep {
  readonly step: Step
  /** A stable code: `passed`, or the reason of the refusal. */
  readonly code: string
  /** The name of the claim at fault, if there is one; never its value. */
  readonly claim?: string
  /** What the policy was asked, and what decided: at the step `policy`. */
  readonly policy?: PolicyVerdict
}

/** A question to the policy and where its answer came from. */
export interface PolicyVerdict {
  readonly action: string
  readonly type: string
  /** The rule that allowed or denied. Null if none did, and for a list, where the question is the handler's. */
  readonly rule: string | null
  /** Of the policy that answered; null if it has not been asked. */
  readonly version: string | null
}

interface Explained {
  readonly trace: readonly TraceStep[]
}
