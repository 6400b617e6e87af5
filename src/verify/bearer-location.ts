import type { Credential } from '../credential/credential.js'
import type { ChallengeOffer, Recognition } from './verifier.js'

/** Where a verifier of tokens finds its token: `Authorization: Bearer`, or a cookie. */
export interface BearerLocation {
  readonly recognises: Recognition
  readonly offer: ChallengeOffer
  /** The token's text; null if the credential is another one. */
  textOf(credential: Credential): string | null
}

/**
 * The place that a verifier's options name.
 *
 * @param cookie the cookie's name; undefined for `Authorization`
 * @param realm shown in the challenge; undefined for the gate's
 */
export function bearerLocation(
  format: 'jwt' | 'opaque',
  cookie: string | undefined,
  realm?: string,
): BearerLocation {
  const parameters = realm === undefined ? {} : { realm }
  if (cookie === undefined) {
    return {
      recognises: { kind: 'bearer', format },
      offer: { scheme: 'Bearer', parameters },
      textOf: (credential) => (credential.kind === 'bearer' ? credential.token.reveal() : null),
    }
  }
  return {
    recognises: { kind: 'cookie', name: cookie },
    offer: { scheme: 'Cookie', parameters: { ...parameters, 'cookie-name': cookie } },
    textOf: (credential) =>
      credential.kind === 'cookie' && credential.name === cookie ? credential.value.reveal() : null,
  }
}
