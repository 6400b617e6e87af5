import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  createOpaqueToken,
  hashOpaqueToken,
  type OpaqueTokenRecord,
} from '../../src/lifecycle/opaque-token.js'
import { lineageOfClaims, NO_LINEAGE } from '../../src/principal/lineage.js'
import type { ApplicationPrincipal, UserPrincipal } from '../../src/principal/principal.js'
import {
  type OpaqueBearerOptions,
  type OpaqueTokenStore,
  opaqueBearer,
} from '../../src/verify/opaque-bearer.js'
import type { Verifier } from '../../src/verify/verifier.js'
import {
  aContext,
  aSpyStore,
  bearerCredential,
  brokenStores,
  cookieCredential,
  NOW,
} from './verifier-kit.js'

const { token, hash } = createOpaqueToken()
const TEXT = token.reveal()
const USER = {
  kind: 'user',
  hash,
  subject: 'alice',
  scopes: ['jobs:run'],
  expiresAt: NOW + 60,
} as const
const APPLICATION = {
  kind: 'application',
  hash,
  applicationId: 'reports',
  scopes: ['jobs:run'],
  expiresAt: NOW + 60,
} as const

function verifierOf(answer: () => unknown, options: Partial<OpaqueBearerOptions> = {}) {
  const store = aSpyStore(answer)
  // Stores of every sort are what is tested.
  return { store, verifier: opaqueBearer({ store: store as OpaqueTokenStore, ...options }) }
}

function judge(answer: unknown, { text = TEXT, now = NOW } = {}) {
  return verifierOf(() => answer).verifier.verify(bearerCredential(text), aContext({ now }))
}

describe("a user's token", () => {
  test('identifies the user with all that the record says', async () => {
    const record: OpaqueTokenRecord = {
      ...USER,
      issuer: 'https://id.example',
      clientId: 'web',
      authTime: NOW - 5,
      claims: { tenant: 'north', roles: ['reader'] },
    }
    expect(await judge(record)).toEqual({
      kind: 'verified',
      principal: {
        kind: 'user',
        issuer: 'https://id.example',
        subject: 'alice',
        clientId: 'web',
        grant: expect.objectContaining({ tokens: ['jobs:run'], problem: null }),
        claims: { tenant: 'north', roles: ['reader'] },
        authentication: { time: NOW - 5, acr: null, amr: [] },
        credentialId: `opaque-token:${hash}`,
        lineage: { ...NO_LINEAGE, tenant: 'north' },
        expiresAt: NOW + 60,
      },
    })
  })

  test('has an issuer, no client, no claims and no login unless the record says so', async () => {
    expect(await judge(USER)).toMatchObject({
      kind: 'verified',
      principal: {
        issuer: 'opaque-token',
        clientId: null,
        claims: {},
        authentication: { time: null, acr: null, amr: [] },
      },
    })
  })

  test('descends from what the claims of its record say', async () => {
    const claims = { sid: 'phone', family: 'f1', epochs: { subject: 2 } }
    expect(await judge({ ...USER, claims })).toMatchObject({
      principal: { lineage: lineageOfClaims(claims, null) },
    })
    const store = { find: () => ({ ...APPLICATION, claims: { epochs: { client: 4 } } }) }
    const verifier = opaqueBearer({ store, principal: 'application' })
    expect(await verifier.verify(bearerCredential(TEXT), aContext())).toMatchObject({
      principal: { lineage: { epochs: { client: 4 } } },
    })
  })

  test('gives handlers claims that they cannot change, here or in the store', async () => {
    const claims = { roles: ['reader'], nested: { level: 1 } }
    const verification = await judge({ ...USER, claims })
    if (verification.kind !== 'verified') throw new Error(verification.kind)
    const given = verification.principal.claims as unknown as typeof claims // as stored above
    expect(() => given.roles.push('admin')).toThrow(TypeError)
    expect(() => Object.assign(given.nested, { level: 9 })).toThrow(TypeError)
    claims.roles.push('writer')
    expect(given.roles).toEqual(['reader'])
  })
})

test('a claim named __proto__ gives a user nothing', async () => {
  const claims = JSON.parse('{"__proto__":{"admin":true},"nested":{"__proto__":{"admin":true}}}')
  const verification = await judge({ ...USER, claims })
  if (verification.kind !== 'verified') throw new Error(verification.kind)
  const given = verification.principal.claims
  expect(given['admin']).toBeUndefined()
  expect(given['nested']).not.toHaveProperty('admin')
})

describe("an application's token", () => {
  test('identifies the application where one is expected', async () => {
    const store = { find: () => APPLICATION }
    const verifier = opaqueBearer({ store, principal: 'application' })
    expect(await verifier.verify(bearerCredential(TEXT), aContext())).toEqual({
      kind: 'verified',
      principal: {
        kind: 'application',
        issuer: 'opaque-token',
        applicationId: 'reports',
        grant: expect.objectContaining({ tokens: ['jobs:run'] }),
        credentialId: `opaque-token:${hash}`,
        lineage: NO_LINEAGE,
        expiresAt: NOW + 60,
      },
    })
  })

  test('is refused where a user is expected, and the reverse', async () => {
    const refusal = { kind: 'refused', reason: 'principal_kind' }
    expect(await judge(APPLICATION)).toEqual(refusal)
    const verifier = opaqueBearer({ store: { find: () => USER }, principal: 'application' })
    expect(await verifier.verify(bearerCredential(TEXT), aContext())).toEqual(refusal)
  })
})

