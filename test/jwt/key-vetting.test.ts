import { Buffer } from 'node:buffer'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { isEd25519Point, isOnCurve } from '../../src/jwt/curve-points.js'
import { vetKey } from '../../src/jwt/key-vetting.js'
import { vectors } from './tokens.js'

const publicJwk = (type: 'rsa' | 'ec' | 'ed25519', options: object = {}) =>
  // Node's overloads know each type by itself; the options below fit the type that they are given with.
  generateKeyPairSync(type as 'ec', options as { namedCurve: string }).publicKey.export({
    format: 'jwk',
  })

const RSA = publicJwk('rsa', { modulusLength: 2048 })
const EC = publicJwk('ec', { namedCurve: 'P-256' })
const OKP = publicJwk('ed25519')
const OCT = { kty: 'oct', k: randomBytes(64).toString('base64url') }

const number = (value: bigint) => {
  const text = value.toString(16)
  return Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex').toString(
    'base64url',
  )
}
const problemOf = (jwk: unknown, ...algorithms: Algorithm[]) => {
  const vetted = vetKey(jwk, checkedAlgorithms(algorithms), 'verify')
  return vetted.ok ? null : vetted.reason
}

describe('a key for verification', () => {
  it.each([
    [RSA, 'RS256'],
    [RSA, 'PS512'],
    [EC, 'ES256'],
    [publicJwk('ec', { namedCurve: 'P-384' }), 'ES384'],
    [publicJwk('ec', { namedCurve: 'P-521' }), 'ES512'],
    [OKP, 'EdDSA'],
    [OKP, 'Ed25519'],
    [OCT, 'HS256'],
  ] as const)('is taken if it is sound: %#', (jwk, name) => {
    const vetted = vetKey({ ...jwk, kid: 'k' }, checkedAlgorithms([name]), 'verify')
    expect(vetted.ok && [vetted.value.kid, vetted.value.algorithm.name]).toEqual(['k', name])
  })

  it('is reduced to the members that make it', () => {
    const jwk = {
      ...EC,
      kid: 'k',
      use: 'sig',
      key_ops: ['verify'],
      ext: true,
      x5c: ['A'],
      x5t: 'A',
      'x5t#S256': 'A',
      x5u: 'https://evil.example/',
      alg: 'ES256',
    }
    const vetted = vetKey(jwk, checkedAlgorithms(['ES256']), 'verify')
    expect(vetted.ok && vetted.value.material).toEqual(EC)
  })

  it.each([null, undefined, 'MIIB', 1, [], [EC], Buffer.from('secret')])('is not %j', (jwk) => {
    expect(problemOf(jwk, 'ES256')).toBe('malformed')
  })

  it.each([
    ['kid_malformed', { ...EC, kid: '' }],
    ['kid_malformed', { ...EC, kid: 1 }],
    ['kid_malformed', { ...EC, kid: 'k'.repeat(257) }],
    ['malformed', { ...EC, kty: undefined }],
    ['kty_unknown', { ...EC, kty: 'AKP' }],
    ['kty_unknown', { ...EC, kty: 'ec' }],
    ['kty_unknown', { ...EC, kty: '__proto__' }],
    ['alg_unknown', { ...EC, alg: 'none' }],
    ['alg_unknown', { ...EC, alg: 'ES521' }],
    ['alg_unknown', { ...EC, alg: 256 }],
    ['alg_mismatch', { ...EC, alg: 'ES384' }],
    ['alg_mismatch', { ...EC, alg: 'RS256' }],
    ['alg_mismatch', { ...EC, alg: 'HS256' }],
    ['alg_mismatch', { ...EC, crv: 'P-384', alg: 'ES256' }],
    ['alg_mismatch', { ...EC, crv: 'secp256k1', alg: 'ES256' }],
    ['alg_not_allowed', RSA],
    ['alg_not_allowed', { ...publicJwk('ec', { namedCurve: 'P-384' }), alg: 'ES384' }],
    ['use_mismatch', { ...EC, use: 'enc' }],
    ['use_mismatch', { ...EC, use: null }],
    ['use_mismatch', { ...EC, key_ops: ['encrypt'] }],
    ['use_mismatch', { ...EC, key_ops: [] }],
    ['use_mismatch', { ...EC, key_ops: 'verify' }],
    ['use_mismatch', { ...EC, key_ops: ['verify', 'verify'] }],
    ['use_mismatch', { ...EC, key_ops: ['verify', 'sign'] }],
    ['use_mismatch', { ...EC, key_ops: ['verify', 'deriveKey'] }],
    ['use_mismatch', { ...EC, key_ops: ['verify', 1] }],
    ['use_mismatch', { ...EC, use: 'enc', key_ops: ['verify'] }],
    ['private_member', { ...EC, d: EC.x }],
    ['private_member', { ...EC, oth: [] }],
    ['malformed', { ...EC, x: undefined }],
    ['malformed', { ...EC, y: `${EC.y}=` }],
    ['malformed', { ...EC, x: 1 }],
    ['malformed', { ...EC, x: `AA${EC.x}` }],
    ['point_invalid', { ...EC, y: EC.x }],
  ])('is refused as %s: %j', (problem, jwk) => {
    expect(problemOf(jwk, 'ES256')).toBe(problem)
  })

  it('without an alg is bound to the only allowed one that fits, and refused if several do', () => {
    expect(problemOf(EC, 'ES384', 'ES256')).toBeNull()
    expect(problemOf(RSA, 'RS256')).toBeNull()
    expect(problemOf(RSA, 'RS256', 'PS256')).toBe('alg_ambiguous')
    expect(problemOf({ ...RSA, alg: 'PS256' }, 'RS256', 'PS256')).toBeNull()
    expect(problemOf(OKP, 'EdDSA', 'Ed25519')).toBeNull()
    expect(problemOf(OCT, 'HS256', 'HS512')).toBe('alg_ambiguous')
  })

  it('named by one of the two names of Ed25519 is good for a verifier that allows the other', () => {
    expect(problemOf({ ...OKP, alg: 'EdDSA' }, 'Ed25519')).toBeNull()
    expect(problemOf({ ...OKP, alg: 'Ed25519' }, 'EdDSA')).toBeNull()
    expect(problemOf({ ...OKP, crv: 'Ed448', alg: 'EdDSA' }, 'EdDSA')).toBe('alg_mismatch')
  })

  it('is judged and taken by the same reading, even if a getter lies', () => {
    let reads = 0
    const twoFaced = {
      ...EC,
      get x() {
        reads += 1
        return reads === 1 ? EC.x : EC.y
      },
    }
    const vetted = vetKey(twoFaced, checkedAlgorithms(['ES256']), 'verify')
    expect(vetted.ok && vetted.value.material['x']).toBe(EC.x)
  })
})

