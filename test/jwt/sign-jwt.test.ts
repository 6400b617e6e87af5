import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import type { PrivateJwk } from '../../src/jwt/jwk.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { AUDIENCE, CLAIMS, ISSUER, NOW } from './tokens.js'

const { privateJwk, publicJwk } = await generateSigningKey('ES256')
const sign = (claims: object, key: object = privateJwk, type = 'at+jwt') =>
  // Some of these keys are wrong on purpose.
  signJwt({ ...claims }, { key: key as PrivateJwk, type })
const configuration = (code: string) =>
  expect.objectContaining({ name: 'ConfigurationError', code })

describe('generateSigningKey', () => {
  it.each(['ES256', 'ES384', 'ES512', 'PS256', 'RS512', 'Ed25519', 'EdDSA'] as const)(
    'makes a key for %s that is named by its thumbprint',
    async (name) => {
      const pair = await generateSigningKey(name)
      expect(pair.publicJwk).toMatchObject({ alg: name, use: 'sig' })
      // jose lists the key types by name; ours are plain strings.
      const jwk = pair.publicJwk as Parameters<typeof calculateJwkThumbprint>[0]
      expect(pair.publicJwk.kid).toBe(await calculateJwkThumbprint(jwk))
      expect(pair.privateJwk.kid).toBe(pair.publicJwk.kid)
      expect(pair.publicJwk).not.toHaveProperty('d')
      expect(pair.privateJwk.d).toMatch(/^[\w-]+$/)
    },
  )

  it('makes none for HMAC, which has no public key, nor for what is not in the table', async () => {
    await expect(generateSigningKey('HS256')).rejects.toThrow(configuration('option_invalid'))
    await expect(generateSigningKey('none' as Algorithm)).rejects.toThrow(
      configuration('algorithm_unknown'),
    )
  })

  it('makes another key each time', async () => {
    expect((await generateSigningKey('ES256')).publicJwk.kid).not.toBe(publicJwk.kid)
  })
})

describe('signJwt', () => {
  it('names algorithm, key and kind in the header and adds nothing to the claims', async () => {
    const token = await sign(CLAIMS)
    expect(decodeProtectedHeader(token)).toEqual({
      alg: 'ES256',
      kid: privateJwk.kid,
      typ: 'at+jwt',
    })
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toEqual(
      CLAIMS,
    )
  })

  it('signs with a shared secret too', async () => {
    const key = {
      kty: 'oct',
      k: randomBytes(32).toString('base64url'),
      alg: 'HS256',
      kid: 's',
    } as const
    const verifier = createJwtVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      keys: { keys: [key] },
    })
    expect(await verifier.verify(await sign(CLAIMS, key), NOW)).toMatchObject({ kind: 'verified' })
  })

  it.each([undefined, null, '1767225600', Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses claims whose exp is %j',
    async (exp) => {
      await expect(sign({ ...CLAIMS, exp })).rejects.toThrow(configuration('option_invalid'))
    },
  )

  it.each([
    ['a claim that is not JSON', { n: 1n }],
    ['too many claims', { pad: 'x'.repeat(8_192) }],
    ['claims too deep', { deep: JSON.parse('['.repeat(16) + ']'.repeat(16)) }],
  ])('refuses %s', async (_, more) => {
    await expect(sign({ ...CLAIMS, ...more })).rejects.toThrow(configuration('option_invalid'))
  })

  it.each(['', ' ', 'text/plain', 'at+jwt\r\n'])('refuses the kind %j', async (type) => {
    await expect(sign(CLAIMS, privateJwk, type)).rejects.toThrow(configuration('option_invalid'))
  })

  it.each([
    ['without an alg', { ...privateJwk, alg: undefined }, 'algorithm_unknown'],
    ['for none', { ...privateJwk, alg: 'none' }, 'algorithm_unknown'],
    ['that is null', null, 'algorithm_unknown'],
    ['without a kid', { ...privateJwk, kid: undefined }, 'key_invalid'],
    ['without its private half', publicJwk, 'key_invalid'],
    ['for something else', { ...privateJwk, use: 'enc' }, 'key_invalid'],
    ['whose halves do not fit', { ...privateJwk, d: 'AAAA' }, 'key_invalid'],
    ['whose point is on no curve', { ...privateJwk, y: privateJwk.x }, 'key_invalid'],
    ['that is a short secret', { kty: 'oct', alg: 'HS256', kid: 'k', k: 'c2hvcnQ' }, 'key_invalid'],
  ])('refuses a key %s', async (_, key, code) => {
    await expect(signJwt(CLAIMS, { key: key as PrivateJwk, type: 'at+jwt' })).rejects.toThrow(
      configuration(code),
    )
  })

  it('reads a key once, so that it stays what was vetted', async () => {
    const { privateJwk: fresh } = await generateSigningKey('ES256')
    const key = { ...fresh }
    const first = await sign(CLAIMS, key)
    Object.assign(key, { kid: 'other' })
    expect(decodeProtectedHeader(await sign(CLAIMS, key))).toEqual(decodeProtectedHeader(first))
  })
})
