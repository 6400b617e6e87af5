import { sha256 } from '@noble/hashes/sha2.js'
import type { Presented } from '../credential/credential.js'
import type { GateEvent } from '../outcome/event.js'
import type { Outcome } from '../outcome/outcome.js'
import { hex, utf8Bytes } from '../shared/bytes.js'
import type { UnavailableReason } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'

/** Tells the operator what was decided. */
export function reportDecision(hearing: Hearing, outcome: Outcome): void {
  if (hearing.setup.onEvent === null) return
  report(hearing, {
    kind: 'decided',
    at: hearing.now,
    method: hearing.request.method,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : null,
    principal: outcome.kind === 'granted' ? outcome.principal.kind : null,
    trace: outcome.trace,
  })
}

/** Tells the operator that a credential has leaked, by its fingerprint. */
export function reportLeak(
  hearing: Hearing,
  { problem, leaked }: Extract<Presented, { readonly kind: 'problem' }>,
): void {
  if (hearing.setup.onEvent === null || leaked === undefined) return
  report(hearing, {
    kind: 'leaked',
    at: hearing.now,
    where: problem === 'credential_in_url' ? 'url' : 'cleartext',
    fingerprint: hex(sha256(utf8Bytes(leaked.reveal()))).slice(0, 16),
  })
}

/** Tells the operator what stood in the way of a judgement. */
export function reportFailure(hearing: Hearing, reason: UnavailableReason, cause: unknown): void {
  if (hearing.setup.onEvent === null) return
  report(hearing, { kind: 'failed', at: hearing.now, reason, cause })
}

function report({ setup }: Hearing, event: GateEvent): void {
  try {
    setup.onEvent?.(event)
  } catch {
    // A listener's fault must not change an answer.
  }
}