describe('an RSA key', () => {
  /** Of exactly so many bits, and without a factor that is looked for. */
  const odd = (bits: number) => {
    let modulus = (1n << BigInt(bits - 1)) + 1n
    const hasFactor = () => {
      for (let factor = 3n; factor <= 167n; factor += 2n) if (modulus % factor === 0n) return true
      return false
    }
    while (hasFactor()) modulus += 2n
    return modulus
  }
  const withModulus = (n: bigint) => problemOf({ ...RSA, n: number(n) }, 'RS256')
  const withExponent = (e: bigint) => problemOf({ ...RSA, e: number(e) }, 'RS256')

  it('has 2,048 to 16,384 bits', () => {
    expect(withModulus(odd(2_047))).toBe('rsa_modulus_size')
    expect(withModulus(odd(2_048))).toBeNull()
    expect(withModulus(odd(16_384))).toBeNull()
    expect(withModulus(odd(16_385))).toBe('rsa_modulus_size')
    expect(problemOf(publicJwk('rsa', { modulusLength: 1024 }), 'RS256')).toBe('rsa_modulus_size')
  })

  it('has an odd modulus without the fingerprint of ROCA', () => {
    expect(withModulus(odd(2_048) + 1n)).toBe('rsa_modulus_weak')
    const weak = vectors<{ testGroups: { comment: string; public: object }[] }>(
      'wycheproof/json_web_crypto_test.json',
    ).testGroups.find(({ comment }) => comment === 'jws_rsa_roca_key')
    expect(problemOf(weak?.public, 'RS256')).toBe('rsa_modulus_weak')
  })

  it('has no small factor, as one with a damaged bit most often has', () => {
    const modulus = odd(2_048)
    for (const factor of [3n, 5n, 7n, 101n, 167n]) {
      const multiple = modulus - (modulus % (2n * factor)) + 3n * factor
      expect(multiple % factor).toBe(0n)
      expect(withModulus(multiple)).toBe('rsa_modulus_weak')
    }
  })

  it('has an odd exponent from 65,537 to 2^64', () => {
    const small = [0n, 1n, 2n, 3n, 17n, 65_535n, 65_536n, 65_538n]
    expect(small.map(withExponent)).toEqual(
      small.map((e) => (e === 0n ? 'malformed' : 'rsa_exponent')),
    )
    expect([65_537n, 65_539n, 2n ** 64n - 1n].map(withExponent)).toEqual([null, null, null])
    expect(withExponent(2n ** 64n + 1n)).toBe('rsa_exponent')
  })

  it('spells its numbers without a leading zero byte', () => {
    const padded = Buffer.concat([Buffer.from([0]), Buffer.from(RSA.n ?? '', 'base64url')])
    expect(problemOf({ ...RSA, n: padded.toString('base64url') }, 'RS256')).toBe('malformed')
    expect(problemOf({ ...RSA, e: 'AAEAAQ' }, 'RS256')).toBe('malformed')
    expect(problemOf({ ...RSA, n: '' }, 'RS256')).toBe('malformed')
  })
})

