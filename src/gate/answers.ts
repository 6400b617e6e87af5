import type { Credential, CredentialKind, PresentationProblem } from '../credential/credential.js'
import { type ChallengeDetails, composeChallenges } from '../outcome/challenge.js'
import type {
  Absent,
  Denied,
  Granted,
  InsufficientScope,
  InsufficientUserAuthentication,
  InvalidRequest,
  InvalidToken,
  Preflight,
  TraceStep,
  Unauthenticated,
  Unavailable,
} from '../outcome/outcome.js'
import type { Principal } from '../principal/principal.js'
import type { Grant } from '../scope/grant.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import type { RefusalReason, UnavailableReason } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'

/** Both doors passed. */
export function granted(principal: Principal, resource: unknown): Granted {
  return { kind: 'granted', principal, resource, trace: FULL_TRACE }
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
  const schemes = used.flatMap((kind) => schemesOf(hearing.setup.verifiers, kind))
  return {
    kind: 'invalid_request',
    reason: problem,
    challenges: challenges(hearing, { used: new Set(schemes), error: 'invalid_request' }),
    trace: traceUntil('ambiguity', problem),
  }
}

/** 401 without an error: nothing was presented that this route accepts. */
export function unauthenticated(
  { rule }: Hearing,
  reason: Unauthenticated['reason'],
): Unauthenticated {
  return {
    kind: 'unauthenticated',
    reason,
    challenges: rule.bareChallenges,
    trace: traceUntil(reason === 'credential_missing' ? 'collect' : 'choose', reason),
  }
}

/** 401 with the error on the scheme of the verifier that judged. */
export function invalidToken(
  hearing: Hearing,
  { verifier }: NamedVerifier,
  reason: RefusalReason,
): InvalidToken {
  return {
    kind: 'invalid_token',
    reason,
    challenges: challenges(hearing, {
      used: new Set([verifier.offer.scheme]),
      error: 'invalid_token',
      errorDescription: EXPIRED.has(reason)
        ? 'The credential has expired'
        : 'The credential is not valid',
      scope: hearing.setup.scopes.challenge(hearing.rule.requirement),
    }),
    trace: traceUntil(reason === 'revoked' ? 'revocation' : 'verify', reason),
  }
}

/** 503: our side's fault. */
export function unavailable(
  step: TraceStep['step'],
  reason: UnavailableReason,
  retryAfterSeconds: number = DEFAULT_RETRY_SECONDS,
): Unavailable {
  return {
    kind: 'unavailable',
    reason,
    retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
    trace: traceUntil(step, reason),
  }
}

/** 403 naming one whole alternative that would be enough. */
export function insufficientScope(
  hearing: Hearing,
  { verifier }: NamedVerifier,
  grant: Grant,
  missing: readonly string[],
): InsufficientScope {
  return {
    kind: 'insufficient_scope',
    reason: 'scope_missing',
    missing,
    challenges: challenges(hearing, {
      used: new Set([verifier.offer.scheme]),
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
  reason: InsufficientUserAuthentication['reason'],
): InsufficientUserAuthentication {
  const { acr = [], maxAgeSeconds = null } = hearing.rule.login ?? {}
  return {
    kind: 'insufficient_user_authentication',
    reason,
    challenges: challenges(hearing, {
      used: new Set([verifier.offer.scheme]),
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
export function denied(reason: Denied['reason'], hidden: boolean): Denied {
  const step = reason === 'cross_site_request' ? 'csrf' : 'allow'
  return { kind: 'denied', reason, hidden, trace: traceUntil(step, reason) }
}

/** 404. */
export function absent(): Absent {
  return { kind: 'absent', reason: 'resource_absent', trace: traceUntil('load', 'resource_absent') }
}

/** The steps of the gate in order, all passed but the last, which ended with this code. */
function traceUntil(step: TraceStep['step'], code: string): readonly TraceStep[] {
  return [...STEPS.slice(0, STEPS.indexOf(step)).map(passed), { step, code }]
}

/** The schemes of a gate's verifiers that read this kind of credential. */
function schemesOf(verifiers: readonly NamedVerifier[], kind: Credential['kind']): string[] {
  return verifiers
    .filter(({ verifier }) => verifier.recognises.kind === kind)
    .map(({ verifier }) => verifier.offer.scheme)
}

function challenges(
  { setup, rule }: Hearing,
  details: Omit<ChallengeDetails, 'realm'>,
): InvalidToken['challenges'] {
  const offers = rule.accepted.map(({ verifier }) => verifier.offer)
  return composeChallenges(offers, { realm: setup.realm, ...details })
}

function passed(step: TraceStep['step']): TraceStep {
  return { step, code: 'passed' }
}

const STEPS: readonly TraceStep['step'][] = [
  'collect',
  'ambiguity',
  'choose',
  'verify',
  'revocation',
  'csrf',
  'scopes',
  'login',
  'load',
  'allow',
]

/** The trace of a request that passed both doors. */
const FULL_TRACE: readonly TraceStep[] = Object.freeze(STEPS.map(passed))

const EXPIRED: ReadonlySet<RefusalReason> = new Set(['token_expired', 'api_key_expired'])

const DEFAULT_RETRY_SECONDS = 5
