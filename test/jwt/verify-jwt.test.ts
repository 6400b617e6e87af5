import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import type { Jwk, PrivateJwk } from '../../src/jwt/jwk.js'
import { type JwkSet, type KeySource, staticKeys } from '../../src/jwt/jwk-set.js'
import { generateSigningKey, type SigningKeyPair, signJwt } from '../../src/jwt/sign-jwt.js'
import type { JwtVerifierOptions } from '../../src/jwt/token-judge.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { withoutNode } from '../support/without-node.js'
import {
  AUDIENCE,
  CLAIMS,
  HEADER,
  ISSUER,
  mac,
  macToken,
  macVerifier,
  NOW,
  SECRET_KEY,
  segment,
} from './tokens.js'

const GOOD: JwtVerifierOptions = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ['HS256'],
  keys: { keys: [SECRET_KEY] },
}
const configure = (options: object) => () => createJwtVerifier({ ...GOOD, ...options })
const code = (expected: string) =>
  expect.objectContaining({ name: 'ConfigurationError', code: expected })
const reasonOf = async (token: string, options: Partial<JwtVerifierOptions> = {}, now = NOW) => {
  const verification = await macVerifier(options).verify(token, now)
  return verification.kind === 'refused' ? verification.reason : verification.kind
}

let es256: SigningKeyPair
let rs256: SigningKeyPair

beforeAll(async () => {
  es256 = await generateSigningKey('ES256')
  rs256 = await generateSigningKey('RS256')
})

describe('createJwtVerifier', () => {
  it.each(['issuer', 'audience', 'algorithms', 'keys'])('does not start without %s', (option) => {
    expect(configure({ [option]: undefined })).toThrow(code('option_invalid'))
  })

  it.each([
    { issuer: '' },
    { issuer: [ISSUER] },
    { audience: '' },
    { audience: [] },
    { audience: [''] },
    { audience: null },
    { audiences: AUDIENCE },
    { algorithms: [] },
    { algorithms: 'HS256' },
    { keys: null },
    { keys: 'secret' },
    { keys: [SECRET_KEY] },
    { keys: { keys: SECRET_KEY } },
    { keys: { current: () => undefined } },
    { types: [] },
    { types: [''] },
    { types: ['text/plain'] },
    { types: null },
    { leeway: -1 },
    { leeway: 61 },
    { leeway: '2m' },
    { leeway: null },
    { maxLifetime: 0 },
    { maxLifetime: '25h' },
    { maxLifetime: '1 hour' },
    { dangerouslyAllowMissingType: 'yes' },
  ])('does not start with %j', (options) => {
    expect(configure(options)).toThrow(code('option_invalid'))
  })

  it.each([
    { leeway: 0 },
    { leeway: 60 },
    { leeway: '1m' },
    { maxLifetime: 1 },
    { maxLifetime: '24h' },
    { maxLifetime: null },
    { audience: [AUDIENCE, 'second'] },
    { types: ['JWT'] },
  ])('starts with %j', (options) => {
    expect(configure(options)).not.toThrow()
  })

  it.each(['none', 'NONE', 'nOnE'])('does not start if it is to allow %s', (name) => {
    expect(configure({ algorithms: [name] })).toThrow(code('algorithm_unknown'))
    expect(configure({ algorithms: ['HS256', name] })).toThrow(code('algorithm_unknown'))
  })

  it('does not start with two families, nor with a weak key, nor with a secret from a key source', () => {
    expect(configure({ algorithms: ['HS256', 'RS256'] })).toThrow(code('algorithm_families_mixed'))
    expect(configure({ algorithms: ['ES256', 'EdDSA'] })).toThrow(code('algorithm_families_mixed'))
    const weak = { kty: 'oct', k: 'c2hvcnQ' }
    expect(configure({ keys: { keys: [weak] } })).toThrow(code('key_invalid'))
    expect(configure({ keys: staticKeys({ keys: [weak] }) })).toThrow(code('key_invalid'))
    const lookup = async () => ({ kind: 'set' as const, set: { keys: [SECRET_KEY] } })
    expect(configure({ keys: { current: lookup, refreshed: lookup } })).toThrow(
      code('option_invalid'),
    )
  })

  it('takes a key as jose exports it', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    expect(
      configure({ algorithms: ['ES256'], keys: { keys: [jwk] } satisfies JwkSet }),
    ).not.toThrow()
  })

  it('keeps what it was given, whatever becomes of the options', async () => {
    const options = { ...GOOD, algorithms: ['HS256' as Algorithm], keys: { keys: [SECRET_KEY] } }
    const verifier = createJwtVerifier(options)
    options.algorithms.length = 0
    options.keys.keys.length = 0
    Object.assign(options, { issuer: 'https://evil.example' })
    expect(await verifier.verify(macToken(), NOW)).toMatchObject({ kind: 'verified' })
  })
})

