import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ConfigurationError } from '../../src/errors.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { Redacted } from '../../src/shared/redacted.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer, type TokenOptions } from '../../src/testing/test-issuer.js'
import { type JwtBearerOptions, jwtBearer } from '../../src/verify/jwt-bearer.js'
import { aContext } from './verifier-kit.js'

const clock = createTestClock()
const issuer = await createTestIssuer({ clock })
const context = aContext({
  now: clock.now(),
  scopes: defineScopes({ resources: { things: ['read'] } }),
})

async function verify(
  token: TokenOptions | string,
  options: Partial<JwtBearerOptions<unknown>> & { principal?: 'user' } = {},
) {
  const text = typeof token === 'string' ? token : await issuer.token(token)
  const verifier = jwtBearer({ ...issuer.trust, ...options })
  return verifier.verify({ kind: 'bearer', token: new Redacted(text) }, context)
}

describe('a user by JWT', () => {
  test('is identified by issuer and subject, with the grant and the login that the token states', async () => {
    const claims = { auth_time: clock.now() - 5, acr: 'gold', amr: ['pwd'], jti: 'one' }
    const verification = await verify({ scope: 'things:read other', claims })
    expect(verification).toMatchObject({
      kind: 'verified',
      principal: {
        kind: 'user',
        issuer: issuer.issuer,
        subject: 'alice',
        clientId: 'test-client',
        authentication: { time: clock.now() - 5, acr: 'gold', amr: ['pwd'] },
        expiresAt: clock.now() + 900,
      },
    })
    if (verification.kind !== 'verified') return
    expect([...verification.principal.grant.covered]).toEqual(['things:read'])
    expect(Object.isFrozen(verification.principal)).toBe(true)
  })

  test('must have a subject', async () => {
    expect(await verify({ subject: undefined })).toEqual({
      kind: 'refused',
      reason: 'claim_missing',
      claim: 'sub',
    })
  })

  test('is not an application: a token whose subject is its client is refused', async () => {
    expect(await verify({ subject: 'robot', clientId: 'robot' })).toEqual({
      kind: 'refused',
      reason: 'principal_kind',
    })
  })

  test('with two scope claims that differ is refused', async () => {
    expect(await verify({ scope: 'things:read', claims: { scp: ['things:write'] } })).toEqual({
      kind: 'refused',
      reason: 'scope_claim_ambiguous',
    })
  })

  test('has the scopes of the claims that its issuer keeps them in, and of no others', async () => {
    const token = { scope: 'things:write', claims: { scp: 'x', permissions: ['things:read'] } }
    const verification = await verify(token, { scopeClaims: ['permissions'] })
    const grant = verification.kind === 'verified' ? verification.principal.grant : null
    expect(grant?.tokens).toEqual(['things:read'])
    expect(grant?.unknown).toEqual([])
    for (const scopeClaims of [[], [''], 'scp', undefined]) {
      const options = { ...issuer.trust, scopeClaims: scopeClaims as string[] }
      expect(() => jwtBearer(options)).toThrow(ConfigurationError)
    }
  })

  test('is refused with any hostile token', async () => {
    for (const kind of ['algorithm-none', 'key-confusion', 'tampered', 'wrong-audience'] as const) {
      expect(await verify(await issuer.hostile(kind))).toMatchObject({ kind: 'refused' })
    }
    expect(await verify('')).toMatchObject({ kind: 'refused' })
  })
})

describe('what a token descends from', () => {
  const told = { sid: 'phone', family: 'f1', tenant: 'north', epochs: { subject: 2 } }

  test('is read from all of its claims, also where the schema leaves them out', async () => {
    const claims = z.object({ sub: z.string() })
    expect(await verify({ claims: told }, { claims })).toMatchObject({
      principal: {
        claims: { sub: 'alice' },
        lineage: {
          session: 'phone',
          family: 'f1',
          tenant: 'north',
          epochs: { everything: 0, tenant: 0, client: 0, subject: 2, session: 0 },
        },
      },
    })
  })

  test('names the key that verified it, also if its header names none', async () => {
    const [{ kid = null } = {}] = issuer.trust.keys.keys
    expect(kid).not.toBe(null)
    for (const header of [{}, { kid: undefined }]) {
      expect(await verify({ header })).toMatchObject({ principal: { lineage: { keyId: kid } } })
    }
  })

  test('is told of an application as well', async () => {
    const verifier = jwtBearer({ ...issuer.trust, principal: 'application' })
    const token = await issuer.token({
      subject: 'robot',
      clientId: 'robot',
      claims: { epochs: { client: 4 } },
    })
    expect(
      await verifier.verify({ kind: 'bearer', token: new Redacted(token) }, context),
    ).toMatchObject({ principal: { lineage: { epochs: { client: 4 } } } })
  })
})

