import { Buffer } from 'node:buffer'
import nodeCrypto from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { type Algorithm, algorithm } from '../../src/jwt/algorithms.js'
import { parseJws } from '../../src/jwt/compact.js'
import { verificationKey } from '../../src/jwt/keys.js'
import { type NativeKey, nativeKey } from '../../src/jwt/native-key.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { verifySignature } from '../../src/jwt/verify-signature.js'
import { type NodeSignatures, nodeSignatures } from '../../src/runtime/node-signatures.js'
import { withoutNode } from '../support/without-node.js'
import { macToken, SECRET_KEY } from './tokens.js'

const node = nodeSignatures() ?? expect.fail()
const entryOf = (name: Algorithm) => algorithm(name) ?? expect.fail()

/** Node's crypto, but for what this runtime does in its own way. */
const runtime = (ways: Partial<NodeSignatures>): NodeSignatures => ({
  createSecretKey: (secret) => node.createSecretKey(secret),
  createPublicKey: (input) => node.createPublicKey(input),
  createHmac: (hash, key) => node.createHmac(hash, key),
  // Both overloads: what is passed on fits the one that was called.
  verify: ((...parameters: unknown[]) =>
    Reflect.apply(node.verify, node, parameters)) as NodeSignatures['verify'],
  ...ways,
})

const throws = (): never => {
  throw new Error('not implemented')
}

async function signed(name: Algorithm) {
  const { privateJwk, publicJwk } = await generateSigningKey(name)
  const parsed = parseJws(await signJwt({ exp: 1 }, { key: privateJwk, type: 'at+jwt' }))
  const { kty, crv, x, y, n, e } = publicJwk
  const members = Object.entries({ kty, crv, x, y, n, e })
  return {
    jws: parsed.ok ? parsed.value : expect.fail(),
    publicJwk,
    privateJwk,
    material: Object.fromEntries(
      members.flatMap(([member, value]) => (value === undefined ? [] : [[member, value]])),
    ),
  }
}

const inPool = (key: NativeKey | null, jws: Awaited<ReturnType<typeof signed>>['jws']) =>
  new Promise((resolve) => {
    key?.verifyInPool(jws, resolve)
  })

describe('a native key', () => {
  it.each<[Algorithm, boolean]>([
    ['ES256', false],
    ['ES512', false],
    ['Ed25519', false],
    ['RS256', true],
    ['PS512', true],
  ])('of %s is quick: %s', async (name, isQuick) => {
    const { material } = await signed(name)
    expect(nativeKey(node, entryOf(name), material)?.isQuick).toBe(isQuick)
  })

  it('of RSA is quick up to 4,096 bits and with the usual exponent only', () => {
    const key = (bits: number, e: string) =>
      nativeKey(node, entryOf('RS256'), {
        kty: 'RSA',
        n: Buffer.alloc(bits / 8, 0xff).toString('base64url'),
        e,
      })?.isQuick
    expect([key(4096, 'AQAB'), key(4104, 'AQAB'), key(2048, 'AQAD')]).toEqual([true, false, false])
  })

  it('is none if the runtime does not take it', async () => {
    const { material } = await signed('ES256')
    const lacking = runtime({ createPublicKey: throws, createSecretKey: throws })
    expect(nativeKey(lacking, entryOf('ES256'), material)).toBeNull()
    expect(nativeKey(lacking, entryOf('HS256'), { kty: 'oct', k: SECRET_KEY.k })).toBeNull()
  })

  it.each<Algorithm>(['ES256', 'PS256', 'RS256', 'Ed25519'])(
    'of %s lets no signature of another length reach the crypto',
    async (name) => {
      const { jws, material } = await signed(name)
      const verify = vi.fn(throws)
      const key = nativeKey(runtime({ verify }), entryOf(name), material)
      for (const signature of [
        jws.signature.subarray(1),
        Buffer.concat([jws.signature, jws.signature]),
      ]) {
        expect(key?.verify({ ...jws, signature })).toBe(false)
        expect(await inPool(key, { ...jws, signature })).toBe(false)
      }
      expect(verify).not.toHaveBeenCalled()
      expect(key?.verify(jws)).toBeNull()
      expect(verify).toHaveBeenCalledOnce()
    },
  )

  it('answers nothing where the runtime throws, or calls back with an error', async () => {
    const { jws, material } = await signed('ES256')
    const thrower = nativeKey(runtime({ verify: throws }), entryOf('ES256'), material)
    expect([thrower?.verify(jws), await inPool(thrower, jws)]).toEqual([null, null])
    const failing = runtime({
      verify: ((...parameters: unknown[]) => {
        const callback = parameters.at(-1) as (error: Error, isValid: boolean) => void
        callback(new Error('no thread'), true)
      }) as NodeSignatures['verify'],
    })
    expect(await inPool(nativeKey(failing, entryOf('ES256'), material), jws)).toBeNull()
  })

  it('takes nothing but true for valid', async () => {
    const { jws, material } = await signed('ES256')
    for (const answer of [1, 'true', {}, undefined]) {
      const odd = runtime({ verify: (() => answer) as unknown as NodeSignatures['verify'] })
      expect(nativeKey(odd, entryOf('ES256'), material)?.verify(jws)).toBe(false)
    }
  })
})

