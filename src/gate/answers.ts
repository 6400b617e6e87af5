import type { CredentialKind, PresentationProblem } from '../credential/credential.js'
import type { ThrottledAttempt } from '../lifecycle/throttle/throttle.js'
import type {
  Absent,
  Denied,
  Granted,
  InsufficientScope,
  InsufficientUserAuthentication,
  InvalidDpopProof,
  InvalidRequest,
  InvalidToken,
  PolicyVerdict,
  Preflight,
  Step,
  Throttled,
  Unauthenticated,
  Unavailable,
  UseDpopNonce,
} from '../outcome/outcome.js'
import type { Principal } from '../principal/principal.js'
import type { Grant } from '../scope/grant.js'
import { isNonceRefusal, isProofRefusal } from '../verify/binding-refusal.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import { offersFor } from '../verify/offers.js'
import { isExpiry } from '../verify/refused.js'
import type { ChallengeOffer, RefusedCredential, UnavailableReason } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'
import type { RefusalInWords } from './rule-challenges.js'
import { marked, traceUntil, type Way, WITHOUT_POLICY } from './way.js'

/** Both doors passed. */
export function granted(
  principal: Principal,
  { resource, permissions }: Pick<Granted, 'resource' | 'permissions'>,
  way: Way,
  policy: PolicyVerdict | null,
  dpopNonce: string | undefined,
): Granted {
  const trace = policy === null ? way.passed : marked(way.passed, policy)
  return dpopNonce === undefined
    ? { kind: 'granted', principal, resource, permissions, trace }
    : { kind: 'granted', principal, resource, permissions, dpopNonce, trace }
}

/** A preflight is left to CORS. */
export function preflight(): Preflight {
  return { kind: 'preflight', trace: traceUntil('collect', 'preflight') }
}

/** 400: the kinds that were used carry the error, as far as they can be told. */
export function invalidRequest(
  hearing: Hearing,
  problem: PresentationProblem,
  used: readonly CredentialKind[],
): InvalidRequest {
  return {
    kind: 'invalid_request',
    reason: problem,
    challenges: hearing.rule.challenges.compose({
      used: used.flatMap((kind) => offersOfKind(hearing.setup.verifiers, kind)),
      error: 'invalid_request',
    }),
    trace: traceUntil('ambiguity', problem),
  }
}

/** 401 without an error: nothing was presented that this route accepts, or it needs to know who asks. */
export function unauthenticated(
  { rule }: Hearing,
  reason: Unauthenticated['reason'],
): Unauthenticated {
  return {
    kind: 'unauthenticated',
    reason,
    challenges: rule.challenges.bare(),
    trace: traceUntil(reason === 'credential_missing' ? 'collect' : 'choose', reason),
  }
}

/** 401 with the error on the scheme that was used: the token is not good, or the proof that came with it. */
export function refusedCredential(
  hearing: Hearing,
  chosen: NamedVerifier,
  used: CredentialKind,
  { reason, claim, dpopNonce }: Pick<RefusedCredential, 'reason' | 'claim' | 'dpopNonce'>,
): InvalidToken | InvalidDpopProof | UseDpopNonce {
  const nonce = dpopNonce === undefined ? {} : { dpopNonce }
  const saying = (words: RefusalInWords) => hearing.rule.challenges.refused(chosen, used, words)
  if (isNonceRefusal(reason)) {
    const trace = traceUntil('verify', reason)
    return { kind: 'use_dpop_nonce', reason, challenges: saying(NONCE_NEEDED), trace, ...nonce }
  }
  if (isProofRefusal(reason)) {
    const trace = traceUntil('verify', reason, WITHOUT_POLICY.whole, claim)
    return {
      kind: 'invalid_dpop_proof',
      reason,
      challenges: saying(PROOF_INVALID),
      trace,
      ...nonce,
    }
  }
  return {
    kind: 'invalid_token',
    reason,
    challenges: saying(isExpiry(reason) ? EXPIRED : INVALID),
    trace: traceUntil(
      reason === 'revoked' ? 'revocation' : 'verify',
      reason,
      WITHOUT_POLICY.whole,
      claim,
    ),
  }
}

