import type { PresentationProblem, Presented } from '../credential/credential.js'
import type { GateEvent, LeakedEvent, StaleEvent } from '../outcome/event.js'
import type { Outcome, PolicyVerdict } from '../outcome/outcome.js'
import { sha256Hex } from '../runtime/sha256.js'
import { tell } from '../shared/tell.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import type { UnavailableReason, Verification, VerificationContext } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'

/** Tells the operator what was decided. */
export function reportDecision(
  hearing: Hearing,
  outcome: Outcome,
  durationMilliseconds: number,
): void {
  report(hearing, {
    kind: 'decided',
    at: hearing.now,
    method: hearing.request.method,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : null,
    principal: outcome.kind === 'granted' ? outcome.principal.kind : null,
    policy: policyOf(hearing, outcome),
    durationMilliseconds,
    trace: outcome.trace,
  })
}

/** What was asked is known however early a request is refused; who asked, and for which resource, is not told. */
function policyOf({ rule: { question } }: Hearing, { trace }: Outcome): PolicyVerdict | null {
  if (question === null) return null
  const { action, type } = question
  const judged = trace.find(({ step }) => step === 'policy')?.policy
  return judged ?? { action, type, rule: null, version: null }
}

/** Tells the operator what a verifier found; an outage is told by {@link reportFailure}. */
export function reportVerification(
  hearing: Hearing,
  { name: verifier }: NamedVerifier,
  verification: Verification,
): void {
  if (hearing.setup.onEvent === null) return
  const { now: at } = hearing
  if (verification.kind === 'refused') {
    const { reason, claim = null } = verification
    report(hearing, { kind: 'refused', at, verifier, reason, claim })
  } else if (verification.kind === 'throttled') {
    const { limit, retryAfterSeconds } = verification
    report(hearing, { kind: 'throttled', at, verifier, limit, retryAfterSeconds })
  } else if (verification.kind === 'verified') {
    const { principal } = verification
    const { kind, issuer, credentialId } = principal
    const id = principal.kind === 'user' ? principal.subject : principal.applicationId
    report(hearing, {
      kind: 'verified',
      at,
      verifier,
      principal: { kind, issuer, id },
      credentialId,
    })
  }
}

/** What a verifier tells the operator with. */
export function reporterOf(
  hearing: Hearing,
  { name: verifier }: NamedVerifier,
): VerificationContext['report'] {
  if (hearing.setup.onEvent === null) return SILENT
  return (event) => report(hearing, { ...event, verifier })
}

/** Tells the operator that a credential has leaked, by its fingerprint. */
export function reportLeak(
  hearing: Hearing,
  { problem, leaked }: Extract<Presented, { readonly kind: 'problem' }>,
): void {
  const where = LEAKS.get(problem)
  if (hearing.setup.onEvent === null || where === undefined) return
  const fingerprint = leaked === undefined ? null : sha256Hex(leaked.reveal()).slice(0, 16)
  report(hearing, { kind: 'leaked', at: hearing.now, where, fingerprint })
}

/** Tells the operator what stood in the way of a judgement. */
export function reportFailure(hearing: Hearing, reason: UnavailableReason, cause: unknown): void {
  if (hearing.setup.onEvent === null) return
  report(hearing, { kind: 'failed', at: hearing.now, reason, cause })
}

/** Tells the operator, now and then, that requests were let in although the mirror of revocations is not current. */
export function reportStale(hearing: Hearing, freshness: StaleEvent['freshness']): void {
  const { onEvent, staleTally } = hearing.setup
  const accepted = onEvent === null ? null : staleTally.count()
  if (accepted === null) return
  report(hearing, { kind: 'revocation_stale', at: hearing.now, freshness, accepted })
}

function report({ setup }: Hearing, event: GateEvent): void {
  tell(setup.onEvent, event)
}

const LEAKS: ReadonlyMap<PresentationProblem, LeakedEvent['where']> = new Map([
  ['credential_in_url', 'url'],
  ['credential_over_cleartext', 'cleartext'],
])

const SILENT: VerificationContext['report'] = () => {}