describe('a verified token', () => {
  it('hands on its claims, frozen at every level and free of prototypes', async () => {
    const payload = `{"a":{"b":[1]},"__proto__":{"admin":true},${JSON.stringify(CLAIMS).slice(1)}`
    const verification = await macVerifier().verify(macToken({ payload }), NOW)
    const claims = verification.kind === 'verified' ? verification.claims : {}
    expect(claims).toMatchObject(CLAIMS)
    const nested = claims['a'] as { b: number[] } // as it was signed above
    expect([claims, nested, nested.b].every(Object.isFrozen)).toBe(true)
    expect(claims['admin']).toBeUndefined()
    expect(Object.getPrototypeOf(claims)).toBeNull()
  })

  it('is known by issuer and jti, and else by what was signed, never by its text', async () => {
    const idOf = async (token: string) => {
      const verification = await macVerifier({ types: ['at+jwt', 'JWT'] }).verify(token, NOW)
      return verification.kind === 'verified' ? verification.tokenId : null
    }
    const { jti: _, ...unnamed } = CLAIMS
    const signed = (more: object) =>
      macToken({ header: { ...HEADER, typ: 'JWT' }, payload: { ...unnamed, ...more } })
    const named = (more: object) => macToken({ payload: { ...CLAIMS, jti: 'j1', ...more } })
    expect(await idOf(named({}))).toBe(await idOf(named({ sub: 'bob' })))
    expect(await idOf(named({}))).not.toBe(await idOf(named({ jti: 'j2' })))
    expect(await idOf(signed({}))).toBe(await idOf(signed({})))
    expect(await idOf(signed({}))).not.toBe(await idOf(signed({ sub: 'bob' })))
  })

  it('with an ECDSA signature keeps its id under the other valid signature', async () => {
    const token = await signJwt(CLAIMS, { key: es256.privateJwk, type: 'at+jwt' })
    const verifier = createJwtVerifier({
      ...GOOD,
      algorithms: ['ES256'],
      keys: { keys: [es256.publicJwk] },
    })
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const signature = Buffer.from(token.split('.')[2] ?? '', 'base64url')
    const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
    const twin = Buffer.concat([
      signature.subarray(0, 32),
      Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'),
    ])
    const twinToken = `${token.slice(0, token.lastIndexOf('.'))}.${twin.toString('base64url')}`
    const [first, second] = [
      await verifier.verify(token, NOW),
      await verifier.verify(twinToken, NOW),
    ]
    expect(twinToken).not.toBe(token)
    expect(second).toEqual(first)
    expect(second.kind).toBe('verified')
  })

  it('verifies a thousand times as it did the first', async () => {
    const verifier = macVerifier()
    const token = macToken()
    for (let round = 0; round < 1_000; round++) {
      expect((await verifier.verify(token, NOW)).kind).toBe('verified')
    }
  })
})

