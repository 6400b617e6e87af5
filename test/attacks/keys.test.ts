/** Keys that must not be used: weak ones, ones that are not on their curve, secrets that can be guessed. */
import { Buffer } from 'node:buffer'
import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { expect, test } from 'vitest'
import type { Jwk } from '../../src/jwt/jwk.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { segment } from '../jwt/tokens.js'
import { serving } from '../remote/jwks-server.js'
import { type Attack, onEveryAdapter } from './support/attack.js'
import type { Signer } from './support/signer.js'
import { AUDIENCE, createTarget, ISSUER, type Target } from './support/target.js'

/** A bad key as an issuer might publish it, and a signature that would pass under it, as far as one can be made. */
interface BadKey {
  readonly jwk: Jwk & { readonly kid: string }
  readonly sign: (input: string) => Uint8Array
}

const rsaTarget = await createTarget({ remote: 'RS256' })
const ecTarget = await createTarget({ remote: 'ES256' })

const WEAK_RSA: readonly BadKey[] = [
  ...[512, 1024, 2040].map((bits) => shortModulus(bits)),
  exponent('AQ', 'exponent-1', paddedDigest),
  exponent('Aw', 'exponent-3'),
  exponent('AQAC', 'exponent-even'),
  exponent(Buffer.alloc(256, 1).toString('base64url'), 'exponent-huge'),
  { jwk: rsaJwk('roca', toBase64url(rocaModulus()), 'AQAB'), sign: () => randomBytes(256) },
  { jwk: rsaJwk('even', toBase64url(rocaModulus() & ~1n), 'AQAB'), sign: () => randomBytes(256) },
]

const BAD_POINTS: readonly BadKey[] = badPoints()

onEveryAdapter(rsaTarget, (attack) => {
  test('rsa-weak-key: a key that the issuer publishes is not used; the good ones beside it are', () =>
    areUnusable(attack, rsaTarget, WEAK_RSA))

  test('rsa-weak-key: an issuer with nothing but such keys cannot be judged by', () =>
    areAllThereIs(attack, rsaTarget, WEAK_RSA))
})

onEveryAdapter(ecTarget, (attack) => {
  test('ec-bad-point: a key that the issuer publishes is not used; the good ones beside it are', () =>
    areUnusable(attack, ecTarget, BAD_POINTS))

  test('ec-bad-point: an issuer with nothing but such keys cannot be judged by', () =>
    areAllThereIs(attack, ecTarget, BAD_POINTS))
})

test.each([
  ...WEAK_RSA.map(({ jwk }) => ['rsa-weak-key', jwk.kid, 'RS256', jwk] as const),
  ...BAD_POINTS.map(({ jwk }) => ['ec-bad-point', jwk.kid, 'ES256', jwk] as const),
])('%s: %s does not start as a key of the configuration', (_, _kid, algorithm, jwk) => {
  const create = () => verifierWith(algorithm, jwk)
  expect(create).toThrow(expect.objectContaining({ code: 'key_invalid' }))
  expect(messageOf(create)).not.toContain(String(jwk.n ?? jwk.x).slice(0, 20))
})

test('rsa-weak-key: with the exponent 1 the padding itself is a signature, which OpenSSL takes', () => {
  const forged = WEAK_RSA.find(({ jwk }) => jwk.kid === 'exponent-1')
  const key = createPublicKey({ key: { ...forged?.jwk }, format: 'jwk' })
  expect(verify('sha256', Buffer.from('x'), key, forged?.sign('x') ?? Buffer.of())).toBe(true)
})

test('weak-hmac-key: a secret shorter than the hash does not start, and is not named', () => {
  const words = ['', 'secret', 'password', 'your-256-bit-secret', 'changeme', 'AllYourBase']
  for (const [algorithm, bytes] of [
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const) {
    const secrets = [...words, 'k'.repeat(bytes - 1)].filter((word) => word.length < bytes)
    for (const secret of secrets) {
      const create = () => verifierWith(algorithm, { kty: 'oct', k: segment(secret) })
      expect(create).toThrow(expect.objectContaining({ code: 'key_invalid' }))
      if (secret !== '') {
        expect(messageOf(create)).not.toContain(segment(secret))
        expect(messageOf(create)).not.toContain(`"${secret}"`)
      }
    }
    // From the other side: as long as the hash is long enough.
    const k = randomBytes(bytes).toString('base64url')
    expect(() => verifierWith(algorithm, { kty: 'oct', k })).not.toThrow()
  }
})

test('weak-hmac-key: a secret that is published with the public keys is never one', async () => {
  // There is no verifier to take it: HMAC and a key source together do not start.
  const create = () =>
    createJwtVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['HS256'],
      keys: { current: async () => never(), refreshed: async () => never() },
    })
  expect(create).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  // And where a set holds one beside the public keys, it is left alone.
  const secret = randomBytes(32)
  const { signer } = ecTarget.doors.remote
  const leaked = { kty: 'oct', kid: 'leaked', k: secret.toString('base64url') }
  const lookup = async () => ({ kind: 'set' as const, set: { keys: [leaked, signer.jwk] } })
  const verifier = createJwtVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: { current: lookup, refreshed: lookup },
  })
  const input = `${segment({ ...signer.header, kid: 'leaked' })}.${segment(signer.claims())}`
  const mac = createHmac('sha256', secret).update(input).digest('base64url')
  const verified = await verifier.verify(`${input}.${mac}`, ecTarget.clock.now())
  expect(verified).toMatchObject({ kind: 'refused', reason: 'key_unknown' })
})

