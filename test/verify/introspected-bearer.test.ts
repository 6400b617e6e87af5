import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { ConfigurationError } from '../../src/errors.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { lineageOfClaims, NO_LINEAGE } from '../../src/principal/lineage.js'
import type { ApplicationPrincipal, UserPrincipal } from '../../src/principal/principal.js'
import {
  type IntrospectedBearerOptions,
  introspectedBearer,
} from '../../src/verify/introspected-bearer.js'
import type { Verifier } from '../../src/verify/verifier.js'
import {
  AUDIENCE,
  active,
  aSource,
  down,
  ISSUER,
  inactive,
} from './introspection/introspection-kit.js'
import { aContext, bearerCredential, cookieCredential, NOW } from './verifier-kit.js'

type Options = Partial<IntrospectedBearerOptions<never>>

async function judge(answer: unknown, options: Options = {}, { text = 'opaque', now = NOW } = {}) {
  const source = aSource(() => answer)
  const verifier = introspectedBearer({ source, audience: AUDIENCE, ...options })
  return verifier.verify(bearerCredential(text), aContext({ now }))
}

async function judgeApplication(answer: unknown) {
  const source = aSource(() => answer)
  const verifier = introspectedBearer({ source, audience: AUDIENCE, principal: 'application' })
  return verifier.verify(bearerCredential('opaque'), aContext())
}

describe("a user's token", () => {
  test('identifies the user with all that the answer says', async () => {
    const answer = active({
      acr: 'gold',
      amr: ['pwd', 'otp'],
      auth_time: NOW - 30,
      tenant: { id: 'north' },
    })
    const verification = await judge(answer)
    expect(verification).toEqual({
      kind: 'verified',
      principal: {
        kind: 'user',
        issuer: ISSUER,
        subject: 'alice',
        clientId: 'web',
        grant: expect.objectContaining({ tokens: ['jobs:run'], problem: null }),
        claims: expect.objectContaining({ active: true, tenant: { id: 'north' } }),
        authentication: { time: NOW - 30, acr: 'gold', amr: ['pwd', 'otp'] },
        credentialId: `opaque-token:${hashOpaqueToken('opaque')}`,
        lineage: NO_LINEAGE,
        expiresAt: NOW + 600,
      },
    })
    const { claims } = (verification as { principal: UserPrincipal }).principal
    expect(Object.isFrozen(claims) && Object.isFrozen(claims['tenant'])).toBe(true)
    expect(Object.getPrototypeOf(claims)).toBe(null)
  })

  test('descends from what the answer says', async () => {
    const told = { sid: 'phone', epochs: { subject: 2 } }
    expect(await judge(active(told))).toMatchObject({
      principal: { lineage: lineageOfClaims(told, null) },
    })
  })

  test('may leave out everything but `active`, `aud` and `sub`', async () => {
    expect(
      await judge({ kind: 'active', claims: { active: true, aud: AUDIENCE, sub: 'a' } }),
    ).toMatchObject({
      kind: 'verified',
      principal: {
        issuer: ISSUER,
        subject: 'a',
        clientId: null,
        expiresAt: null,
        grant: { tokens: [] },
      },
    })
  })

  test('has the claims that a schema makes of the answer', async () => {
    const claims = z.object({ tenant: z.string().transform((name) => name.toUpperCase()) })
    const source = aSource(() => active({ tenant: 'north' }))
    const verifier = introspectedBearer({ source, audience: AUDIENCE, claims })
    expectTypeOf(verifier).toEqualTypeOf<Verifier<UserPrincipal<{ tenant: string }>>>()
    expect(await verifier.verify(bearerCredential('opaque'), aContext())).toMatchObject({
      principal: { claims: { tenant: 'NORTH' } },
    })
    expect(await judge(active(), { claims: claims as never })).toEqual({
      kind: 'refused',
      reason: 'claims_rejected',
    })
  })

  test('has the scopes of the members that its server keeps them in', async () => {
    const answer = active({ scope: 'x', permissions: ['jobs:run'] })
    expect(await judge(answer, { scopeClaims: ['permissions'] })).toMatchObject({
      principal: { grant: { tokens: ['jobs:run'], unknown: [] } },
    })
  })

  test('is not known by its text, and by its `jti` if the answer has one', async () => {
    const credentialId = async (answer: unknown, text: string) =>
      ((await judge(answer, {}, { text })) as { principal: UserPrincipal }).principal.credentialId
    const named = active({ jti: 'one' })
    expect(await credentialId(named, 'a')).toBe(await credentialId(named, 'b'))
    expect(await credentialId(active(), 'a')).not.toBe(await credentialId(active(), 'b'))
    expect(await credentialId(named, 'opaque')).not.toContain('opaque')
  })
})