describe('the kind of a token', () => {
  const typed = (typ: unknown) => macToken({ header: { alg: 'HS256', typ } })

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])(
    'may be %s',
    async (typ) => {
      expect(await reasonOf(typed(typ))).toBe('verified')
    },
  )

  it.each(['JWT', 'dpop+jwt', 'logout+jwt', 'id+jwt', '', 'at+jwt ', 'text/at+jwt', undefined])(
    'may not be %j',
    async (typ) => {
      expect(await reasonOf(typed(typ))).toBe('token_type')
    },
  )

  it('is what the verifier was told to expect, and nothing else', async () => {
    expect(await reasonOf(typed('JWT'), { types: ['JWT'] })).toBe('verified')
    expect(await reasonOf(typed('jwt'), { types: ['application/JWT'] })).toBe('verified')
    expect(await reasonOf(typed('at+jwt'), { types: ['JWT'] })).toBe('token_type')
    expect(await reasonOf(typed(undefined), { types: ['JWT'] })).toBe('token_type')
  })

  it('may be missing only if that was written out', async () => {
    expect(await reasonOf(typed(undefined), { dangerouslyAllowMissingType: true })).toBe('verified')
    expect(await reasonOf(typed('JWT'), { dangerouslyAllowMissingType: true })).toBe('token_type')
  })
})

describe('the algorithm of a token', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', 'noNE', 'hs256', 'HS512', 'RS256', '', '__proto__'])(
    'is refused as %j by a verifier for HS256, though the MAC is right',
    async (alg) => {
      const token = macToken({ header: { alg, typ: 'at+jwt' } })
      expect(await reasonOf(token)).toBe('algorithm_not_allowed')
    },
  )

  it.each(['none', 'None', 'NONE', 'nOnE', 'noNE'])(
    '%s without a signature is no token',
    async (alg) => {
      const unsigned = `${segment({ alg, typ: 'at+jwt' })}.${segment(CLAIMS)}.`
      expect(await reasonOf(unsigned)).toBe('token_malformed')
      expect(await reasonOf(`${unsigned}AA`)).toBe('algorithm_not_allowed')
    },
  )

  it('has to agree with the key: an allowed one that the key is not bound to finds no key', async () => {
    const keys = { keys: [{ ...SECRET_KEY, alg: 'HS512' }] }
    const options: Partial<JwtVerifierOptions> = { algorithms: ['HS256', 'HS512'], keys }
    expect(await reasonOf(macToken(), options)).toBe('key_unknown')
    const right = macToken({ header: { ...HEADER, alg: 'HS512' }, hash: 'sha512' })
    expect(await reasonOf(right, options)).toBe('verified')
  })

  it('may have the other of the two names of Ed25519 only if that is allowed', async () => {
    const { privateJwk, publicJwk } = await generateSigningKey('EdDSA')
    const verifyWith = async (...algorithms: Algorithm[]) => {
      const verifier = createJwtVerifier({ ...GOOD, algorithms, keys: { keys: [publicJwk] } })
      return Promise.all(
        ['EdDSA', 'Ed25519'].map(async (alg) => {
          const key: PrivateJwk = { ...privateJwk, alg }
          return (await verifier.verify(await signJwt(CLAIMS, { key, type: 'at+jwt' }), NOW)).kind
        }),
      )
    }
    expect(await verifyWith('EdDSA')).toEqual(['verified', 'refused'])
    expect(await verifyWith('Ed25519')).toEqual(['refused', 'verified'])
    expect(await verifyWith('EdDSA', 'Ed25519')).toEqual(['verified', 'verified'])
  })
})