describe('an HMAC key', () => {
  const ofLength = (bytes: number) => ({ kty: 'oct', k: randomBytes(bytes).toString('base64url') })

  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('for %s has at least %i bytes', (name, bytes) => {
    expect(problemOf(ofLength(bytes - 1), name)).toBe('secret_too_short')
    expect(problemOf(ofLength(bytes), name)).toBeNull()
    expect(problemOf({ kty: 'oct', k: '' }, name)).toBe('secret_too_short')
  })

  it('may name both halves of signing, each once, and nothing else', () => {
    const problem = (...key_ops: unknown[]) => problemOf({ ...OCT, key_ops }, 'HS256')
    expect([problem('verify'), problem('sign', 'verify')]).toEqual([null, null])
    for (const other of [['sign'], ['verify', 'verify'], ['verify', 'sign', 'wrapKey'], []]) {
      expect(problem(...other)).toBe('use_mismatch')
    }
  })

  it('is not a password, nor anything but canonical base64url', () => {
    expect(
      problemOf({ kty: 'oct', k: 'correct horse battery staple, and then some' }, 'HS256'),
    ).toBe('malformed')
    expect(problemOf({ kty: 'oct' }, 'HS256')).toBe('malformed')
  })
})

describe('a key for signing', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'jwk',
  })
  const vet = (jwk: unknown) => vetKey(jwk, checkedAlgorithms(['ES256']), 'sign')

  it('needs its private members, and a use that allows signing', () => {
    expect(vet(pair).ok).toBe(true)
    expect(vet(EC)).toEqual({ ok: false, reason: 'malformed' })
    expect(vet({ ...pair, key_ops: ['verify'] })).toEqual({ ok: false, reason: 'use_mismatch' })
    expect(vet({ ...pair, key_ops: ['sign', 'verify'] }).ok).toBe(true)
    expect(vet({ ...pair, key_ops: ['sign', 'decrypt'] }).ok).toBe(false)
    expect(vet({ ...pair, d: `${pair.d}=` })).toEqual({ ok: false, reason: 'malformed' })
  })
})

describe('isOnCurve', () => {
  it.each(['P-256', 'P-384', 'P-521'])(
    'finds the points of %s on it and no others',
    (namedCurve) => {
      for (let round = 0; round < 5; round++) {
        const { x = '', y = '' } = publicJwk('ec', { namedCurve })
        const [px, py] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
        expect(isOnCurve(namedCurve, px, py)).toBe(true)
        py.writeUInt8(py.readUInt8(py.length - 1) ^ 1, py.length - 1)
        expect(isOnCurve(namedCurve, px, py)).toBe(false)
      }
    },
  )

  it('refuses zero, coordinates beyond the field, and curves it does not know', () => {
    const zero = Buffer.alloc(32)
    expect(isOnCurve('P-256', zero, zero)).toBe(false)
    expect(isOnCurve('secp256k1', zero, zero)).toBe(false)
    // The point (x, y) with x + p in place of x satisfies the equation and is another spelling of it.
    const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
    const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn
    const root = modPow(b, (p + 1n) / 4n, p)
    const y = Buffer.from(root.toString(16).padStart(64, '0'), 'hex')
    expect(isOnCurve('P-256', zero, y)).toBe(true)
    expect(isOnCurve('P-256', Buffer.from(p.toString(16), 'hex'), y)).toBe(false)
  })
})

describe('isEd25519Point', () => {
  const p = 2n ** 255n - 19n
  const encoded = (y: bigint) => Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()

  it('takes the points of real keys', () => {
    for (let round = 0; round < 10; round++) {
      expect(isEd25519Point(Buffer.from(publicJwk('ed25519').x ?? '', 'base64url'))).toBe(true)
    }
  })

  it('refuses the points of small order, with either sign and in every spelling', () => {
    const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
    for (const y of [0n, 1n, p - 1n, p, p + 1n, order8, p - order8]) {
      expect(isEd25519Point(encoded(y))).toBe(false)
      expect(isEd25519Point(encoded(y + 2n ** 255n))).toBe(false)
    }
  })

  it('refuses what is not on the curve, not reduced, or not 32 bytes', () => {
    expect(isEd25519Point(encoded(2n))).toBe(false)
    // 4/5 is the y of the base point; beyond the field it is the same number and another spelling.
    const base = (4n * modPow(5n, p - 2n, p)) % p
    expect(isEd25519Point(encoded(base))).toBe(true)
    for (let y = p; y < 2n ** 255n; y++) expect(isEd25519Point(encoded(y))).toBe(false)
    expect(isEd25519Point(encoded(base).subarray(1))).toBe(false)
    expect(
      problemOf({ kty: 'OKP', crv: 'Ed25519', x: encoded(2n).toString('base64url') }, 'EdDSA'),
    ).toBe('point_invalid')
    expect(problemOf({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }, 'EdDSA')).toBe('malformed')
  })
})

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square, left] = [1n, base, exponent]
  for (; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
