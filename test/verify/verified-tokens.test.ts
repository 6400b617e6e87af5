import { describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import type { JwkSet, KeySource } from '../../src/jwt/jwk-set.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import * as signatures from '../../src/jwt/verify-signature.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Scopes } from '../../src/scope/vocabulary.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { type JwtBearerOptions, jwtBearer } from '../../src/verify/jwt-bearer.js'
import { aContext, bearerCredential } from './verifier-kit.js'

vi.mock(import('../../src/jwt/verify-signature.js'), { spy: true })

const clock = createTestClock()
const issuer = await createTestIssuer({ clock })
const scopes = defineScopes({ resources: { things: ['read'] } })

function setUp(options: Partial<JwtBearerOptions<unknown>> = {}) {
  vi.mocked(signatures.verifySignature).mockClear()
  const verifier = jwtBearer({ ...issuer.trust, ...options } as JwtBearerOptions<unknown>)
  return {
    judge: (token: string, now = clock.now(), vocabulary: Scopes = scopes) =>
      verifier.verify(bearerCredential(token), aContext({ now, scopes: vocabulary })),
    signatures: () => vi.mocked(signatures.verifySignature).mock.calls.length,
  }
}

describe('a token that was verified a moment ago', () => {
  test('is answered at once and with the very same principal, without another signature', async () => {
    const verifier = setUp()
    const token = await issuer.token({ scope: 'things:read' })
    const first = await verifier.judge(token)
    expect(first.kind).toBe('verified')
    expect(verifier.judge(token)).toBe(first)
    expect(verifier.signatures()).toBe(1)
  })

  test('is verified again where no cache is wanted', async () => {
    const verifier = setUp({ cache: false })
    const token = await issuer.token()
    for (let time = 0; time < 3; time++) expect((await verifier.judge(token)).kind).toBe('verified')
    expect(verifier.signatures()).toBe(3)
  })

  test('ends to the second as it would without a cache', async () => {
    const token = await issuer.token({ expiresIn: 20 })
    for (const cache of [{}, false] as const) {
      const verifier = setUp({ cache })
      const at = async (after: number) => (await verifier.judge(token, clock.now() + after)).kind
      expect([await at(0), await at(24), await at(25)]).toEqual(['verified', 'verified', 'refused'])
    }
  })

  test('is verified again when it was remembered long enough, one second before not', async () => {
    const verifier = setUp({ cache: { maxAge: 10 } })
    const token = await issuer.token()
    await verifier.judge(token)
    await verifier.judge(token, clock.now() + 9)
    expect(verifier.signatures()).toBe(1)
    await verifier.judge(token, clock.now() + 10)
    expect(verifier.signatures()).toBe(2)
  })

  test('is judged anew by a clock that was set back before it', async () => {
    const verifier = setUp()
    const token = await issuer.token()
    expect((await verifier.judge(token, clock.now() - 6)).kind).toBe('refused')
    expect((await verifier.judge(token)).kind).toBe('verified')
    expect((await verifier.judge(token, clock.now() - 6)).kind).toBe('refused')
  })

  test('counts for nothing in another vocabulary', async () => {
    const verifier = setUp()
    const token = await issuer.token({ scope: 'things:read jobs:run' })
    const jobs = defineScopes({ resources: { jobs: ['run'] } })
    await verifier.judge(token)
    const other = await verifier.judge(token, clock.now(), jobs)
    expect(other.kind === 'verified' && jobs.can(other.principal.grant, 'jobs:run')).toBe(true)
    expect(verifier.signatures()).toBe(2)
  })

  test('does not vouch for a twin: the same start, the same end, the same claims, another signature', async () => {
    const verifier = setUp()
    const token = await issuer.token()
    const other = await issuer.token()
    expect((await verifier.judge(token)).kind).toBe('verified')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const [, otherPayload = '', otherSignature = ''] = other.split('.')
    for (const twin of [
      `${header}.${otherPayload}.${signature}`,
      `${header}.${payload}.${otherSignature}`,
      `${header}.${payload}.${otherSignature.slice(0, 43)}${signature.slice(43)}`,
      ` ${token}`,
      `${token} `,
      `${header}${token}`,
      token.slice(1),
      signature,
    ]) {
      expect((await verifier.judge(twin)).kind, twin).toBe('refused')
    }
    expect((await verifier.judge(token)).kind).toBe('verified')
  })

  test('is refused as soon as its key is no longer served', async () => {
    const [first, second] = [await generateSigningKey('ES256'), await generateSigningKey('ES256')]
    let set: JwkSet = { keys: [first.publicJwk, second.publicJwk] }
    const keys: KeySource = {
      current: () => ({ kind: 'set', set }),
      refreshed: () => ({ kind: 'set', set }),
    }
    const verifier = setUp({ keys })
    const token = await signJwt(claims(), { key: first.privateJwk, type: 'at+jwt' })
    expect((await verifier.judge(token)).kind).toBe('verified')
    set = { keys: [second.publicJwk] }
    expect(await verifier.judge(token)).toEqual({ kind: 'refused', reason: 'key_unknown' })
    set = { keys: [{ ...second.publicJwk, kid: first.publicJwk.kid }] }
    expect((await verifier.judge(token)).kind).toBe('refused')
  })

  test('is not remembered if it was refused, nor if its claims can be written to', async () => {
    const refused = setUp()
    const bad = await issuer.hostile('tampered')
    for (let time = 0; time < 2; time++) await refused.judge(bad)
    expect(refused.signatures()).toBe(2)

    const schema = z.object({ exp: z.number().transform((seconds) => new Date(seconds * 1_000)) })
    const writable = setUp({ claims: schema })
    const token = await issuer.token()
    for (let time = 0; time < 2; time++) expect((await writable.judge(token)).kind).toBe('verified')
    expect(writable.signatures()).toBe(2)
  })

  test('has claims that no handler can write to, whatever the schema makes of them', async () => {
    const schema = z.object({ roles: z.array(z.string()), deep: z.object({ er: z.string() }) })
    const verifier = setUp({ claims: schema })
    const token = await issuer.token({ claims: { roles: ['reader'], deep: { er: 'x' } } })
    const verification = await verifier.judge(token)
    if (verification.kind !== 'verified' || verification.principal.kind !== 'user') {
      throw new Error('not verified')
    }
    const { roles, deep } = verification.principal.claims as z.output<typeof schema>
    expect(() => roles.push('admin')).toThrow(TypeError)
    expect(() => Object.assign(deep, { er: 'y' })).toThrow(TypeError)
    expect(await verifier.judge(token)).toBe(verification)
  })

  test('asks a schema once', async () => {
    const validate = vi.fn((value: unknown) => ({ value }))
    const verifier = setUp({ claims: { '~standard': { version: 1, vendor: 'test', validate } } })
    const token = await issuer.token()
    for (let time = 0; time < 3; time++) await verifier.judge(token)
    expect(validate).toHaveBeenCalledTimes(1)
  })

  test.each([
    { maxTokens: 1 },
    { maxTokens: 100_001 },
    { maxAge: 0 },
    { maxAge: 301 },
    { size: 1 },
  ])('is not remembered under the settings %j, which start no verifier', (cache) => {
    expect(() => setUp({ cache } as never)).toThrow(
      expect.objectContaining({ code: expect.any(String) }),
    )
  })
})

function claims() {
  const now = clock.now()
  const { issuer: iss, audience: aud } = issuer
  return { iss, aud, sub: 'alice', client_id: 'web', jti: 'j', iat: now, exp: now + 600 }
}