describe('a public key taken for an HMAC secret', () => {
  /** Every spelling of a public key that an attacker may have at hand. */
  const spellings = (jwk: Jwk): readonly (string | Uint8Array)[] => {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const spki = key.export({ type: 'spki', format: 'pem' }).toString()
    const texts = [spki, JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]
    if (jwk.kty === 'RSA') texts.push(key.export({ type: 'pkcs1', format: 'pem' }).toString())
    const binary = [key.export({ type: 'spki', format: 'der' })]
    for (const member of [jwk.n, jwk.x, jwk.y]) {
      if (member === undefined) continue
      texts.push(member)
      binary.push(Buffer.from(member, 'base64url'))
    }
    return [
      ...binary,
      ...texts.flatMap((text) => [
        text,
        text.trim(),
        `${text}\n`,
        ` ${text}`,
        text.replaceAll('\n', '\r\n'),
        text.replaceAll('\n', ''),
      ]),
    ]
  }

  it.each(['RS256', 'ES256'] as const)('opens no verifier for %s', async (name) => {
    const { publicJwk } = name === 'RS256' ? rs256 : es256
    const set: JwkSet = { keys: [publicJwk] }
    const source: KeySource = {
      current: async () => ({ kind: 'set', set }),
      refreshed: async () => ({ kind: 'set', set }),
    }
    const verifiers = [set, staticKeys(set), source].map((keys) =>
      createJwtVerifier({ ...GOOD, algorithms: [name], keys }),
    )
    const tokens = spellings(publicJwk).flatMap((secret) =>
      ['HS256', 'HS384', 'HS512'].flatMap((alg) =>
        [{ alg }, { alg: name }].map((claimed) => {
          const header = { ...HEADER, kid: publicJwk.kid, ...claimed }
          return macToken({ header, secret, hash: `sha${alg.slice(2)}` })
        }),
      ),
    )
    expect(tokens.length).toBeGreaterThan(150)
    for (const verifier of verifiers) {
      for (const token of tokens) expect((await verifier.verify(token, NOW)).kind).toBe('refused')
    }
  })

  it('is no key for a verifier for HS256', () => {
    for (const jwk of [rs256.publicJwk, es256.publicJwk]) {
      expect(configure({ keys: { keys: [jwk] } })).toThrow(code('key_invalid'))
      expect(configure({ keys: { keys: [{ ...jwk, alg: 'HS256' }] } })).toThrow(code('key_invalid'))
    }
  })
})

describe('keys and addresses in the header', () => {
  it('are not used: a token signed by the key that it brings along is refused', async () => {
    const foreign = await generateSigningKey('ES256')
    const key = createPrivateKey({ key: { ...foreign.privateJwk }, format: 'jwk' })
    const keys: JwkSet = { keys: [es256.publicJwk] }
    const verifier = createJwtVerifier({ ...GOOD, algorithms: ['ES256'], keys })
    for (const kid of [undefined, es256.publicJwk.kid, foreign.publicJwk.kid]) {
      const { publicJwk: jwk } = foreign
      const header = { alg: 'ES256', typ: 'at+jwt', kid, jwk, jku: 'http://127.0.0.1:1/jwks' }
      const input = `${segment(header)}.${segment(CLAIMS)}`
      const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
      const token = `${input}.${signature.toString('base64url')}`
      expect((await verifier.verify(token, NOW)).kind).toBe('refused')
      const theirs = createJwtVerifier({ ...GOOD, algorithms: ['ES256'], keys: { keys: [jwk] } })
      const isTheirs = kid !== es256.publicJwk.kid
      expect((await theirs.verify(token, NOW)).kind).toBe(isTheirs ? 'verified' : 'refused')
    }
  })

  it.each([
    '../../../dev/null',
    "' union select 'x",
    '/etc/passwd',
    'k\0',
    '__proto__',
    'toString',
  ])('do nothing as the kid %j', async (kid) => {
    const token = macToken({ header: { ...HEADER, kid }, secret: '' })
    expect(await reasonOf(token, { keys: { keys: [{ ...SECRET_KEY, kid: 'k' }] } })).toBe(
      'key_unknown',
    )
  })
})

