import { Buffer } from 'node:buffer'
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { importJWK, type JWK } from 'jose'
import { type JwkSet, signJwt } from 'sallyport/jwt'
import { goodClaims, keysFor } from '../jwt-scheme.js'
import type { PeerAlgorithm } from '../names.js'

/** One key, in each form that a contender wants it in, and tokens that it has signed. */
export interface Signed {
  readonly algorithm: PeerAlgorithm
  /** As jose and hono take it, imported once. */
  readonly cryptoKey: CryptoKey
  /** As jsonwebtoken and the floor take it, made once. */
  readonly keyObject: KeyObject
  /** As fast-jwt takes it: a PEM, or the bytes of a secret. */
  readonly encoded: string | Buffer
  /** As we take it, and aws-jwt-verify. */
  readonly jwks: JwkSet
  /** Values of `Authorization` with good tokens, all different, as they come from a socket. */
  readonly values: readonly Buffer[]
  /** Signs another token: with these claims besides the good ones. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>
}

/** Makes a key and signs so many tokens of the shape of RFC 9068 with it. */
export async function signTokens(algorithm: PeerAlgorithm, count = TOKENS): Promise<Signed> {
  const [signing, verifying] = await keysFor(algorithm)
  const sign: Signed['sign'] = (claims) =>
    signJwt({ ...goodClaims(), ...claims }, { key: signing, type: 'at+jwt' })
  const values: Buffer[] = []
  while (values.length < count) values.push(bearerValue(await sign({})))
  return {
    ...(await formsOf({ ...verifying } as JWK)),
    algorithm,
    jwks: { keys: [verifying] },
    values,
    sign,
  }
}

/** The library made this key: no member of it is undefined. */
async function formsOf(jwk: JWK): Promise<Pick<Signed, 'cryptoKey' | 'keyObject' | 'encoded'>> {
  const imported = await importJWK(jwk)
  if (imported instanceof Uint8Array) {
    const hmac = { name: 'HMAC', hash: 'SHA-256' }
    const secret = Buffer.from(imported)
    const cryptoKey = await crypto.subtle.importKey('raw', secret, hmac, false, ['verify'])
    return { cryptoKey, keyObject: createSecretKey(secret), encoded: secret }
  }
  const keyObject = createPublicKey({ key: jwk, format: 'jwk' })
  const encoded = keyObject.export({ type: 'spki', format: 'pem' })
  return { cryptoKey: imported, keyObject, encoded }
}

/** What a request carries a token in. */
export function bearerValue(token: string): Buffer {
  return Buffer.from(`Bearer ${token}`, 'latin1')
}

/** The token in such a value, as each contender has to take it out. */
export function tokenIn(value: string): string {
  return value.slice('Bearer '.length)
}

/** A new string at each call, as a request brings one: neither its identity nor its hash is known to the runtime. */
export function inTurn(values: readonly Buffer[]): () => string {
  let turn = 0
  return () => values[turn++ % values.length]?.toString('latin1') ?? ''
}

/** More than fit where a runtime or a processor keeps its last values. */
export const TOKENS = 1_024
