import type { IdentifiedPrincipal } from '../principal/principal.js'
import type { UnjudgedCredential } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'

/** Asks the mirror of revocations, which can be the application's own. Never throws. */
export function judgeRevocation(
  { setup, now }: Hearing,
  principal: IdentifiedPrincipal,
): 'standing' | 'revoked' | Omit<UnjudgedCredential, 'kind'> {
  if (setup.revocation === null) return 'standing'
  try {
    const revoked: unknown = setup.revocation.isRevoked(principal, now)
    if (revoked === false) return 'standing'
    if (revoked === true) return 'revoked'
    // A mirror answers from memory: a promise, or nothing at all, does not say that the credential still stands.
    Promise.resolve(revoked).catch(() => {})
    return { reason: 'revocation_unavailable' }
  } catch (cause) {
    return { reason: 'revocation_unavailable', cause }
  }
}
