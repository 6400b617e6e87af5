import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { UnavailableError } from '../../src/errors.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'
import { createLifecycle } from '../../src/lifecycle/lifecycle.js'
import { hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { staticSigningKey } from '../../src/lifecycle/signing-keys/signing-key-source.js'
import type { Store } from '../../src/lifecycle/store/store.js'
import { tokenResponse } from '../../src/lifecycle/token-set.js'
import { memoryStore } from '../../src/stores/memory.js'
import {
  AUDIENCE,
  aWorld,
  ISSUER,
  loggedIn,
  refreshed,
  refreshTextOf,
  type World,
} from './a-lifecycle.js'

const CLIENT = { clientId: 'app' }

async function stands({ lifecycle }: World, token: { reveal(): string }): Promise<boolean> {
  return (await lifecycle.accessTokens.find(hashOpaqueToken(token.reveal()))) !== null
}

describe('issuing', () => {
  test('a login brings an access token for 15 minutes and a refresh token', async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    expect(tokens).toMatchObject({ tokenType: 'Bearer', scopes: ['posts:read', 'posts:write'] })
    expect(tokens.expiresAt).toBe(world.clock.now() + 900)
    expect(refreshTextOf(tokens)).toMatch(/^rt_/)
    expect(await stands(world, tokens.accessToken)).toBe(true)
  })

  test('its response is that of RFC 6749', async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    expect(tokenResponse(tokens, world.clock.now())).toEqual({
      access_token: tokens.accessToken.reveal(),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: refreshTextOf(tokens),
      scope: 'posts:read posts:write',
    })
  })

  test('an access token is a JWT of RFC 9068 if there are keys', async () => {
    const { privateJwk } = await generateSigningKey('ES256')
    const world = aWorld({ accessTokens: { kind: 'jwt', keys: staticSigningKey(privateJwk) } })
    const tokens = await loggedIn(world, { tenant: 'acme', acr: 'high', claims: { plan: 'pro' } })
    const text = tokens.accessToken.reveal()
    const now = world.clock.now()
    expect(decodeProtectedHeader(text)).toMatchObject({ typ: 'at+jwt', kid: privateJwk.kid })
    expect(decodeJwt(text)).toEqual({
      iss: ISSUER,
      sub: 'alice',
      aud: AUDIENCE,
      client_id: 'app',
      iat: now,
      exp: now + 900,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      scope: 'posts:read posts:write',
      auth_time: now,
      acr: 'high',
      sid: tokens.session,
      family: tokens.family,
      tenant: 'acme',
      plan: 'pro',
    })
  })

  test.each([
    [{ kind: 'opaque', lifetime: '61m' }],
    [{ kind: 'opaque', lifetime: 29 }],
    [{ kind: 'opaque', lifetime: Number.NaN }],
  ] as const)('a lifetime beyond the bounds does not start: %o', (accessTokens) => {
    expect(() => aWorld({ accessTokens })).toThrow(/accessTokens\.lifetime/)
  })

  test.each([
    { idle: '91d' },
    { absolute: '367d' },
    { absolute: '1d', idle: '2d' },
    { grace: 301 },
    { grace: -1 },
  ] as const)('nor does %o', (refreshTokens) => {
    expect(() => aWorld({ refreshTokens })).toThrow(/refreshTokens/)
  })

  test.each(['sub', 'exp', 'scope', 'cnf', 'epochs', 'sid'])(
    'a claim that the library sets is refused: %s',
    async (name) => {
      await expect(loggedIn(aWorld(), { claims: { [name]: 'mine' } })).rejects.toThrow(name)
    },
  )

  test.each(['', 'a\u0000b', 'a\nb', '\ud800', 'a'.repeat(256)])(
    'a subject that stores could mistake is refused: %o',
    async (subject) => {
      await expect(aWorld().lifecycle.startLogin({ subject, clientId: 'app' })).rejects.toThrow(
        /subject/,
      )
    },
  )

  test('a program gets an access token for itself and nothing to refresh', async () => {
    const world = aWorld()
    const started = await world.lifecycle.startLogin({ subject: 'job', clientId: 'job' })
    if (started.kind !== 'started') throw new Error(started.kind)
    const issued = await world.lifecycle.issueToProgram({
      login: started.login,
      scopes: ['jobs:run'],
    })
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    expect(issued.tokens).toMatchObject({ refreshToken: null, session: null, family: null })
    const hash = hashOpaqueToken(issued.tokens.accessToken.reveal())
    expect(await world.lifecycle.accessTokens.find(hash)).toMatchObject({
      kind: 'application',
      applicationId: 'job',
    })
    await world.lifecycle.revokeClient('job')
    expect(await world.lifecycle.accessTokens.find(hash)).toBeNull()
  })
})

