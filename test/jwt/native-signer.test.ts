import { randomBytes } from 'node:crypto'
import { compactVerify, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { algorithm, everyAlgorithm } from '../../src/jwt/algorithms.js'
import type { PrivateJwk, PublicJwk, SecretJwk } from '../../src/jwt/jwk.js'
import { nativeSigner } from '../../src/jwt/native-signer.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { withoutNode } from '../support/without-node.js'
import { CLAIMS } from './tokens.js'

/** A key to sign with, and one to verify with. */
async function aKey(
  name: string,
): Promise<readonly [PrivateJwk | SecretJwk, PublicJwk | SecretJwk]> {
  const entry = algorithm(name)
  if (entry?.family === 'hmac') {
    const k = randomBytes(entry.hashBytes).toString('base64url')
    const secret = { kty: 'oct', alg: name, kid: 'secret', k } as const
    return [secret, secret]
  }
  const { privateJwk, publicJwk } = await generateSigningKey(entry?.name ?? 'ES256')
  return [privateJwk, publicJwk]
}

async function isGood(token: string, key: PublicJwk | SecretJwk): Promise<boolean> {
  // jose lists the members of keys by name; ours are plain strings.
  const imported = await importJWK(key as Parameters<typeof importJWK>[0], key.alg)
  return compactVerify(token, imported).then(
    () => true,
    () => false,
  )
}

describe('signing by the runtime itself', () => {
  it.each(everyAlgorithm().map(({ name }) => name))(
    'makes tokens for %s that jose verifies',
    async (name) => {
      const [key, verifying] = await aKey(name)
      // Numbers of an ECDSA signature that begin with zeros come once in 128 times.
      for (let count = 0; count < (name === 'ES256' ? 400 : 5); count++) {
        const token = await signJwt({ ...CLAIMS, count }, { key, type: 'at+jwt' })
        expect(await isGood(token, verifying)).toBe(true)
      }
    },
  )

  it.each(['HS256', 'HS384', 'HS512', 'Ed25519', 'EdDSA'])(
    'makes the very token for %s that jose makes',
    async (name) => {
      const [key] = await aKey(name)
      const native = await signJwt(CLAIMS, { key, type: 'at+jwt' })
      const portable = await withoutNode(() => signJwt(CLAIMS, { key: { ...key }, type: 'at+jwt' }))
      expect(native).toBe(portable)
    },
  )

  it.each(everyAlgorithm())('is used for what takes no longer than a hop: $name', async (entry) => {
    const [{ kid, alg, use, ...material }] = await aKey(entry.name)
    const members = Object.fromEntries(
      Object.entries(material).map(([name, value]) => [name, String(value)]),
    )
    const quick = /^(?:HS\d+|ES256|Ed25519|EdDSA)$/.test(entry.name)
    expect(nativeSigner(entry, members) !== null).toBe(quick)
    expect(await withoutNode(async () => nativeSigner(entry, members))).toBeNull()
  })

  it('is left to jose where the runtime does not take the key', () => {
    const entry = algorithm('ES256') ?? expect.fail()
    expect(nativeSigner(entry, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' })).toBeNull()
  })
})
