import type { CredentialKind } from '../credential/credential.js'
import type { ChallengeOffer, Verifier } from './verifier.js'

/** The challenges of a verifier, in its order. */
export function offersOf({ offer }: Verifier): readonly ChallengeOffer[] {
  return isList(offer) ? offer : [offer]
}

/**
 * Those challenges of a verifier that are for the scheme a client used: they carry the error. All of them, where the verifier
 * does not offer that scheme at all.
 *
 * @see RFC 9449 section 7.2
 */
export function offersFor(verifier: Verifier, used: CredentialKind): readonly ChallengeOffer[] {
  const offers = offersOf(verifier)
  const fitting = offers.filter(({ scheme }) => isDpop(scheme) === (used === 'dpop'))
  return fitting.length > 0 ? fitting : offers
}

function isDpop(scheme: string): boolean {
  return scheme.toLowerCase() === 'dpop'
}

/** As `Array.isArray`, which does not know of lists that are read-only. */
function isList(offer: Verifier['offer']): offer is readonly ChallengeOffer[] {
  return Array.isArray(offer)
}
