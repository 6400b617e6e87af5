import { Buffer } from 'node:buffer'
import {
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto'
import type { Jwk } from '../../../src/jwt/jwk.js'
import { segment } from '../../jwt/tokens.js'

/** Text, bytes or an object: whatever is to stand in a segment. */
export type Part = string | Uint8Array | object

/** Signs anything, rightly: made with node:crypto, so that it shares nothing with what it attacks. */
export interface Signer {
  readonly algorithm: 'ES256' | 'RS256' | 'HS256'
  /** The header of a good access token. */
  readonly header: { readonly alg: string; readonly kid: string; readonly typ: string }
  /** What a verifier needs: the public key, or for HMAC the secret. */
  readonly jwk: Jwk & { readonly kid: string }
  /** The public half, for those who have one. */
  readonly publicKey: KeyObject | null
  /** The claims of a good access token. */
  claims(): Claims
  /** A token with a right signature over whatever it is made of. A part that is left out is the good one. */
  token(parts?: { readonly header?: Part; readonly payload?: Part }): string
  /** The right signature of any text. */
  signature(input: string): string
}

export interface Claims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly client_id: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
}

export interface SignerOptions {
  readonly issuer: string
  readonly audience: string
  readonly now: () => number
  /** Told of each token and each key. */
  readonly onSecret?: (text: string) => void
}

export const SUBJECT = 'sub-of-the-attacked-user'

export function createSigner(
  algorithm: Signer['algorithm'],
  { issuer, audience, now, onSecret = () => {} }: SignerOptions,
): Signer {
  const { jwk, publicKey, signature, secrets } = KEY_MAKERS[algorithm]()
  const kid = `kid-${randomUUID()}`
  secrets.forEach(onSecret)
  const header = { alg: algorithm, kid, typ: 'at+jwt' }
  const claims = (): Claims => ({
    iss: issuer,
    aud: audience,
    sub: SUBJECT,
    client_id: 'client-of-the-attacked-user',
    iat: now(),
    exp: now() + 600,
    jti: randomUUID(),
  })
  return {
    algorithm,
    header,
    jwk: { ...jwk, kid, alg: algorithm },
    publicKey,
    claims,
    signature,
    token(parts = {}) {
      const input = `${segment(parts.header ?? header)}.${segment(parts.payload ?? claims())}`
      const token = `${input}.${signature(input)}`
      onSecret(token)
      return token
    },
  }
}

interface MadeKey {
  readonly jwk: Jwk
  readonly publicKey: KeyObject | null
  readonly signature: (input: string) => string
  readonly secrets: readonly string[]
}

const KEY_MAKERS: Readonly<Record<Signer['algorithm'], () => MadeKey>> = {
  HS256() {
    const secret = randomBytes(48)
    const k = secret.toString('base64url')
    return {
      jwk: { kty: 'oct', k },
      publicKey: null,
      signature: (input) => createHmac('sha256', secret).update(input).digest('base64url'),
      secrets: [k],
    }
  },
  ES256() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return pair(publicKey, privateKey, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  },
  RS256() {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return pair(publicKey, privateKey, { key: privateKey })
  },
}

function pair(
  publicKey: KeyObject,
  privateKey: KeyObject,
  signing: { readonly key: KeyObject; readonly dsaEncoding?: 'ieee-p1363' },
): MadeKey {
  return {
    jwk: publicKey.export({ format: 'jwk' }) as Jwk, // node's own type leaves every member open
    publicKey,
    signature: (input) => sign('sha256', Buffer.from(input), signing).toString('base64url'),
    secrets: [String(privateKey.export({ format: 'jwk' }).d)],
  }
}