describe('a native key of PS256', () => {
  const withSalt = async (saltLength: number) => {
    const { jws, material, privateJwk } = await signed('PS256')
    const { kid: _kid, alg: _alg, use: _use, ...members } = privateJwk
    const key = nodeCrypto.createPrivateKey({ key: members, format: 'jwk' })
    const padding = nodeCrypto.constants.RSA_PKCS1_PSS_PADDING
    const input = Buffer.from(jws.signingInput)
    const signature = nodeCrypto.sign('sha256', input, { key, padding, saltLength })
    return { material, jws: { ...jws, signature } }
  }
  const forgetful = runtime({
    createPublicKey: (input) =>
      'type' in input && input.type === 'spki'
        ? { export: throws, asymmetricKeyType: 'rsa-pss', asymmetricKeyDetails: {} }
        : node.createPublicKey(input),
  })
  const ignorant = runtime({
    createPublicKey: (input) => ('type' in input ? throws() : node.createPublicKey(input)),
  })

  it.each([
    ['that binds its parameters to it', node],
    ['that forgets its parameters', forgetful],
    ['that knows no such key', ignorant],
  ])('takes a salt as long as the hash and no other, on a runtime %s', async (_, crypto) => {
    for (const [saltLength, expected] of [
      [0, false],
      [31, false],
      [32, true],
      [33, false],
      [64, false],
    ] as const) {
      const { jws, material } = await withSalt(saltLength)
      const key = nativeKey(crypto, entryOf('PS256'), material)
      expect([key?.verify(jws), await inPool(key, jws)]).toEqual([expected, expected])
    }
  })
})

describe('verifySignature', () => {
  const keyOf = (jwk: unknown, name: Algorithm) => {
    const key = verificationKey(jwk, [entryOf(name)])
    return key.ok ? key.value : expect.fail(key.reason)
  }

  it('answers at once for HMAC and RSA', async () => {
    const rsa = await signed('RS256')
    expect(verifySignature(rsa.jws, keyOf(rsa.publicJwk, 'RS256'))).toBe('valid')
    const mac = parseJws(macToken())
    expect(mac.ok && verifySignature(mac.value, keyOf(SECRET_KEY, 'HS256'))).toBe('valid')
  })

  it('lets jose decide where the runtime has no crypto of its own', async () => {
    const { jws, publicJwk } = await signed('ES256')
    const key = keyOf(publicJwk, 'ES256')
    await withoutNode(async () => {
      const verdict = verifySignature(jws, key)
      expect(verdict).toBeInstanceOf(Promise)
      expect(await verdict).toBe('valid')
    })
  })

  it('lets jose decide where the native engine does not say, here or in the pool', async () => {
    const { jws, publicJwk } = await signed('ES256')
    const bad = { ...jws, text: `${jws.signingInput}.${'A'.repeat(86)}` }
    for (const isQuick of [true, false]) {
      const verifyInPool = vi.fn<NativeKey['verifyInPool']>((_jws, done) => done(null))
      const mute: NativeKey = { isQuick, verify: () => null, verifyInPool }
      const key = { ...keyOf(publicJwk, 'ES256'), native: () => mute }
      // Two callbacks of one turn, as two requests that came together: the second is for the pool.
      const inOneTurn = [jws, bad].map(
        (each) =>
          new Promise((resolve) => {
            setImmediate(() => resolve(verifySignature(each, key)))
          }),
      )
      expect(await Promise.all(inOneTurn)).toEqual(['valid', 'signature_invalid'])
      expect(verifyInPool).toHaveBeenCalledTimes(isQuick ? 0 : 1)
    }
  })
})