describe("an application's token", () => {
  test.each([
    ['whose `sub` is its `client_id`', { sub: 'web' }],
    ['that names no user at all', { sub: undefined }],
  ])('is taken %s', async (_, members) => {
    const source = aSource(() => active(members))
    const verifier = introspectedBearer({ source, audience: AUDIENCE, principal: 'application' })
    expectTypeOf(verifier).toEqualTypeOf<Verifier<ApplicationPrincipal>>()
    expect(await verifier.verify(bearerCredential('opaque'), aContext())).toMatchObject({
      kind: 'verified',
      principal: { kind: 'application', applicationId: 'web', issuer: ISSUER },
    })
    expect(await judge(active(members))).toEqual({ kind: 'refused', reason: 'principal_kind' })
  })

  test.each([
    ['has a user as `sub`', {}],
    ['names a user by `username` only', { sub: undefined, username: 'alice' }],
    ['has no client', { client_id: undefined }],
  ])('is refused if it %s', async (_, members) => {
    expect(await judgeApplication(active(members))).toEqual({
      kind: 'refused',
      reason: 'principal_kind',
    })
  })
})

describe('a token is refused', () => {
  test('if the server says that it is not active, whatever else it says', async () => {
    expect(await judge(inactive)).toEqual({ kind: 'refused', reason: 'token_inactive' })
  })

  test.each([
    ['for another API', { aud: 'https://other.example.com' }, 'audience_mismatch', 'aud'],
    ['for nobody in particular', { aud: undefined }, 'claim_missing', 'aud'],
    ['for an API of a longer name', { aud: `${AUDIENCE}/v1` }, 'audience_mismatch', 'aud'],
    ['of another issuer', { iss: 'https://id.example.net' }, 'issuer_mismatch', 'iss'],
    ['of an issuer with another slash', { iss: `${ISSUER}/` }, 'issuer_mismatch', 'iss'],
    [
      'without a user or a client',
      { sub: undefined, client_id: undefined },
      'claim_missing',
      'sub',
    ],
    [
      'of another kind by its `token_type`',
      { token_type: 'refresh_token' },
      'token_type',
      'token_type',
    ],
    [
      'of another kind by its `token_use`',
      { token_use: 'refresh_token' },
      'token_type',
      'token_type',
    ],
  ])('%s', async (_, members, reason, claim) => {
    expect(await judge(active(members))).toEqual({ kind: 'refused', reason, claim })
  })

  test('that is to be used with a proof, though not by whom', async () => {
    expect(await judge(active({ token_type: 'DPoP' }))).toEqual({
      kind: 'refused',
      reason: 'confirmation_unsupported',
    })
  })

  test('for several APIs unless one of them is ours', async () => {
    const others = ['https://a.example', 'https://b.example']
    expect(await judge(active({ aud: others }))).toMatchObject({ kind: 'refused' })
    expect(await judge(active({ aud: [...others, AUDIENCE] }))).toMatchObject({ kind: 'verified' })
  })

  test('for whom is not looked at if the caller says so by name', async () => {
    for (const aud of [undefined, 'https://other.example.com']) {
      expect(await judge(active({ aud }), { audience: null })).toMatchObject({ kind: 'verified' })
    }
  })

  test.each([
    ['expired', { exp: NOW }, 5, 'token_expired'],
    ['not valid yet', { nbf: NOW }, -6, 'token_not_yet_valid'],
    ['from the future', { iat: NOW }, -6, 'token_from_future'],
  ])('as %s, to the second, with five of leeway', async (_, members, second, reason) => {
    const times = { iat: undefined, exp: undefined, ...members }
    const at = (now: number) => judge(active(times), {}, { now })
    const inside = second > 0 ? second - 1 : second + 1
    expect(await at(NOW + second)).toMatchObject({ kind: 'refused', reason })
    expect(await at(NOW + inside)).toMatchObject({ kind: 'verified' })
  })

  test('before anybody is asked if it is a JWT of another spelling, or no text of a token', async () => {
    const { privateJwk } = await generateSigningKey('ES256')
    const jwt = await signJwt({ exp: NOW + 60 }, { key: privateJwk, type: 'at+jwt' })
    const source = aSource()
    const verifier = introspectedBearer({ source, audience: AUDIENCE })
    const verdict = async (text: string) =>
      (await verifier.verify(bearerCredential(text), aContext())).kind
    // The last of 86 characters holds two bits that spell nothing: the next character has the same bytes.
    const twin = jwt.slice(0, -1) + String.fromCharCode(jwt.charCodeAt(jwt.length - 1) + 1)
    for (const text of [twin, 'eyJub3QiOiJqc29uIg.e30.AA', '', 'x'.repeat(8_193)]) {
      expect(await verdict(text)).toBe('refused')
    }
    expect(source.asked).toEqual([])
    expect([await verdict(jwt), await verdict('x'.repeat(8_192))]).toEqual(['verified', 'verified'])
  })
})

