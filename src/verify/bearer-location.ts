import type { Credential } from '../credential/credential.js'
import { ConfigurationError } from '../errors.js'
import type { SenderConstraint } from './sender-constraint.js'
import type { ChallengeOffer, Recognition } from './verifier.js'

/** Where a verifier of tokens finds its token: `Authorization: Bearer` or `DPoP`, or a cookie. */
export interface BearerLocation {
  readonly recognises: Recognition
  readonly offer: ChallengeOffer | readonly ChallengeOffer[]
  /** The token's text; null if the credential is another one. */
  textOf(credential: Credential): string | null
}

/**
 * The place that a verifier's options name. What DPoP or a certificate binds a token to is judged elsewhere; here it says
 * under which schemes a token may come.
 *
 * @throws ConfigurationError `option_invalid` for DPoP with a cookie, which has no scheme and so no place for proofs
 */
export function bearerLocation(
  format: 'jwt' | 'opaque',
  { cookie, realm, constraint }: LocationOptions,
): BearerLocation {
  const parameters = realm === undefined ? {} : { realm }
  const dpop = constraint?.dpop ?? null
  if (cookie === undefined) {
    return {
      recognises:
        dpop === null ? { kind: 'bearer', format } : { kind: 'bearer', format, dpop: true },
      offer: offersUnder(parameters, constraint),
      textOf: (credential) =>
        credential.kind === 'bearer' || (credential.kind === 'dpop' && dpop !== null)
          ? credential.token.reveal()
          : null,
    }
  }
  if (dpop !== null) {
    throw new ConfigurationError(
      'option_invalid',
      'A token in a cookie cannot come with a DPoP proof: leave out cookie, or use mtls alone.',
    )
  }
  return {
    recognises: { kind: 'cookie', name: cookie },
    offer: { scheme: 'Cookie', parameters: { ...parameters, 'cookie-name': cookie } },
    textOf: (credential) =>
      credential.kind === 'cookie' && credential.name === cookie ? credential.value.reveal() : null,
  }
}

export interface LocationOptions {
  /** The cookie's name; undefined for `Authorization`. */
  readonly cookie: string | undefined
  /** Shown in the challenge; undefined for the gate's. */
  readonly realm?: string | undefined
  readonly constraint: SenderConstraint | null
}

/** Bearer where a token may come without a proof, DPoP where one may come with it: both, without a word of preference. */
function offersUnder(
  parameters: Readonly<Record<string, string>>,
  constraint: SenderConstraint | null,
): BearerLocation['offer'] {
  const bearer = { scheme: 'Bearer', parameters }
  if (constraint === null || constraint.dpop === null) return bearer
  const algs = [...constraint.dpop.algorithms.keys()].join(' ')
  const dpop = { scheme: 'DPoP', parameters: { ...parameters, algs } }
  return constraint.mtls || constraint.acceptsUnbound ? [bearer, dpop] : dpop
}