describe('a token', () => {
  test('works in its last second, and not in the next', async () => {
    expect((await judge(USER, { now: NOW + 59 })).kind).toBe('verified')
    for (const now of [NOW + 60, NOW + 61]) {
      expect(await judge(USER, { now })).toEqual({ kind: 'refused', reason: 'token_expired' })
    }
  })

  test('that is not in the store is refused', async () => {
    expect(await judge(null)).toEqual({ kind: 'refused', reason: 'token_unknown' })
  })

  test('is looked up by its hash and shown to nobody', async () => {
    const { store, verifier } = verifierOf(() => USER)
    await verifier.verify(bearerCredential(TEXT), aContext())
    expect(store.calls).toEqual([[hashOpaqueToken(TEXT)]])
    expect(store.seen()).not.toContain(TEXT)
  })

  test('with a scope claim that cannot be read is refused', async () => {
    const scopes = Array.from({ length: 513 }, (_, index) => `scope${index}`)
    expect(await judge({ ...USER, scopes })).toEqual({ kind: 'refused', reason: 'scope_limit' })
  })
})

describe('a store that', () => {
  test.each([...brokenStores(USER), ...brokenStores(APPLICATION)])(
    '%s is unavailable',
    async (_, answer) => {
      const { verifier } = verifierOf(answer)
      expect(await verifier.verify(bearerCredential(TEXT), aContext())).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    },
  )

  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  test.each([
    ['answers with the record of another token', { ...USER, hash: hashOpaqueToken('other') }],
    ['has a token that never expires', { ...USER, expiresAt: null }],
    ['has an infinite expiry', { ...USER, expiresAt: Number.POSITIVE_INFINITY }],
    ['has an unknown kind', { ...USER, kind: 'admin' }],
    ['has an empty subject', { ...USER, subject: '' }],
    ['has claims that are a list', { ...USER, claims: [] }],
    ['has a function among the claims', { ...USER, claims: { isAdmin: () => true } }],
    ['has claims that hold themselves', { ...USER, claims: cyclic }],
    ['has a login time in words', { ...USER, authTime: 'yesterday' }],
  ])('%s is unavailable', async (_, record) => {
    expect(await judge(record)).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
  })

  test('hangs is unavailable once its time is up', async () => {
    const { verifier } = verifierOf(() => new Promise(() => {}), { timeoutMilliseconds: 1 })
    expect(await verifier.verify(bearerCredential(TEXT), aContext())).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
    })
  })
})

describe('opaqueBearer', () => {
  test('reads opaque bearer tokens and offers Bearer', () => {
    const { verifier } = verifierOf(() => null)
    expect(verifier.recognises).toEqual({ kind: 'bearer', format: 'opaque' })
    expect(verifier.offer).toEqual({ scheme: 'Bearer', parameters: {} })
    expect(verifierOf(() => null, { realm: 'api' }).verifier.offer).toHaveProperty('parameters', {
      realm: 'api',
    })
  })

  test('reads a cookie instead, if told so, and only that one', async () => {
    const { verifier, store } = verifierOf(() => USER, { cookie: '__Host-token' })
    expect(verifier.recognises).toEqual({ kind: 'cookie', name: '__Host-token' })
    expect(verifier.offer).toEqual({
      scheme: 'Cookie',
      parameters: { 'cookie-name': '__Host-token' },
    })
    const ours = await verifier.verify(cookieCredential('__Host-token', TEXT), aContext())
    expect(ours.kind).toBe('verified')
    expect(store.calls).toHaveLength(1)
    for (const other of [cookieCredential('__host-token', TEXT), bearerCredential(TEXT)]) {
      expect(await verifier.verify(other, aContext())).toEqual({
        kind: 'refused',
        reason: 'token_malformed',
      })
    }
    expect(store.calls).toHaveLength(1)
  })

  test('does not take a cookie for a bearer token', async () => {
    const { verifier, store } = verifierOf(() => USER)
    expect(await verifier.verify(cookieCredential('token', TEXT), aContext())).toEqual({
      kind: 'refused',
      reason: 'token_malformed',
    })
    expect(store.calls).toEqual([])
  })

  test.each([
    ['no store', { store: undefined }],
    ['a store that cannot find', { store: {} }],
    ['a cookie that is no name', { cookie: 'a=b' }],
    ['an empty cookie', { cookie: '' }],
    ['a realm that is too long', { realm: 'a'.repeat(129) }],
    ['an empty realm', { realm: '' }],
    ['another kind of principal', { principal: 'admin' }],
    ['a misspelt option', { cookies: 'token' }],
  ])('refuses %s', (_, change) => {
    const options = { store: { find: () => null }, ...change } as Parameters<typeof opaqueBearer>[0]
    expect(() => opaqueBearer(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  test('proves what its option says, to the compiler too', () => {
    const store: OpaqueTokenStore = { find: () => null }
    expectTypeOf(opaqueBearer({ store })).toEqualTypeOf<Verifier<UserPrincipal>>()
    expectTypeOf(opaqueBearer({ store, principal: 'user' })).toEqualTypeOf<
      Verifier<UserPrincipal>
    >()
    expectTypeOf(opaqueBearer({ store, principal: 'application' })).toEqualTypeOf<
      Verifier<ApplicationPrincipal>
    >()
  })
})
