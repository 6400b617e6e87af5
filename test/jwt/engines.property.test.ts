import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Algorithm, algorithm } from '../../src/jwt/algorithms.js'
import { parseJws } from '../../src/jwt/compact.js'
import { curveOrder } from '../../src/jwt/curve-points.js'
import { type VerificationKey, verificationKey } from '../../src/jwt/keys.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { verifySignature } from '../../src/jwt/verify-signature.js'
import { ENGINES } from '../conformance/engines.js'
import { SECRET_KEY } from './tokens.js'

const NAMES: readonly Algorithm[] = [
  ...(['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384'] as const),
  ...(['RS512', 'Ed25519', 'EdDSA', 'HS256', 'HS384', 'HS512'] as const),
]

interface Party {
  readonly entry: ReturnType<typeof algorithm>
  readonly key: VerificationKey
  /** Of RSA, as a number. */
  readonly modulus: bigint | null
  sign(claims: object): Promise<string>
}

const parties = new Map<string, Party>()
beforeAll(async () => {
  for (const name of NAMES) parties.set(name, await partyOf(name))
})

async function partyOf(name: Algorithm): Promise<Party> {
  const entry = algorithm(name) ?? expect.fail()
  const secret = { ...SECRET_KEY, kty: 'oct' as const, kid: 'k', alg: name }
  const pair =
    entry.family === 'hmac'
      ? { privateJwk: secret, publicJwk: secret }
      : await generateSigningKey(name)
  const key = verificationKey(pair.publicJwk, [entry])
  if (!key.ok) return expect.fail(key.reason)
  const { n } = pair.publicJwk as { n?: string }
  return {
    entry,
    key: key.value,
    modulus: n === undefined ? null : big(Buffer.from(n, 'base64url')),
    sign: (claims) => signJwt({ exp: 1, ...claims }, { key: pair.privateJwk, type: 'at+jwt' }),
  }
}

/** What all engines say of a token, and what the library says. */
async function verdicts(token: string, key: VerificationKey): Promise<ReadonlySet<string>> {
  const parsed = parseJws(token)
  if (!parsed.ok) return expect.fail('the token must reach the engines')
  const said = ENGINES.map(({ verify }) => verify(parsed.value, key))
  return new Set(await Promise.all([...said, verifySignature(parsed.value, key)]))
}

const withSignature = (token: string, change: (signature: Buffer) => Uint8Array): string => {
  const dot = token.lastIndexOf('.') + 1
  const signature = change(Buffer.from(token.slice(dot), 'base64url'))
  return token.slice(0, dot) + Buffer.from(signature).toString('base64url')
}

const claims = fc.record({ sub: fc.string(), more: fc.jsonValue({ maxDepth: 2 }) })

