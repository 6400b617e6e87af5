import { Buffer } from 'node:buffer'
import { randomBytes, randomUUID } from 'node:crypto'
import { importJWK, type JWK, jwtVerify } from 'jose'
import { type Algorithm, jwtBearer } from 'sallyport'
import {
  generateSigningKey,
  type PrivateJwk,
  type PublicJwk,
  type SecretJwk,
  signJwt,
} from 'sallyport/jwt'
import { GRANTED, gateOf, many, RESOURCE, type Scheme } from './scheme.js'

/** A scheme whose credentials can be spoilt. */
export interface JwtScheme extends Scheme {
  /** Values like the good ones, but with other claims, or with their text changed after signing. */
  spoilt(options: {
    readonly claims?: Readonly<Record<string, unknown>>
    readonly text?: (token: string) => string
  }): Promise<readonly Buffer[]>
}

/**
 * JWTs of the shape of RFC 9068. The bare work is jose's `jwtVerify`, asked for the same registered claims, with the
 * same key, which is imported once.
 */
export async function jwtScheme(algorithm: Algorithm): Promise<JwtScheme> {
  const [signing, verifying] = await keysFor(algorithm)
  const imported = await importJWK({ ...verifying } as JWK, algorithm) // the library made it: no member is undefined
  const expected = {
    issuer: ISSUER,
    audience: RESOURCE,
    algorithms: [algorithm],
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat'],
  }
  const spoilt: JwtScheme['spoilt'] = ({ claims = {}, text = (token) => token }) =>
    many(async () => {
      const token = await signJwt({ ...goodClaims(), ...claims }, { key: signing, type: 'at+jwt' })
      return `Bearer ${text(token)}`
    })
  const keys = { keys: [verifying] }
  return {
    gate: gateOf(jwtBearer({ issuer: ISSUER, audience: RESOURCE, algorithms: [algorithm], keys })),
    field: 'authorization',
    values: await spoilt({}),
    bare: (value) => jwtVerify(value.slice('Bearer '.length), imported, expected),
    spoilt,
  }
}

/** A new key of this algorithm, to sign with and to verify with. */
export async function keysFor(
  algorithm: Algorithm,
): Promise<readonly [PrivateJwk | SecretJwk, PublicJwk | SecretJwk]> {
  if (!algorithm.startsWith('HS')) {
    const { privateJwk, publicJwk } = await generateSigningKey(algorithm)
    return [privateJwk, publicJwk]
  }
  // Letters and digits: some peers take a secret as a text only.
  const k = Buffer.from(randomBytes(48).toString('base64url')).toString('base64url')
  const secret = { kty: 'oct', kid: 'secret-1', alg: algorithm, k } as const
  return [secret, secret]
}

/** Claims of the shape of RFC 9068, of another user and another token at each call. */
export function goodClaims(): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000)
  return {
    iss: ISSUER,
    aud: RESOURCE,
    sub: randomUUID(),
    client_id: 'web-app',
    scope: GRANTED.join(' '),
    iat: now - 10,
    exp: now + 900,
    jti: randomUUID(),
    auth_time: now - 60,
    acr: 'urn:example:gold',
    email: 'alice@example.com',
  }
}

/** Who issues the tokens. */
export const ISSUER = 'https://id.example.com'