describe('an answer that cannot be right is an outage and no refusal', () => {
  test.each([
    ['iss', 7],
    ['iss', ''],
    ['aud', []],
    ['aud', [7]],
    ['aud', { is: AUDIENCE }],
    ['exp', String(NOW + 60)],
    ['exp', null],
    ['exp', -1],
    ['iat', true],
    ['nbf', {}],
    ['sub', 7],
    ['sub', ['alice']],
    ['client_id', {}],
    ['jti', 7],
    ['scope', ['jobs:run']],
    ['scope', 7],
    ['token_type', 7],
    ['username', {}],
    ['acr', 1],
    ['amr', 'pwd'],
    ['auth_time', 'now'],
  ])('%s: %j', async (name, value) => {
    expect(await judge(active({ [name]: value }))).toMatchObject({
      kind: 'unavailable',
      reason: 'introspection_unavailable',
      cause: { message: `The authorization server answered with an unusable '${name}'.` },
    })
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'active'],
    ['another kind', { kind: 'verified' }],
    ['no members', { kind: 'active' }],
    ['null for members', { kind: 'active', claims: null }],
    ['a trap', new Proxy({}, { get: () => expect.fail('trap') })],
    ['a list for members', { kind: 'active', claims: [] }],
  ])('%s, from a source of the own', async (_, answer) => {
    expect(await judge(answer)).toMatchObject({
      kind: 'unavailable',
      reason: 'introspection_unavailable',
    })
  })
})

test('a source that throws or rejects is an outage and no refusal', async () => {
  const lost = () => {
    throw new Error('connection lost')
  }
  for (const introspect of [lost, async () => lost()]) {
    const source = { issuer: ISSUER, introspect }
    const verifier = introspectedBearer({ source, audience: AUDIENCE })
    expect(await verifier.verify(bearerCredential('opaque'), aContext())).toEqual({
      kind: 'unavailable',
      reason: 'introspection_unavailable',
      cause: new Error('connection lost'),
      retryAfterSeconds: 1,
    })
  }
})

describe('the verifier', () => {
  test('reads the token from a cookie and from nowhere else if told to', async () => {
    const verifier = introspectedBearer({ source: aSource(), audience: AUDIENCE, cookie: 'sid' })
    expect(verifier.recognises).toEqual({ kind: 'cookie', name: 'sid' })
    const verdict = async (credential: Parameters<typeof verifier.verify>[0]) =>
      (await verifier.verify(credential, aContext())).kind
    expect(await verdict(cookieCredential('sid', 'opaque'))).toBe('verified')
    expect(await verdict(bearerCredential('opaque'))).toBe('refused')
  })

  test('names its issuer to OAuth clients', () => {
    const { metadata } = introspectedBearer({ source: aSource(), audience: AUDIENCE })
    expect(metadata).toEqual({ issuers: [ISSUER] })
  })

  test('makes one principal for one answer, and another for another vocabulary', async () => {
    const verifier = introspectedBearer({ source: aSource(), audience: AUDIENCE })
    const ask = async (context = aContext()) =>
      ((await verifier.verify(bearerCredential('opaque'), context)) as { principal: UserPrincipal })
        .principal
    const first = await ask()
    expect(await ask()).toBe(first)
    const { defineScopes } = await import('../../src/scope/define-scopes.js')
    const other = await ask(aContext({ scopes: defineScopes({ resources: { toys: ['play'] } }) }))
    expect(other.grant.covered.size).toBe(0)
    expect(first.grant.covered.size).toBe(1)
  })

  test('makes a principal for each request where a handler could write to its claims', async () => {
    const claims = z.pipe(
      z.object({ sub: z.string() }),
      z.transform(() => ({ roles: new Set(['reader']) })),
    )
    const verifier = introspectedBearer({ source: aSource(), audience: AUDIENCE, claims })
    const ask = async () =>
      (await verifier.verify(bearerCredential('opaque'), aContext())) as {
        principal: UserPrincipal<{ roles: Set<string> }>
      }
    const first = await ask()
    first.principal.claims.roles.add('admin')
    expect((await ask()).principal.claims.roles).toEqual(new Set(['reader']))
  })

  test.each<[string, object]>([
    ['no source', { source: undefined }],
    ['a source without an issuer', { source: { introspect: async () => down() } }],
    ['no audience', { audience: undefined }],
    ['an empty audience', { audience: '' }],
    ['an empty list of audiences', { audience: [] }],
    ['a misspelt option', { audiences: AUDIENCE }],
    ['a schema that is none', { claims: {} }],
    ['a schema that is undefined', { claims: undefined }],
    ['a sender constraint that is undefined', { senderConstraint: undefined }],
    ['a cache that is true', { cache: true }],
    ['a cache that remembers for nothing', { cache: { maxAge: 0 } }],
    ['a cache that remembers for too long', { cache: { maxAge: 901 } }],
    ['a negative cache of more than a minute', { cache: { negativeMaxAge: 61 } }],
    ['a cache without room', { cache: { maxTokens: 0 } }],
    ['a leeway of more than a minute', { leeway: 61 }],
    ['no time', { timeoutMilliseconds: 0 }],
    ['no questions at all', { concurrent: 0 }],
    ['a queue of less than nothing', { queued: -1 }],
    ['another kind of principal', { principal: 'robot' }],
  ])('is not made with %s', (_, options) => {
    const make = () =>
      introspectedBearer({ source: aSource(), audience: AUDIENCE, ...options } as never)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })
})