/** Each bad key beside the good one: its tokens are refused, and the good ones are let in (`afterEach`). */
async function areUnusable(attack: Attack, target: Target, bad: readonly BadKey[]): Promise<void> {
  const { remote } = target.doors
  target.jwks.answer = serving({ keys: [...bad.map(({ jwk }) => jwk), remote.signer.jwk] })
  later(target)
  for (const key of bad) {
    await attack.isRefused(remote, remote.present(tokenUnder(key, remote.signer)), {
      status: 401,
      error: 'invalid_token',
      reason: 'key_unknown',
    })
  }
}

async function areAllThereIs(
  attack: Attack,
  target: Target,
  bad: readonly BadKey[],
): Promise<void> {
  const { remote } = target.doors
  target.jwks.answer = serving({ keys: bad.map(({ jwk }) => jwk) })
  later(target)
  for (const key of bad) {
    await attack.isRefused(remote, remote.present(tokenUnder(key, remote.signer)), {
      status: 503,
      error: null,
      reason: 'keys_unavailable',
    })
  }
  target.jwks.answer = serving({ keys: [remote.signer.jwk] })
  later(target)
}

/** So late that whatever was kept of the keys has ended. */
function later({ clock }: Target): void {
  clock.advance(14 * 86_400)
}

function tokenUnder({ jwk, sign: signWith }: BadKey, signer: Signer): string {
  const header = { ...signer.header, kid: jwk.kid }
  const input = `${segment(header)}.${segment({ ...signer.claims(), sub: 'admin' })}`
  return `${input}.${Buffer.from(signWith(input)).toString('base64url')}`
}

function verifierWith(algorithm: string, jwk: Jwk) {
  return createJwtVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [algorithm as 'RS256'], // one of the table; the test names it as text
    keys: { keys: [jwk] },
  })
}

function messageOf(create: () => unknown): string {
  try {
    create()
    return ''
  } catch (cause) {
    return String(cause)
  }
}

function never(): never {
  throw new Error('asked all the same')
}

function rsaJwk(kid: string, n: string, e: string): BadKey['jwk'] {
  return { kty: 'RSA', kid, alg: 'RS256', use: 'sig', n, e }
}

function shortModulus(modulusLength: number): BadKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  return {
    jwk: rsaJwk(`modulus-${modulusLength}`, n, e),
    sign: (input) => sign('sha256', Buffer.from(input), privateKey),
  }
}

/** A sound modulus under another exponent. */
function exponent(e: string, kid: string, forge?: (input: string) => Uint8Array): BadKey {
  const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
    format: 'jwk',
  })
  return { jwk: rsaJwk(kid, n, e), sign: forge ?? (() => randomBytes(256)) }
}

/** PKCS#1 v1.5 padding around a digest: with the exponent 1 that is the signature itself, which anyone can make. */
function paddedDigest(input: string): Uint8Array {
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const digest = createHash('sha256').update(input).digest()
  const padding = Buffer.alloc(256 - 3 - prefix.length - digest.length, 0xff)
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), prefix, digest])
}

/** 2,048 bits with the fingerprint of ROCA: a power of 65,537 modulo every small prime. */
function rocaModulus(): bigint {
  const primes = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
  ]
  const product = primes.reduce((left, right) => left * BigInt(right), 1n)
  let power = 1n
  for (let times = 0; times < 1_000; times++) power = (power * 65_537n) % product
  const start = (1n << 2047n) + BigInt(`0x${randomBytes(200).toString('hex')}`)
  const modulus = start - (start % product) + product + power
  return modulus % 2n === 1n ? modulus : modulus + product
}

function toBase64url(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(512, '0'), 'hex').toString('base64url')
}

/** Points off the curve, of another curve, or none at all; each with a signature by the key that it was made from. */
function badPoints(): BadKey[] {
  const make = (kid: string, change: (jwk: Jwk) => Jwk): BadKey => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' }) as Jwk // node's own type leaves every member open
    return {
      jwk: { ...jwk, alg: 'ES256', ...change(jwk), kid },
      sign: (input) =>
        sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    }
  }
  const zero = Buffer.alloc(32).toString('base64url')
  const prime = Buffer.from(
    'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
    'hex',
  )
  const flipped = (text: string | undefined): string => {
    const bytes = Buffer.from(text ?? '', 'base64url')
    bytes[31] = (bytes[31] ?? 0) ^ 1
    return bytes.toString('base64url')
  }
  return [
    make('off-the-curve', ({ y }) => ({ y: flipped(y) })),
    make('swapped', ({ x = '', y = '' }) => ({ x: y, y: x })),
    make('origin', () => ({ x: zero, y: zero })),
    make('beyond-the-field', ({ y = '' }) => ({ x: prime.toString('base64url'), y })),
    make('other-curve-name', () => ({ crv: 'P-384', alg: 'ES384' })),
    make('other-curve-name-same-alg', () => ({ crv: 'P-384' })),
    make('bitcoin-curve-name', () => ({ crv: 'secp256k1' })),
    make('short', ({ x = '' }) => ({
      x: Buffer.from(x, 'base64url').subarray(1).toString('base64url'),
    })),
    make('long', ({ x = '' }) => ({ x: `AA${x}` })),
    make('no-y', () => ({ y: '' })),
  ]
}