describe('refreshing', () => {
  test('a public client gets another refresh token each time, and the same authorization', async () => {
    const world = aWorld()
    const first = await loggedIn(world)
    const second = await refreshed(world, refreshTextOf(first))
    const third = await refreshed(world, refreshTextOf(second))
    const texts = [first, second, third].map(refreshTextOf)
    expect(new Set(texts).size).toBe(3)
    expect(third).toMatchObject({
      family: first.family,
      session: first.session,
      scopes: first.scopes,
    })
  })

  test('a confidential client keeps its refresh token', async () => {
    const world = aWorld()
    const first = await loggedIn(world, { clientType: 'confidential' })
    const second = await refreshed(world, refreshTextOf(first))
    expect(refreshTextOf(second)).toBe(refreshTextOf(first))
    expect(second.accessToken.reveal()).not.toBe(first.accessToken.reveal())
  })

  test('whoever asks again within the grace gets the identical successor', async () => {
    const world = aWorld()
    const text = refreshTextOf(await loggedIn(world))
    const lost = await refreshed(world, text)
    world.clock.advance(30)
    const again = await world.lifecycle.refresh(text, CLIENT)
    expect(again).toMatchObject({ kind: 'refreshed', how: 'replayed' })
    expect(again.kind === 'refreshed' && refreshTextOf(again.tokens)).toBe(refreshTextOf(lost))
  })

  test('a second after the grace it is a reuse, and the family has ended', async () => {
    const world = aWorld()
    const first = await loggedIn(world)
    const second = await refreshed(world, refreshTextOf(first))
    world.clock.advance(31)
    expect(await world.lifecycle.refresh(refreshTextOf(first), CLIENT)).toEqual({
      kind: 'refused',
      error: 'invalid_grant',
      reason: 'refresh_token_reused',
    })
    expect(await world.lifecycle.refresh(refreshTextOf(second), CLIENT)).toMatchObject({
      reason: 'family_ended',
    })
    expect(await stands(world, second.accessToken)).toBe(false)
    expect(world.events.map(({ kind }) => kind)).toContain('family_ended')
  })

  test('without a grace there is none, not even in the same second', async () => {
    const world = aWorld({ refreshTokens: { grace: 0 } })
    const first = await loggedIn(world)
    await refreshed(world, refreshTextOf(first))
    expect(await world.lifecycle.refresh(refreshTextOf(first), CLIENT)).toMatchObject({
      reason: 'refresh_token_reused',
    })
  })

  test('an idle family ends at its second, and a used one lives on', async () => {
    const world = aWorld({ refreshTokens: { idle: 100, absolute: 250 } })
    const [idle, used] = [await loggedIn(world), await loggedIn(world)]
    world.clock.advance(99)
    const next = await refreshed(world, refreshTextOf(used))
    world.clock.advance(1)
    expect(await world.lifecycle.refresh(refreshTextOf(idle), CLIENT)).toMatchObject({
      reason: 'family_expired',
    })
    await refreshed(world, refreshTextOf(next))
  })

  test('no token of a family outlives its absolute end', async () => {
    const world = aWorld({ refreshTokens: { idle: 1_000, absolute: 1_000 } })
    const first = await loggedIn(world)
    world.clock.advance(999)
    const last = await refreshed(world, refreshTextOf(first))
    expect(last.expiresAt).toBe(world.clock.now() + 1)
    world.clock.advance(1)
    expect(await world.lifecycle.refresh(refreshTextOf(last), CLIENT)).toMatchObject({
      reason: 'family_expired',
    })
  })

  test('less can be asked for, and the refresh token keeps all', async () => {
    const world = aWorld()
    const first = await loggedIn(world)
    const less = await world.lifecycle.refresh(refreshTextOf(first), {
      ...CLIENT,
      scopes: ['posts:read'],
    })
    if (less.kind !== 'refreshed') throw new Error(less.kind)
    expect(less.tokens.scopes).toEqual(['posts:read'])
    expect((await refreshed(world, refreshTextOf(less.tokens))).scopes).toEqual(first.scopes)
  })

  test('a review can take scopes away, change claims, and end the family', async () => {
    let say: unknown = { kind: 'continue', scopes: ['posts:read'], claims: { plan: 'free' } }
    const world = aWorld({ review: () => say as never })
    const first = await loggedIn(world, { claims: { plan: 'pro' } })
    expect(first.scopes).toEqual(['posts:read'])
    const hash = hashOpaqueToken(first.accessToken.reveal())
    expect(await world.lifecycle.accessTokens.find(hash)).toMatchObject({
      claims: { plan: 'free' },
    })
    say = { kind: 'end' }
    expect(await world.lifecycle.refresh(refreshTextOf(first), CLIENT)).toMatchObject({
      error: 'invalid_grant',
      reason: 'review_ended',
    })
    say = { kind: 'continue' }
    expect(await world.lifecycle.refresh(refreshTextOf(first), CLIENT)).toMatchObject({
      reason: 'family_ended',
    })
  })

  test.each([undefined, null, 'yes', { kind: 'go' }])(
    'a review that says %o has said nothing, and the same token refreshes later',
    async (nonsense) => {
      let say: unknown = { kind: 'continue' }
      const world = aWorld({ review: () => say as never })
      const text = refreshTextOf(await loggedIn(world))
      say = nonsense
      expect((await world.lifecycle.refresh(text, CLIENT)).kind).toBe('unavailable')
      say = { kind: 'continue' }
      expect((await world.lifecycle.refresh(text, CLIENT)).kind).toBe('refreshed')
    },
  )
})

