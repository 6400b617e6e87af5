import { memoryReplayStore } from '../../../src/lifecycle/replay/memory-replay-store.js'
import { createTestClock } from '../../../src/testing/test-clock.js'
import { createTestProver, type ProofOptions } from '../../../src/testing/test-prover.js'
import {
  judgeProof,
  type ProofSubject,
  type ProofVerdict,
} from '../../../src/verify/dpop/judge-proof.js'
import { type DpopOptions, senderConstraint } from '../../../src/verify/sender-constraint.js'
import { aView } from '../../support/views.js'

export const NOW = 1_800_000_000
export const clock = createTestClock(NOW)
export const prover = await createTestProver({ clock })
export const TOKEN = 'mF_9.B5f-4.1JqM'
export const URL = 'https://api.example.com/things?page=2'

/** What a constraint with these options judges proofs by. Each has a memory of its own. */
export function aPolicy(options: Partial<DpopOptions> = {}) {
  const { dpop } = senderConstraint({ dpop: { replay: memoryReplayStore(), ...options } })
  if (dpop === null) throw new Error('there is no DPoP')
  return dpop
}

/** `GET /things?page=2` with the token of the prover, where only the named details matter. */
export function aSubject(
  details: Partial<Omit<ProofSubject, 'request'>> & { method?: string; path?: string } = {},
): ProofSubject {
  const { method = 'GET', path = '/things?page=2', ...rest } = details
  return {
    request: aView({ method, url: path }),
    resource: 'https://api.example.com',
    token: TOKEN,
    keyThumbprint: prover.thumbprint,
    now: NOW,
    report: () => {},
    ...rest,
  }
}

export function aProof(options: Partial<ProofOptions> = {}): Promise<string> {
  return prover.proof({ url: URL, token: TOKEN, ...options })
}

/** What becomes of this proof at a fresh memory: `proven`, or the reason why not. */
export async function judged(
  field: string | null | Promise<string>,
  subject: ProofSubject = aSubject(),
  policy = aPolicy(),
): Promise<string> {
  return codeOf(await judgeProof(await field, subject, policy))
}

export function codeOf(verdict: ProofVerdict): string {
  if (verdict.kind === 'proven') return 'proven'
  return 'claim' in verdict ? `${verdict.reason} ${verdict.claim}` : verdict.reason
}
