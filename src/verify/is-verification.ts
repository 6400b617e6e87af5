import { isQuotable } from '../shared/quotable.js'
import type { Verification } from './verifier.js'

/**
 * Whether a verifier's answer is one. Verifiers can be the application's own, and an answer of a kind that nobody knows
 * must not count as proof. A principal's type is sealed, so only its kind and its grant are looked at.
 */
export function isVerification(answer: unknown): answer is Verification {
  if (!isObject(answer) || !isNonce(answer['dpopNonce'])) return false
  switch (answer['kind']) {
    case 'verified': {
      const { principal } = answer
      if (!isObject(principal) || !PRINCIPAL_KINDS.has(principal['kind'])) return false
      const { grant } = principal
      return isObject(grant) && grant['covered'] instanceof Set
    }
    case 'refused':
    case 'unavailable':
      return typeof answer['reason'] === 'string'
    case 'throttled':
      return LIMITS.has(answer['limit']) && Number.isFinite(answer['retryAfterSeconds'])
    default:
      return false
  }
}

/** It goes into a field of the answer as it is. */
function isNonce(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && isQuotable(value))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

const LIMITS: ReadonlySet<unknown> = new Set(['source', 'account_and_source', 'account'])
const PRINCIPAL_KINDS: ReadonlySet<unknown> = new Set(['user', 'application'])