describe('a signature', () => {
  it.each(['', 'A', Buffer.alloc(32), Buffer.alloc(64)])(
    'by another secret is invalid: %j',
    async (secret) => {
      expect(await reasonOf(macToken({ secret }))).toBe('signature_invalid')
    },
  )

  it('that is cut short, prolonged, zero or of another token is invalid', async () => {
    const token = macToken()
    const input = token.slice(0, token.lastIndexOf('.'))
    const bytes = Buffer.from(mac(input), 'base64url')
    const others = [
      bytes.subarray(0, 31),
      bytes.subarray(0, 16),
      bytes.subarray(0, 1),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.alloc(32),
      Buffer.from(mac(`${input}x`), 'base64url'),
    ]
    for (const other of others) {
      expect(await reasonOf(`${input}.${other.toString('base64url')}`)).toBe('signature_invalid')
    }
  })

  it('is judged before the claims: a forged token learns nothing of what we expect', async () => {
    for (const change of [{ exp: 1 }, { iss: 'x' }, { aud: 'x' }, { exp: undefined }]) {
      const token = macToken({ payload: { ...CLAIMS, ...change }, secret: 'guess' })
      expect(await reasonOf(token)).toBe('signature_invalid')
    }
  })

  it('by a key that this runtime cannot import is by no key', async () => {
    const jwk = { kty: 'EC', crv: 'P-256', x: es256.publicJwk.x, y: es256.publicJwk.y, kid: 'k' }
    const { subtle } = crypto
    const original = subtle.importKey
    subtle.importKey = () => Promise.reject(new Error('not supported'))
    try {
      const verifier = createJwtVerifier({
        ...GOOD,
        algorithms: ['ES256'],
        keys: { keys: [jwk as Jwk] },
      })
      const [header, payload] = macToken({
        header: { alg: 'ES256', typ: 'at+jwt', kid: 'k' },
      }).split('.')
      // Of the right length, for a signature of another one is refused before any key is imported.
      const token = `${header}.${payload}.${Buffer.alloc(64, 1).toString('base64url')}`
      const verified = await withoutNode(async () => verifier.verify(token, NOW))
      expect(verified).toEqual({ kind: 'refused', reason: 'key_unknown' })
    } finally {
      subtle.importKey = original
    }
  })
})

describe('a claim', () => {
  it('at fault is named, and its value is not', async () => {
    const token = macToken({ payload: { ...CLAIMS, aud: 'someone-else' } })
    expect(await macVerifier().verify(token, NOW)).toEqual({
      kind: 'refused',
      reason: 'audience_mismatch',
      claim: 'aud',
    })
  })

  it('is judged with the leeway and the lifetime of the options', async () => {
    const ending = macToken({ payload: { ...CLAIMS, exp: NOW } })
    expect(await reasonOf(ending, {}, NOW + 4)).toBe('verified')
    expect(await reasonOf(ending, {}, NOW + 5)).toBe('token_expired')
    expect(await reasonOf(ending, { leeway: 0 }, NOW - 1)).toBe('verified')
    expect(await reasonOf(ending, { leeway: 0 }, NOW)).toBe('token_expired')
    const lasting = (seconds: number) =>
      macToken({ payload: { ...CLAIMS, iat: NOW, exp: NOW + seconds } })
    expect(await reasonOf(lasting(3_600))).toBe('verified')
    expect(await reasonOf(lasting(3_601))).toBe('lifetime_too_long')
    expect(await reasonOf(lasting(86_400), { maxLifetime: '24h' })).toBe('verified')
    expect(await reasonOf(lasting(315_360_000), { maxLifetime: null })).toBe('verified')
  })
})

