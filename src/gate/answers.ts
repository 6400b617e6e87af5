import type { CredentialKind, PresentationProblem } from '../credential/credential.js'
import { type Challenge, type ChallengeDetails, composeChallenges } from '../outcome/challenge.js'
import {
  type Absent,
  type Denied,
  type Granted,
  type InsufficientScope,
  type InsufficientUserAuthentication,
  type InvalidDpopProof,
  type InvalidRequest,
  type InvalidToken,
  type Preflight,
  STEPS,
  type Step,
  type TraceStep,
  type Unauthenticated,
  type Unavailable,
  type UseDpopNonce,
} from '../outcome/outcome.js'
import type { Principal } from '../principal/principal.js'
import type { Grant } from '../scope/grant.js'
import { isNonceRefusal, isProofRefusal } from '../verify/binding-refusal.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import { offersFor, offersOf } from '../verify/offers.js'
import { isExpiry } from '../verify/refused.js'
import type { ChallengeOffer, UnavailableReason, Verification } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'

/** The steps that a request takes: all of them, or those that are left where no credential is looked at. */
export type Way = readonly Step[]

/** Both doors passed. */
export function granted(
  principal: Principal,
  resource: unknown,
  way: Way,
  dpopNonce: string | undefined,
): Granted {
  const trace = way === STEPS ? FULL_TRACE : way.map(passed)
  return dpopNonce === undefined
    ? { kind: 'granted', principal, resource, trace }
    : { kind: 'granted', principal, resource, dpopNonce, trace }
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
    challenges: challenges(hearing, {
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
    challenges: rule.bareChallenges(),
    trace: traceUntil(reason === 'credential_missing' ? 'collect' : 'choose', reason),
  }
}

/** 401 with the error on the scheme that was used: the token is not good, or the proof that came with it. */
export function refusedCredential(
  hearing: Hearing,
  chosen: NamedVerifier,
  used: CredentialKind,
  { reason, claim, dpopNonce }: Pick<Refused, 'reason' | 'claim' | 'dpopNonce'>,
): InvalidToken | InvalidDpopProof | UseDpopNonce {
  const nonce = dpopNonce === undefined ? {} : { dpopNonce }
  if (isNonceRefusal(reason)) {
    const error = 'use_dpop_nonce'
    const challenges = unauthorized(hearing, chosen, used, error, 'The DPoP proof needs a nonce')
    return { kind: error, reason, challenges, trace: traceUntil('verify', reason), ...nonce }
  }
  if (isProofRefusal(reason)) {
    const error = 'invalid_dpop_proof'
    const challenges = unauthorized(hearing, chosen, used, error, 'The DPoP proof is not valid')
    const trace = traceUntil('verify', reason, STEPS, claim)
    return { kind: error, reason, challenges, trace, ...nonce }
  }
  const description = isExpiry(reason)
    ? 'The credential has expired'
    : 'The credential is not valid'
  return {
    kind: 'invalid_token',
    reason,
    challenges: unauthorized(hearing, chosen, used, 'invalid_token', description),
    trace: traceUntil(reason === 'revoked' ? 'revocation' : 'verify', reason, STEPS, claim),
  }
}

function unauthorized(
  hearing: Hearing,
  { verifier }: NamedVerifier,
  used: CredentialKind,
  error: string,
  errorDescription: string,
): readonly Challenge[] {
  return challenges(hearing, {
    used: offersFor(verifier, used),
    error,
    errorDescription,
    scope: hearing.setup.scopes.challenge(hearing.rule.requirement),
  })
}

/** 503: our side's fault. */
export function unavailable(
  step: Step,
  reason: UnavailableReason,
  retryAfterSeconds: number | undefined,
  way: Way,
): Unavailable {
  // A verifier of the application's own may say anything.
  const isUsable = retryAfterSeconds !== undefined && Number.isFinite(retryAfterSeconds)
  return {
    kind: 'unavailable',
    reason,
    retryAfterSeconds: isUsable ? Math.max(1, Math.ceil(retryAfterSeconds)) : DEFAULT_RETRY_SECONDS,
    trace: traceUntil(step, reason, way),
  }
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
    challenges: challenges(hearing, {
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
    challenges: challenges(hearing, {
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

/** 403 without a challenge, or 404 if the rule hides. */
export function denied(reason: Denied['reason'], hidden: boolean, way: Way): Denied {
  const step = reason === 'cross_site_request' ? 'csrf' : 'allow'
  return { kind: 'denied', reason, hidden, trace: traceUntil(step, reason, way) }
}

/** 404. */
export function absent(way: Way): Absent {
  const reason = 'resource_absent'
  return { kind: 'absent', reason, trace: traceUntil('load', reason, way) }
}

/** The steps of the way in order, all passed but the last, which ended with this code. */
function traceUntil(
  step: Step,
  code: string,
  way: Way = STEPS,
  claim?: string,
): readonly TraceStep[] {
  const last = claim === undefined ? { step, code } : { step, code, claim }
  return [...way.slice(0, way.indexOf(step)).map(passed), last]
}

function passed(step: Step): TraceStep {
  return { step, code: 'passed' }
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

function challenges(
  { setup, rule }: Hearing,
  details: Omit<ChallengeDetails, 'realm'>,
): readonly Challenge[] {
  const offers = rule.accepted.flatMap(({ verifier }) => offersOf(verifier))
  return composeChallenges(offers, {
    realm: setup.realm,
    resourceMetadata: setup.metadata.url,
    ...details,
  })
}

/** The trace of a request that passed both doors. */
const FULL_TRACE: readonly TraceStep[] = Object.freeze(STEPS.map(passed))

type Refused = Extract<Verification, { readonly kind: 'refused' }>

const DEFAULT_RETRY_SECONDS = 5
