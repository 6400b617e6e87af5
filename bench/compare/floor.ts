import { Buffer } from 'node:buffer'
import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto'
import { ISSUER } from '../jwt-scheme.js'
import type { PeerAlgorithm } from '../names.js'
import { RESOURCE } from '../scheme.js'
import type { Signed } from './tokens.js'

/**
 * The least that can be called a check, by `node:crypto`, synchronously: algorithm, signature, issuer, audience, expiry
 * and not-before, and nothing of what makes a check safe against other people's tokens.
 *
 * @returns whether the token is good; throws for much of what is not even a token
 */
export function floorOf({ algorithm, keyObject }: Signed): (token: string) => boolean {
  const isGenuine = SIGNATURES[algorithm]
  return (token) => {
    const [header = '', payload = '', signature = ''] = token.split('.')
    if (read(header)['alg'] !== algorithm) return false
    const signed = Buffer.from(token.slice(0, header.length + 1 + payload.length), 'latin1')
    if (!isGenuine(signed, keyObject, Buffer.from(signature, 'base64url'))) return false
    const { iss, aud, exp, nbf = 0 } = read(payload)
    const now = Date.now() / 1000
    return iss === ISSUER && aud === RESOURCE && Number(exp) > now && Number(nbf) <= now
  }
}

function read(segment: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(segment, 'base64url').toString())
}

type Genuine = (signed: Buffer, key: Signed['keyObject'], signature: Buffer) => boolean

const SIGNATURES: Readonly<Record<PeerAlgorithm, Genuine>> = {
  HS256(signed, key, signature) {
    const expected = createHmac('sha256', key).update(signed).digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  },
  RS256: (signed, key, signature) => verify('sha256', signed, key, signature),
  PS256: (signed, key, signature) =>
    verify(
      'sha256',
      signed,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
      signature,
    ),
  ES256: (signed, key, signature) =>
    verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature),
  EdDSA: (signed, key, signature) => verify(null, signed, key, signature),
}