describe('revoking', () => {
  test('an access token ends alone', async () => {
    const world = aWorld()
    const [one, other] = [await loggedIn(world), await loggedIn(world)]
    const credentialId = `opaque-token:${hashOpaqueToken(one.accessToken.reveal())}`
    await world.lifecycle.revokeAccessToken({ credentialId, expiresAt: one.expiresAt })
    expect(await stands(world, one.accessToken)).toBe(false)
    expect(await stands(world, other.accessToken)).toBe(true)
    await refreshed(world, refreshTextOf(one))
  })

  test('a session ends with all of its clients, and no other', async () => {
    const world = aWorld()
    const one = await loggedIn(world)
    const second = await loggedIn(world, { clientId: 'other', session: one.session ?? '' })
    const elsewhere = await loggedIn(world)
    expect(await world.lifecycle.revokeSession(one.session ?? '', { subject: 'alice' })).toBe(true)
    for (const tokens of [one, second]) expect(await stands(world, tokens.accessToken)).toBe(false)
    expect(await stands(world, elsewhere.accessToken)).toBe(true)
    expect(
      await world.lifecycle.refresh(refreshTextOf(second), { clientId: 'other' }),
    ).toMatchObject({
      reason: 'family_outdated',
    })
  })

  test("nobody ends another's session", async () => {
    const world = aWorld()
    const { session, accessToken } = await loggedIn(world)
    expect(await world.lifecycle.revokeSession(session ?? '', { subject: 'mallory' })).toBe(false)
    expect(await stands(world, accessToken)).toBe(true)
  })

  test.each([
    ['revokeSubject', 'alice'],
    ['revokeClient', 'app'],
    ['revokeTenant', 'acme'],
    ['revokeEverything', ''],
  ] as const)('%s ends all that it names, and nothing that comes after', async (verb, id) => {
    const world = aWorld()
    const before = await loggedIn(world, { tenant: 'acme' })
    const others = await loggedIn(world, { subject: 'bob', clientId: 'web', tenant: 'other' })
    await world.lifecycle[verb](id)
    const after = await loggedIn(world, { tenant: 'acme' })
    expect(await stands(world, before.accessToken)).toBe(false)
    expect(await world.lifecycle.refresh(refreshTextOf(before), CLIENT)).toMatchObject({
      error: 'invalid_grant',
      reason: 'family_outdated',
    })
    expect(await stands(world, after.accessToken)).toBe(true)
    expect(await stands(world, others.accessToken)).toBe(verb !== 'revokeEverything')
  })

  test('a password change can keep this session, again and again, and revives none', async () => {
    const world = aWorld()
    const [here, there, third] = [
      await loggedIn(world),
      await loggedIn(world),
      await loggedIn(world),
    ]
    await world.lifecycle.revokeSubject('alice', { keep: [here.session ?? ''] })
    expect(await stands(world, here.accessToken)).toBe(true)
    expect(await stands(world, there.accessToken)).toBe(false)
    await world.lifecycle.revokeSubject('alice', {
      keep: [here.session ?? '', there.session ?? ''],
    })
    expect(await stands(world, here.accessToken)).toBe(true)
    expect(await stands(world, there.accessToken)).toBe(false)
    expect(await stands(world, third.accessToken)).toBe(false)
    await refreshed(world, refreshTextOf(here))
    await world.lifecycle.revokeSubject('alice')
    expect(await stands(world, here.accessToken)).toBe(false)
  })

  test('a login that began before the revocation brings nothing', async () => {
    const world = aWorld()
    const started = await world.lifecycle.startLogin({ subject: 'alice', clientId: 'app' })
    if (started.kind !== 'started') throw new Error(started.kind)
    await world.lifecycle.revokeSubject('alice')
    const { login } = started
    expect(await world.lifecycle.issue({ login, clientType: 'public', scopes: [] })).toEqual({
      kind: 'refused',
      reason: 'login_outdated',
    })
  })

  test('a refresh token of any age ends its family, for its own client only', async () => {
    const world = aWorld()
    const first = await loggedIn(world)
    const second = await refreshed(world, refreshTextOf(first))
    await world.lifecycle.revokeRefreshToken(refreshTextOf(first), { clientId: 'other' })
    await world.lifecycle.revokeRefreshToken('rt_nonsense', CLIENT)
    expect(await stands(world, second.accessToken)).toBe(true)
    await world.lifecycle.revokeRefreshToken(refreshTextOf(first), CLIENT)
    expect(await stands(world, second.accessToken)).toBe(false)
  })

  test('a mirror of this process hears of it at once', async () => {
    const heard: string[] = []
    const world = aWorld({ mirrors: [{ apply: ({ text }) => heard.push(text) }] })
    const { family } = await loggedIn(world)
    await world.lifecycle.revokeFamily(family ?? '')
    await world.lifecycle.revokeSubject('alice')
    expect(heard.map((text) => JSON.parse(text))).toEqual([
      { kind: 'family', id: family },
      { kind: 'subject', id: 'alice' },
    ])
  })
})