describe('an application by JWT', () => {
  const verifier = jwtBearer({ ...issuer.trust, principal: 'application' })
  const verifyApplication = async (token: TokenOptions, of = verifier) =>
    of.verify({ kind: 'bearer', token: new Redacted(await issuer.token(token)) }, context)

  test('is named by its client id and has neither subject nor claims', async () => {
    const verification = await verifyApplication({
      subject: 'robot',
      clientId: 'robot',
      scope: 'things:read',
    })
    expect(verification).toMatchObject({
      kind: 'verified',
      principal: { kind: 'application', applicationId: 'robot' },
    })
    expect('subject' in (verification.kind === 'verified' ? verification.principal : {})).toBe(
      false,
    )
  })

  test('has the scopes of the claims that its issuer keeps them in', async () => {
    const pinned = jwtBearer({ ...issuer.trust, principal: 'application', scopeClaims: ['scp'] })
    const token = { subject: 'a', clientId: 'a', claims: { scope: 'x', scp: 'things:read' } }
    expect(await verifyApplication(token, pinned)).toMatchObject({
      principal: { grant: { tokens: ['things:read'], unknown: [] } },
    })
  })

  test("a user's token is refused", async () => {
    const byUser = { subject: 'alice', clientId: 'robot' }
    expect(await verifyApplication(byUser)).toEqual({ kind: 'refused', reason: 'principal_kind' })
  })

  test('with two scope claims that differ is refused', async () => {
    const token = { subject: 'a', clientId: 'a', scope: 'things:read', claims: { scp: 'x' } }
    expect(await verifyApplication(token)).toEqual({
      kind: 'refused',
      reason: 'scope_claim_ambiguous',
    })
  })
})

describe('typed claims', () => {
  test('are what the schema makes of them', async () => {
    const claims = z.object({ tenant: z.string().transform((tenant) => tenant.toUpperCase()) })
    expect(await verify({ claims: { tenant: 'acme' } }, { claims })).toMatchObject({
      principal: { claims: { tenant: 'ACME' } },
    })
  })

  test('that the schema refuses refuse the token', async () => {
    expect(await verify({}, { claims: z.object({ tenant: z.string() }) })).toEqual({
      kind: 'refused',
      reason: 'claims_rejected',
    })
  })

  test('may be checked asynchronously', async () => {
    const claims = z.object({ tenant: z.string().refine(async (tenant) => tenant === 'acme') })
    expect(await verify({ claims: { tenant: 'acme' } }, { claims })).toMatchObject({
      kind: 'verified',
    })
    expect(await verify({ claims: { tenant: 'b' } }, { claims })).toMatchObject({ kind: 'refused' })
  })

  test('whose schema throws cannot be judged', async () => {
    const claims = z.object({}).refine(() => {
      throw new Error('the schema is broken')
    })
    expect(await verify({}, { claims })).toMatchObject({
      kind: 'unavailable',
      reason: 'verifier_failed',
    })
  })
})

describe('where the token comes from', () => {
  test('a cookie, if the verifier is told so', async () => {
    const verifier = jwtBearer({ ...issuer.trust, cookie: '__Host-token' })
    expect(verifier.recognises).toEqual({ kind: 'cookie', name: '__Host-token' })
    expect(verifier.offer).toEqual({
      scheme: 'Cookie',
      parameters: { 'cookie-name': '__Host-token' },
    })
    const value = new Redacted(await issuer.token())
    expect(
      await verifier.verify({ kind: 'cookie', name: '__Host-token', value }, context),
    ).toMatchObject({
      kind: 'verified',
    })
  })

  test('a credential of another kind is refused', async () => {
    const key = new Redacted(await issuer.token())
    expect(await jwtBearer(issuer.trust).verify({ kind: 'api-key', key }, context)).toEqual({
      kind: 'refused',
      reason: 'token_malformed',
    })
  })
})

describe('keys that cannot be had', () => {
  test('make the token unjudged, not refused', async () => {
    const unavailable = { kind: 'unavailable', retryAfterSeconds: 7, cause: null } as const
    const keys = { current: async () => unavailable, refreshed: async () => unavailable }
    expect(await verify({}, { keys })).toMatchObject({
      kind: 'unavailable',
      reason: 'keys_unavailable',
    })
  })
})

describe('a verifier that cannot be right does not start', () => {
  test.each<[string, object]>([
    ['a schema that is none', { claims: {} }],
    ['a schema that is undefined, misspelt where it comes from', { claims: undefined }],
    ['a sender constraint that is undefined', { senderConstraint: undefined }],
    ['an empty cookie name', { cookie: '' }],
    ['a principal of another kind', { principal: 'robot' }],
    ['an unknown option', { secret: 'x' }],
    ['no audience', { audience: undefined }],
    ['no issuer', { issuer: undefined }],
    ['no algorithms', { algorithms: [] }],
    ['the algorithm none', { algorithms: ['none'] }],
    ['two families', { algorithms: ['ES256', 'HS256'] }],
  ])('%s', (_, options) => {
    expect(() => jwtBearer({ ...issuer.trust, ...options } as never)).toThrow(ConfigurationError)
  })
})
