import { CompactSign, importJWK, type JWK } from 'jose'
import type { Algorithm } from '../jwt/algorithms.js'
import type { Jwk } from '../jwt/jwk.js'
import { generateSigningKey } from '../jwt/sign-jwt.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { randomBytes } from '../runtime/random.js'
import { sha256Base64url } from '../runtime/sha256.js'
import { encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'

/** What a DPoP proof says. */
export interface ProofOptions {
  /** `GET` by default. */
  readonly method?: string
  /** As the client calls it: the public URL. A query and fragment are left out of the proof. */
  readonly url: string
  /** The access token that the proof goes with; none by default, as at a token endpoint. */
  readonly token?: string
  /** What the server gave in `DPoP-Nonce`. */
  readonly nonce?: string
  /** Claims to add or to override, of any type; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Header members to add or to override. */
  readonly header?: Readonly<Record<string, unknown>>
}

/** A client that holds a DPoP key. */
export interface TestProver {
  /** What a token's `cnf.jkt` must be: `issuer.token({ claims: { cnf: { jkt: prover.thumbprint } } })`. */
  readonly thumbprint: string
  /** The public key, as it stands in the header of proofs. */
  readonly publicJwk: Jwk
  /** A rightly signed proof, for one request. */
  proof(options: ProofOptions): Promise<string>
}

/**
 * A client for tests, with a DPoP key made on the spot.
 *
 * @param options.clock the clock of the gate under test; the machine's by default
 * @see RFC 9449 section 4.2
 */
export async function createTestProver(
  options: { readonly algorithm?: Algorithm; readonly clock?: Clock } = {},
): Promise<TestProver> {
  const { algorithm = DEFAULT_ALGORITHM, clock = systemClock } = options
  const { publicJwk, privateJwk } = await generateSigningKey(algorithm)
  const { kid: thumbprint, alg: _, use: __, ...jwk } = publicJwk
  const key = await importJWK({ ...privateJwk } as JWK, algorithm)
  return {
    thumbprint,
    publicJwk: jwk,
    proof({ method = 'GET', url, token, nonce, claims, header }) {
      const payload = {
        jti: encodeBase64url(randomBytes(16)),
        htm: method,
        htu: url.replace(/[?#].*$/s, ''),
        iat: clock.now(),
        ...(token === undefined ? {} : { ath: sha256Base64url(token) }),
        ...(nonce === undefined ? {} : { nonce }),
        ...claims,
      }
      return new CompactSign(utf8Bytes(JSON.stringify(payload)))
        .setProtectedHeader({ typ: 'dpop+jwt', alg: algorithm, jwk: { ...jwk } as JWK, ...header })
        .sign(key)
    },
  }
}

const DEFAULT_ALGORITHM: Algorithm = 'ES256'