/** 503: our side's fault. */
export function unavailable(
  step: Step,
  reason: UnavailableReason,
  retryAfterSeconds: number | undefined,
  way: Way,
): Unavailable {
  return {
    kind: 'unavailable',
    reason,
    retryAfterSeconds: retrySeconds(retryAfterSeconds),
    trace: traceUntil(step, reason, way),
  }
}

/** 429: nothing is said of the credential, so there is no challenge. */
export function throttled({
  limit,
  retryAfterSeconds,
}: Pick<ThrottledAttempt, 'limit' | 'retryAfterSeconds'>): Throttled {
  const reason = `${limit}_throttled` as const
  return {
    kind: 'throttled',
    reason,
    retryAfterSeconds: retrySeconds(retryAfterSeconds),
    trace: traceUntil('verify', reason),
  }
}

/** A verifier of the application's own may say anything. */
function retrySeconds(given: number | undefined): number {
  return given !== undefined && Number.isFinite(given)
    ? Math.min(Math.max(1, Math.ceil(given)), MAX_RETRY_SECONDS)
    : DEFAULT_RETRY_SECONDS
}

/** 403 naming one whole alternative that would be enough. */
export function insufficientScope(
  hearing: Hearing,
  { verifier }: NamedVerifier,
  used: CredentialKind,
  grant: Grant,
  missing: readonly string[],
): InsufficientScope {
  return {
    kind: 'insufficient_scope',
    reason: 'scope_missing',
    missing,
    challenges: hearing.rule.challenges.compose({
      used: offersFor(verifier, used),
      error: 'insufficient_scope',
      scope: hearing.setup.scopes.challenge(hearing.rule.requirement, grant),
    }),
    trace: traceUntil('scopes', 'scope_missing'),
  }
}

/** 401 that asks for another login (RFC 9470 section 3). */
export function insufficientLogin(
  hearing: Hearing,
  { verifier }: NamedVerifier,
  used: CredentialKind,
  reason: InsufficientUserAuthentication['reason'],
): InsufficientUserAuthentication {
  const { acr = [], maxAgeSeconds = null } = hearing.rule.login ?? {}
  return {
    kind: 'insufficient_user_authentication',
    reason,
    challenges: hearing.rule.challenges.compose({
      used: offersFor(verifier, used),
      error: 'insufficient_user_authentication',
      errorDescription: 'A more recent or stronger login is needed',
      parameters: {
        ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }),
        ...(maxAgeSeconds === null ? {} : { max_age: String(maxAgeSeconds) }),
      },
    }),
    trace: traceUntil('login', reason),
  }
}

/** 403 without a challenge, or 404 if the rule or the policy hides. */
export function denied(
  step: Step,
  reason: Denied['reason'],
  hidden: boolean,
  way: Way,
  policy: PolicyVerdict | null = null,
): Denied {
  const trace = traceUntil(step, reason, way)
  return { kind: 'denied', reason, hidden, trace: policy === null ? trace : marked(trace, policy) }
}

/** 404. */
export function absent(way: Way): Absent {
  const reason = 'resource_absent'
  return { kind: 'absent', reason, trace: traceUntil('load', reason, way) }
}

/** The challenges of a gate's verifiers that read this kind of credential. */
function offersOfKind(verifiers: readonly NamedVerifier[], kind: CredentialKind): ChallengeOffer[] {
  return verifiers
    .filter(({ verifier: { recognises } }) =>
      kind === 'dpop'
        ? recognises.kind === 'bearer' && recognises.dpop === true
        : recognises.kind === kind,
    )
    .flatMap(({ verifier }) => offersFor(verifier, kind))
}

/** INVARIANT: one object for each, by which the challenges of a rule are kept. */
const NONCE_NEEDED: RefusalInWords = {
  error: 'use_dpop_nonce',
  errorDescription: 'The DPoP proof needs a nonce',
}
const PROOF_INVALID: RefusalInWords = {
  error: 'invalid_dpop_proof',
  errorDescription: 'The DPoP proof is not valid',
}
const EXPIRED: RefusalInWords = {
  error: 'invalid_token',
  errorDescription: 'The credential has expired',
}
const INVALID: RefusalInWords = {
  error: 'invalid_token',
  errorDescription: 'The credential is not valid',
}

const DEFAULT_RETRY_SECONDS = 5
/** A day. What is very large would not be written as a number of digits (RFC 9110 section 10.2.3). */
const MAX_RETRY_SECONDS = 86_400
