import { isReading } from '../credential/reading.js'
import { acceptsLag } from '../policy/route/revocation-lag.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import type { UnjudgedCredential } from '../verify/verifier.js'
import type { RevocationMirror } from './checked-options.js'
import type { Hearing } from './hearing.js'
import { reportStale } from './report.js'

/** Asks the mirror of revocations, which can be the application's own. Never throws. */
export function judgeRevocation(
  hearing: Hearing,
  principal: IdentifiedPrincipal,
): 'standing' | 'revoked' | Omit<UnjudgedCredential, 'kind'> {
  const { revocation } = hearing.setup
  if (revocation === null) return 'standing'
  try {
    const revoked: unknown = revocation.isRevoked(principal, hearing.now)
    // What is known to be revoked is refused, however little else is known.
    if (revoked === true) return 'revoked'
    return revoked === false ? judgeFreshness(hearing, revocation) : noAnswer(revoked)
  } catch (cause) {
    return { reason: 'revocation_unavailable', cause }
  }
}

/** Whether the mirror knows enough to say that a credential still stands, or the route does with less. */
function judgeFreshness(
  hearing: Hearing,
  revocation: RevocationMirror,
): 'standing' | Omit<UnjudgedCredential, 'kind'> {
  if (revocation.freshness === undefined) return 'standing'
  const freshness: unknown = revocation.freshness(hearing.now)
  if (freshness === 'current') return 'standing'
  if (freshness !== 'lagging' && freshness !== 'empty') return noAnswer(freshness)
  const { rule, request } = hearing
  if (!acceptsLag(rule.revocationLag, freshness, isReading(request))) {
    return { reason: 'revocation_stale' }
  }
  reportStale(hearing, freshness)
  return 'standing'
}

/** A mirror answers from memory: a promise, or nothing at all, does not say that the credential still stands. */
function noAnswer(answer: unknown): Omit<UnjudgedCredential, 'kind'> {
  Promise.resolve(answer).catch(() => {})
  return { reason: 'revocation_unavailable' }
}