describe('the list of sessions', () => {
  test('has those that can be refreshed, by their age', async () => {
    const world = aWorld()
    const first = await loggedIn(world, { label: 'Firefox' })
    world.clock.advance(10)
    const second = await loggedIn(world, { label: 'Phone', clientId: 'phone' })
    await loggedIn(world, { subject: 'bob' })
    const gone = await loggedIn(world)
    await world.lifecycle.revokeSession(gone.session ?? '')
    const listed = await world.lifecycle.sessions('alice')
    expect(listed).toMatchObject({
      kind: 'sessions',
      sessions: [
        { session: first.session, label: 'Firefox', clientIds: ['app'] },
        { session: second.session, label: 'Phone', clientIds: ['phone'] },
      ],
    })
  })
})

describe('a store that fails', () => {
  const failures: Readonly<Record<string, (store: Store) => Store>> = {
    throws: (store) => ({ ...store, get: thrower, insert: thrower, cas: thrower, incr: thrower }),
    rejects: (store) => ({
      ...store,
      get: async () => thrower(),
      insert: async () => thrower(),
      cas: async () => thrower(),
      incr: async () => thrower(),
    }),
    hangs: (store) => ({ ...store, get: never, insert: never, cas: never, incr: never }),
    'answers with nonsense': (store) => ({
      ...store,
      get: () => [{ version: 0, value: 7 }] as never,
      insert: () => 'yes' as never,
      cas: () => true as never,
      incr: () => null as never,
    }),
    'forgets to answer': (store) => ({
      ...store,
      get: () => undefined as never,
      insert: () => undefined as never,
      cas: () => undefined as never,
      incr: () => undefined as never,
    }),
    'refuses to write': (store) => ({ ...store, insert: thrower, cas: thrower, incr: thrower }),
    'has corrupt records': (store) => ({
      ...store,
      get: (keys) => keys.map(() => ({ version: 1, value: '{"status":"live"}' })),
      insert: thrower,
      cas: thrower,
      incr: thrower,
    }),
  }
  const thrower = (): never => {
    throw new Error('out of order')
  }
  const never = () => new Promise<never>(() => {})

  test.each(Object.entries(failures))(
    'that %s: nothing is granted, and nothing said to be done',
    async (_, fail) => {
      const sound = memoryStore()
      const before = aWorld({ store: sound })
      const tokens = await loggedIn(before)
      const world = aWorld({ store: fail(sound), timeoutMilliseconds: 20 })
      const { lifecycle } = world
      expect((await lifecycle.refresh(refreshTextOf(tokens), CLIENT)).kind).toBe('unavailable')
      for (const revoke of [
        () => lifecycle.revokeSubject('alice'),
        () => lifecycle.revokeSubject('alice', { keep: ['x'] }),
        () => lifecycle.revokeSession(tokens.session ?? ''),
        () => lifecycle.revokeFamily(tokens.family ?? ''),
        () => lifecycle.revokeEverything(),
        () => lifecycle.revokeRefreshToken(refreshTextOf(tokens), CLIENT),
        () => lifecycle.revokeAccessToken({ credentialId: 'x', expiresAt: tokens.expiresAt }),
      ]) {
        await expect(revoke()).rejects.toThrow(UnavailableError)
      }
      expect(world.events.map(({ kind }) => kind)).toContain('lifecycle_failed')
      expect(JSON.stringify(world.events)).not.toContain(refreshTextOf(tokens))
      // It is back: the client has lost nothing.
      await refreshed(before, refreshTextOf(tokens))
    },
  )
})