describe('keys from a source', () => {
  const sourceOf = (current: JwkSet, refreshed: JwkSet = current) => {
    const calls = { current: 0, refreshed: 0 }
    const source: KeySource = {
      async current() {
        calls.current += 1
        return { kind: 'set', set: current }
      },
      async refreshed(_, seen) {
        calls.refreshed += 1
        expect(seen).toBe(current)
        return { kind: 'set', set: refreshed }
      },
    }
    return { source, calls }
  }
  const verifierOf = (keys: KeySource) =>
    createJwtVerifier({ ...GOOD, algorithms: ['ES256'], keys })
  const signed = () => signJwt(CLAIMS, { key: es256.privateJwk, type: 'at+jwt' })

  it('are asked for again once, if the key of a token is not among them', async () => {
    const { source, calls } = sourceOf({ keys: [] }, { keys: [es256.publicJwk] })
    expect((await verifierOf(source).verify(await signed(), NOW)).kind).toBe('verified')
    expect(calls).toEqual({ current: 1, refreshed: 1 })
  })

  it('may be found by the issuer, once', async () => {
    const asked: unknown[] = []
    const verifier = createJwtVerifier({
      ...GOOD,
      algorithms: ['ES256'],
      keys(of) {
        asked.push(of)
        return sourceOf({ keys: [es256.publicJwk] }).source
      },
    })
    expect((await verifier.verify(await signed(), NOW)).kind).toBe('verified')
    expect((await verifier.verify(await signed(), NOW)).kind).toBe('verified')
    expect(asked).toEqual([{ issuer: ISSUER }])
  })

  it.each([undefined, null, 'keys', {}, { keys: [] }, { current: () => null }])(
    'do not start where nothing but %j is found by the issuer',
    (found) => {
      const keys = () => found as unknown as KeySource // wrong on purpose
      expect(configure({ algorithms: ['ES256'], keys })).toThrow(code('option_invalid'))
    },
  )

  it('are not asked for again if it is', async () => {
    const { source, calls } = sourceOf({ keys: [es256.publicJwk] })
    expect((await verifierOf(source).verify(await signed(), NOW)).kind).toBe('verified')
    expect(calls).toEqual({ current: 1, refreshed: 0 })
  })

  it('do not know a token whose key is in neither', async () => {
    const other = (await generateSigningKey('ES256')).publicJwk
    const { source } = sourceOf({ keys: [other] })
    expect(await verifierOf(source).verify(await signed(), NOW)).toEqual({
      kind: 'refused',
      reason: 'key_unknown',
    })
  })

  it('cannot judge a token while not one of their keys is usable', async () => {
    const { source } = sourceOf({ keys: [] })
    expect(await verifierOf(source).verify(await signed(), NOW)).toMatchObject({
      kind: 'unavailable',
      reason: 'keys_unavailable',
    })
  })

  it('are not asked for what is refused without them', async () => {
    const { source, calls } = sourceOf({ keys: [] })
    const verifier = verifierOf(source)
    await verifier.verify('junk', NOW)
    await verifier.verify(macToken(), NOW)
    await verifier.verify(macToken({ header: { alg: 'ES256', typ: 'JWT' } }), NOW)
    expect(calls).toEqual({ current: 0, refreshed: 0 })
  })

  it('that cannot be had make the token neither good nor bad', async () => {
    const cause = new Error('down')
    const unavailable = { kind: 'unavailable' as const, retryAfterSeconds: 7, cause }
    const down: KeySource = { current: async () => unavailable, refreshed: async () => unavailable }
    const expected = { ...unavailable, reason: 'keys_unavailable' }
    expect(await verifierOf(down).verify(await signed(), NOW)).toEqual(expected)
    const half: KeySource = { ...down, current: async () => ({ kind: 'set', set: { keys: [] } }) }
    expect(await verifierOf(half).verify(await signed(), NOW)).toEqual(expected)
  })

  it('that break their promise and throw are unavailable, not a way in or out', async () => {
    const thrower: KeySource = {
      current: () => {
        throw new Error('sync')
      },
      refreshed: () => Promise.reject(new Error('async')),
    }
    expect(await verifierOf(thrower).verify(await signed(), NOW)).toMatchObject({
      kind: 'unavailable',
      reason: 'keys_unavailable',
    })
    const half: KeySource = {
      ...thrower,
      current: async () => ({ kind: 'set', set: { keys: [] } }),
    }
    expect(await verifierOf(half).verify(await signed(), NOW)).toMatchObject({
      kind: 'unavailable',
    })
  })

  it('are imported once for each state of the set', async () => {
    const { source } = sourceOf({ keys: [es256.publicJwk] })
    const verifier = verifierOf(source)
    const token = await signed()
    const { subtle } = crypto
    const original = subtle.importKey
    let imports = 0
    subtle.importKey = (...parameters: unknown[]) => {
      imports += 1
      return Reflect.apply(original, subtle, parameters)
    }
    try {
      await withoutNode(async () => {
        for (let round = 0; round < 5; round++) await verifier.verify(token, NOW)
      })
    } finally {
      subtle.importKey = original
    }
    expect(imports).toBe(1)
  })
})
