import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/jwt/algorithms.js'
import { generateSigningKey, type SigningKeyPair, signJwt } from '../../src/jwt/sign-jwt.js'
import { createJwtVerifier, type JwtVerifier } from '../../src/jwt/verify-jwt.js'
import { AUDIENCE, CLAIMS, ISSUER, macToken, macVerifier, NOW, segment } from './tokens.js'

const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'Ed25519',
  'EdDSA',
] as const

const made = new Map<string, { readonly pair: SigningKeyPair; readonly verifier: JwtVerifier }>()

beforeAll(async () => {
  for (const name of ALGORITHMS) {
    const pair = await generateSigningKey(name)
    const algorithms: readonly Algorithm[] = [name]
    const keys = { keys: [pair.publicJwk] }
    made.set(name, {
      pair,
      verifier: createJwtVerifier({ issuer: ISSUER, audience: AUDIENCE, algorithms, keys }),
    })
  }
}, 60_000)

const anAlgorithm = fc.constantFrom(...ALGORITHMS)
const someClaims = fc.dictionary(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => !RESERVED.has(name)),
  fc.jsonValue({ maxDepth: 4 }),
  { maxKeys: 5 },
)
const RESERVED = new Set([
  'iss',
  'aud',
  'exp',
  'nbf',
  'iat',
  'sub',
  'jti',
  'client_id',
  'auth_time',
  'acr',
  'amr',
])

const issued = async (name: string, claims: object) => {
  const entry = made.get(name)
  if (entry === undefined) throw new Error(`no key for ${name}`)
  const token = await signJwt(
    { ...claims, ...CLAIMS },
    { key: entry.pair.privateJwk, type: 'at+jwt' },
  )
  return { token, verifier: entry.verifier }
}

describe('a token', () => {
  it('says after verification what it said when it was signed, with every algorithm', async () => {
    await fc.assert(
      fc.asyncProperty(anAlgorithm, someClaims, async (name, claims) => {
        const { token, verifier } = await issued(name, claims)
        const verification = await verifier.verify(token, NOW)
        const expected: unknown = JSON.parse(JSON.stringify({ ...claims, ...CLAIMS }))
        expect(verification.kind === 'verified' && { ...verification.claims }).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('is refused by the verifier of every other key', async () => {
    await fc.assert(
      fc.asyncProperty(anAlgorithm, anAlgorithm, async (signer, other) => {
        fc.pre(signer !== other)
        const { token } = await issued(signer, {})
        const verification = await made.get(other)?.verifier.verify(token, NOW)
        expect(verification?.kind).toBe('refused')
      }),
      { numRuns: 200 },
    )
  })

  it('is refused if any one character is another one, gone, or doubled', async () => {
    const tokens = await Promise.all(['ES256', 'EdDSA', 'RS256'].map((name) => issued(name, {})))
    const verifiers = [...tokens, { token: macToken(), verifier: macVerifier() }]
    const character = fc.oneof(
      fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.='),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    const change = fc.record({
      which: fc.constantFrom(...verifiers),
      where: fc.oneof(fc.nat(), fc.constantFrom(-1, -2)),
      what: fc.oneof(
        character.map((text) => () => text),
        fc.constant(() => ''),
        fc.constant((old: string) => old + old),
        character.map((text) => (old: string) => old + text),
      ),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ which: { token, verifier }, where, what }) => {
        const at = where < 0 ? token.length + where : where % token.length
        const changed = token.slice(0, at) + what(token.charAt(at)) + token.slice(at + 1)
        fc.pre(changed !== token)
        expect((await verifier.verify(changed, NOW)).kind).toBe('refused')
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused with anything in front of it or behind it', async () => {
    const token = macToken()
    const some = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
      fc.constantFrom(' ', '\n', '=', '.', '\ufeff'),
    )
    await fc.assert(
      fc.asyncProperty(some, some, async (before, after) => {
        for (const text of [before + token, token + after, before + token + after]) {
          expect((await macVerifier().verify(text, NOW)).kind).toBe('refused')
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a verifier', () => {
  const verifier = macVerifier({
    dangerouslyAllowMissingType: true,
    types: ['JWT'],
    maxLifetime: null,
  })
  const part = fc.oneof(fc.json(), fc.string({ unit: 'binary' })).map(segment)

  it('neither throws at any string nor takes it for a token', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.')),
      fc.tuple(fc.constant(segment({ alg: 'HS256' })), part, part).map((parts) => parts.join('.')),
    )
    await fc.assert(
      fc.asyncProperty(text, async (token) => {
        expect((await verifier.verify(token, NOW)).kind).toBe('refused')
      }),
      { numRuns: 1000 },
    )
  })

  it('takes a rightly signed token only with the claims that it asks for', async () => {
    const claims = fc.record(
      {
        iss: fc.oneof(fc.constant(ISSUER), fc.jsonValue({ maxDepth: 1 })),
        aud: fc.oneof(fc.constantFrom(AUDIENCE, [AUDIENCE]), fc.jsonValue({ maxDepth: 1 })),
        exp: fc.oneof(fc.constant(NOW + 60), fc.jsonValue({ maxDepth: 1 })),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(claims, async (payload) => {
        const verification = await verifier.verify(
          macToken({ header: { alg: 'HS256' }, payload }),
          NOW,
        )
        const { iss, aud, exp } = payload
        const isRight =
          iss === ISSUER &&
          [aud].flat().includes(AUDIENCE) &&
          typeof exp === 'number' &&
          exp > NOW - 5
        if (verification.kind === 'verified') expect(isRight).toBe(true)
        else expect(verification.kind).toBe('refused')
        if (iss === ISSUER && [aud].flat()[0] === AUDIENCE && exp === NOW + 60)
          expect(verification.kind).toBe('verified')
      }),
      { numRuns: 500 },
    )
  })
})