describe('claims of the application', () => {
  const world = () => {
    const { store, clock } = aWorld()
    const lifecycle = createLifecycle({
      store,
      clock,
      issuer: ISSUER,
      audience: AUDIENCE,
      accessTokens: { kind: 'opaque' },
      claims: z.object({ plan: z.enum(['free', 'pro']) }),
    })
    return lifecycle
  }

  test('are what the schema takes', async () => {
    const lifecycle = world()
    const started = await lifecycle.startLogin({ subject: 'alice', clientId: 'app' })
    if (started.kind !== 'started') throw new Error(started.kind)
    const grant = { login: started.login, clientType: 'public', scopes: [] } as const
    expect((await lifecycle.issue({ ...grant, claims: { plan: 'pro' } })).kind).toBe('issued')
    await expect(
      // @ts-expect-error: not a plan
      lifecycle.issue({ ...grant, claims: { plan: 'gold' } }),
    ).rejects.toThrow(/claims/)
    // @ts-expect-error: the claims are missing
    await expect(lifecycle.issue(grant)).rejects.toThrow(/claims/)
  })

  test('more than 4,096 characters of them are refused', async () => {
    await loggedIn(aWorld(), { claims: { text: 'a'.repeat(4_000) } })
    await expect(loggedIn(aWorld(), { claims: { text: 'a'.repeat(4_096) } })).rejects.toThrow(
      /claims/,
    )
  })
})

describe('a source of signing keys that breaks its promise', () => {
  test.each([
    ['answers with no key', () => ({ kind: 'key' })],
    ['answers with a set of keys', () => ({ kind: 'set', set: { keys: [] } })],
    ['answers with nothing', () => undefined],
    ['throws', () => raise()],
    ['rejects', async () => raise()],
    ['never answers', () => new Promise(() => {})],
  ])('and %s spends no refresh token', async (_, current) => {
    const { privateJwk } = await generateSigningKey('ES256')
    let isBroken = false
    const sound = staticSigningKey(privateJwk)
    const keys = { current: (now: number) => (isBroken ? current() : sound.current(now)) } as never
    const world = aWorld({ accessTokens: { kind: 'jwt', keys }, timeoutMilliseconds: 20 })
    const text = refreshTextOf(await loggedIn(world))
    isBroken = true
    expect((await world.lifecycle.refresh(text, CLIENT)).kind).toBe('unavailable')
    isBroken = false
    world.clock.advance(3_600)
    await refreshed(world, text)
  })

  const raise = (): never => {
    throw new Error('out of order')
  }
})