describe.each(NAMES)('on tokens of %s', (name) => {
  const party = () => parties.get(name) ?? expect.fail()
  const holds = (count: number, property: fc.IAsyncProperty<unknown>) =>
    fc.assert(property, { numRuns: count })

  it('the engines agree on good ones', async () => {
    const { key, sign } = party()
    await holds(
      20,
      fc.asyncProperty(claims, async (some) => {
        expect(await verdicts(await sign(some), key)).toEqual(new Set(['valid']))
      }),
    )
  })

  it('the engines agree on a signature with any bit flipped', async () => {
    const { key, sign } = party()
    const token = await sign({})
    await holds(
      60,
      fc.asyncProperty(fc.nat(), async (bit) => {
        const flipped = withSignature(token, (signature) => {
          const at = (bit >> 3) % signature.length
          signature[at] = (signature[at] ?? 0) ^ (1 << (bit & 7))
          return signature
        })
        expect(await verdicts(flipped, key)).toEqual(new Set(['signature_invalid']))
      }),
    )
  })

  it('the engines agree on bytes of any length that nobody has signed', async () => {
    const { key, sign } = party()
    const token = await sign({})
    const length = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url').length
    const lengths = fc.constantFrom(1, length - 1, length, length + 1, 2 * length)
    await holds(
      40,
      fc.asyncProperty(lengths, fc.infiniteStream(fc.nat(255)), async (count, bytes) => {
        const random = withSignature(token, () => Uint8Array.from([...bytes.take(count)]))
        expect(await verdicts(random, key)).toEqual(new Set(['signature_invalid']))
      }),
    )
  })

  it('the engines agree that a good signature is cut or followed by nothing', async () => {
    const { key, sign } = party()
    const token = await sign({})
    for (const change of [
      (signature: Buffer) => signature.subarray(0, -1),
      (signature: Buffer) => signature.subarray(1),
      (signature: Buffer) => Buffer.concat([signature, Buffer.from([0])]),
      (signature: Buffer) => Buffer.concat([Buffer.from([0]), signature]),
      (signature: Buffer) => Buffer.concat([signature, signature]),
    ]) {
      expect(await verdicts(withSignature(token, change), key)).toEqual(
        new Set(['signature_invalid']),
      )
    }
  })

  it('the engines agree on numbers beyond their range, and on what is twice valid', async () => {
    const { key, sign, entry, modulus } = party()
    const token = await sign({})
    const order = entry?.family === 'ec' && entry.curve ? curveOrder(entry.curve) : null
    for (const [expected, change] of [
      ...(order === null ? [] : ecdsaForms(big(order), order.length)),
      ...(modulus === null ? [] : [beyond(modulus, 0)]),
      ...(entry?.family === 'okp' ? [beyondLittleEndian(ED25519_ORDER)] : []),
    ]) {
      let isSpelt = true
      const other = withSignature(token, (signature) => {
        const changed = change(signature)
        isSpelt = changed !== null
        return changed ?? signature
      })
      if (isSpelt) expect(await verdicts(other, key)).toEqual(new Set([expected]))
    }
  })
})

type Form = readonly [verdict: string, change: (signature: Buffer) => Uint8Array | null]

/** The pair (r, s) in other forms: only n - s is as good as s. */
function ecdsaForms(n: bigint, bytes: number): readonly Form[] {
  const form = (r: bigint, s: bigint): Uint8Array | null => {
    const [first, second] = [digits(r, bytes), digits(s, bytes)]
    return first && second && Buffer.concat([first, second])
  }
  const of = (change: (r: bigint, s: bigint) => readonly [bigint, bigint]) => (raw: Buffer) =>
    form(...change(big(raw.subarray(0, bytes)), big(raw.subarray(bytes))))
  return [
    ['valid', of((r, s) => [r, n - s])],
    ['signature_invalid', of((r, s) => [n - r, s])],
    ['signature_invalid', of((r, s) => [r + n, s])],
    ['signature_invalid', of((r, s) => [r, s + n])],
    ['signature_invalid', of((_r, s) => [0n, s])],
    ['signature_invalid', of((r) => [r, 0n])],
    ['signature_invalid', of(() => [0n, 0n])],
    ['signature_invalid', of(() => [n, n])],
    ['signature_invalid', of(() => [1n, 1n])],
    ['signature_invalid', of((r, s) => [s, r])],
  ]
}

/** The same number modulo the modulus, if it can be spelt in as many bytes. */
function beyond(modulus: bigint, from: number): Form {
  return [
    'signature_invalid',
    (raw) => digits(big(raw.subarray(from)) + modulus, raw.length - from),
  ]
}

/** The second half of an Ed25519 signature with the order of the group added: it was once a second valid spelling. */
function beyondLittleEndian(order: bigint): Form {
  return [
    'signature_invalid',
    (raw) => {
      const second = digits(big(Buffer.from(raw.subarray(32)).reverse()) + order, 32)
      return second && Buffer.concat([raw.subarray(0, 32), second.reverse()])
    },
  ]
}

function big(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function digits(value: bigint, bytes: number): Buffer | null {
  const text = value.toString(16).padStart(2 * bytes, '0')
  return text.length > 2 * bytes ? null : Buffer.from(text, 'hex')
}

const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
