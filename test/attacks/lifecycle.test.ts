/** A lifecycle in careless hands: what an application forgets to check must not cost its users their sessions or its API its answers. */
import { describe, expect, test } from 'vitest'
import { hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { createSigningKeys } from '../../src/lifecycle/signing-keys/signing-keys.js'
import type { TokenSet } from '../../src/lifecycle/token-set.js'
import { sha256Base64url } from '../../src/runtime/sha256.js'
import type { Duration } from '../../src/shared/duration.js'
import { memoryStore } from '../../src/stores/memory.js'
import { opaqueBearer } from '../../src/verify/opaque-bearer.js'
import { aWorld, loggedIn, refreshed, refreshTextOf, type World } from '../lifecycle/a-lifecycle.js'
import { aContext, bearerCredential } from '../verify/verifier-kit.js'

describe('revoking', () => {
  test.each([
    ['null', [null]],
    ['a number', [5]],
    ['no text', ['']],
    ['half a character', ['\ud800']],
    ['more than 64', Array.from({ length: 65 }, (_, index) => `session-${index}`)],
    ['not a list', 'session'],
  ])('keeps no session that is none, and leaves the counter readable: %s', async (_, given) => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const keep: readonly string[] = JSON.parse(JSON.stringify({ given })).given
    await expect(world.lifecycle.revokeSubject('alice', { keep })).rejects.toMatchObject({
      code: 'option_invalid',
    })
    await refreshed(world, refreshTextOf(tokens))
    expect(await world.store.feed({ after: null, limit: 10 })).toMatchObject({ entries: [] })
  })

  test('keeps 64 sessions', async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const others = Array.from({ length: 63 }, (_, index) => `session-${index}`)
    await world.lifecycle.revokeSubject('alice', { keep: [...others, tokens.session ?? ''] })
    await refreshed(world, refreshTextOf(tokens))
  })

  test("does not end anybody's session for want of a subject", async () => {
    const world = aWorld()
    const tokens = await loggedIn(world)
    const unfilled: { readonly subject: string } = JSON.parse('{}')
    await expect(
      world.lifecycle.revokeSession(tokens.session ?? '', unfilled),
    ).rejects.toMatchObject({ code: 'option_invalid' })
    await refreshed(world, refreshTextOf(tokens))
  })
})

const VERIFIER = 'v'.repeat(43)
const [OWN, OTHER] = [{ jkt: 'k'.repeat(43) }, { jkt: 'l'.repeat(43) }]
const CLIENT = { clientId: 'app' }

describe.each(['public', 'confidential'] as const)('a code of a %s client', (clientType) => {
  test('is not spent by a review that fails', async () => {
    let isDown = true
    const world = aWorld({
      review: () => {
        if (isDown) throw new Error('the database of users is down')
        return { kind: 'continue' }
      },
    })
    const code = await codeOf(world, {})
    expect(await exchange(world, code, {})).toMatchObject({ kind: 'unavailable' })
    expect(await exchange(world, code, { verifier: 'w'.repeat(43) })).toMatchObject({
      reason: 'code_mismatch',
    })
    isDown = false
    expect(await exchange(world, code, {})).toMatchObject({ kind: 'issued' })
    expect(await exchange(world, code, {})).toMatchObject({ reason: 'code_replayed' })
  })

  async function codeOf({ lifecycle }: World, bound: object): Promise<string> {
    const started = await lifecycle.startLogin({ subject: 'alice', clientId: 'app' })
    if (started.kind !== 'started') throw new Error(started.kind)
    const grant = { login: started.login, clientType, scopes: [], ...bound }
    const binding = { redirectUri: null, challenge: sha256Base64url(VERIFIER) }
    const created = await lifecycle.createCode(grant, binding)
    if (created.kind !== 'created') throw new Error(created.kind)
    return created.code
  }
  const exchange = ({ lifecycle }: World, code: string, proven: object) =>
    lifecycle.exchangeCode({ code, ...CLIENT, redirectUri: null, verifier: VERIFIER, ...proven })
  const keyOf = async ({ lifecycle }: World, { accessToken }: TokenSet) =>
    (await lifecycle.accessTokens.find(hashOpaqueToken(accessToken.reveal())))?.cnf

  test('that is bound to a key brings nothing with another one or none, and still works with its own', async () => {
    const world = aWorld()
    const code = await codeOf(world, { confirmation: OWN })
    for (const proven of [{ confirmation: OTHER }, {}, { confirmation: {} }]) {
      expect(await exchange(world, code, proven)).toMatchObject({ reason: 'code_mismatch' })
    }
    const issued = await exchange(world, code, { confirmation: OWN })
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    expect(await keyOf(world, issued.tokens)).toEqual(OWN)
    expect(await exchange(world, code, { confirmation: OTHER })).toMatchObject({
      reason: 'code_mismatch',
    })
    expect(
      await world.lifecycle.refresh(refreshTextOf(issued.tokens), { ...CLIENT, confirmation: OWN }),
    ).toMatchObject({ kind: 'refreshed' })
  })

  test.each([
    ['no members', '{}'],
    ['a member without a value', '{"jkt":null}'],
  ])('that is exchanged with %s is exchanged with no key', async (_, text) => {
    const world = aWorld()
    const nothing = { confirmation: JSON.parse(text) }
    const issued = await exchange(world, await codeOf(world, {}), nothing)
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    expect(issued.tokens.tokenType).toBe('Bearer')
    expect(await keyOf(world, issued.tokens)).toBeUndefined()
    const again = await world.lifecycle.refresh(refreshTextOf(issued.tokens), {
      ...CLIENT,
      ...nothing,
    })
    if (again.kind !== 'refreshed') throw new Error(again.kind)
    expect(again.how).toBe(clientType === 'public' ? 'rotated' : 'kept')
    expect(await keyOf(world, again.tokens)).toBeUndefined()
  })

  test('that is exchanged with a key brings tokens that are bound to it', async () => {
    const world = aWorld()
    const issued = await exchange(world, await codeOf(world, {}), { confirmation: OWN })
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    expect(await keyOf(world, issued.tokens)).toEqual(OWN)
    const text = refreshTextOf(issued.tokens)
    for (const proven of [{ confirmation: OTHER }, {}]) {
      expect(await world.lifecycle.refresh(text, { ...CLIENT, ...proven })).toMatchObject(
        clientType === 'public'
          ? { kind: 'refused', reason: 'binding_mismatch' }
          : { kind: 'refreshed', tokens: { tokenType: 'DPoP' } },
      )
    }
    expect(await world.lifecycle.refresh(text, { ...CLIENT, confirmation: OWN })).toMatchObject({
      kind: 'refreshed',
      how: 'kept',
    })
  })
})

describe('a review', () => {
  test('that fails for longer than the grace costs nobody a login', async () => {
    let isDown = false
    const world = aWorld({
      review: () => {
        if (isDown) throw new Error('the database of users is down')
        return { kind: 'continue', scopes: ['posts:read'] }
      },
    })
    const text = refreshTextOf(await loggedIn(world))
    isDown = true
    for (let count = 0; count < 3; count++) {
      expect(await world.lifecycle.refresh(text, CLIENT)).toMatchObject({ kind: 'unavailable' })
      world.clock.advance(3_600)
    }
    isDown = false
    expect(await refreshed(world, text)).toMatchObject({ scopes: ['posts:read'] })
  })

  test('is asked once for each refresh, and not for what is refused anyway', async () => {
    let asked = 0
    const world = aWorld({
      review: () => {
        asked += 1
        return { kind: 'continue' }
      },
    })
    const text = refreshTextOf(await loggedIn(world))
    asked = 0
    await refreshed(world, text)
    expect(asked).toBe(1)
    await world.lifecycle.refresh(text, { clientId: 'other' })
    await world.lifecycle.refresh(text, { ...CLIENT, scopes: ['admin'] })
    await world.lifecycle.refresh(`${text.slice(0, -22)}${'A'.repeat(22)}`, CLIENT)
    world.clock.advance(60)
    expect(await world.lifecycle.refresh(text, CLIENT)).toMatchObject({
      reason: 'refresh_token_reused',
    })
    expect(await world.lifecycle.refresh(text, CLIENT)).toMatchObject({ reason: 'family_ended' })
    expect(asked).toBe(1)
  })
})

describe('a session', () => {
  test('cannot be joined by another subject, who could then end it', async () => {
    const world = aWorld()
    const alice = await loggedIn(world)
    const session = alice.session ?? ''
    const mallory = await loggedIn(world, { subject: 'mallory', session })
    expect(mallory.session).not.toBe(session)
    expect(await world.lifecycle.revokeSession(session, { subject: 'mallory' })).toBe(false)
    await refreshed(world, refreshTextOf(alice))
    const further = await loggedIn(world, { clientId: 'further', session })
    expect(further.session).toBe(session)
    await world.lifecycle.revokeSession(session, { subject: 'alice' })
    expect(
      await world.lifecycle.refresh(refreshTextOf(further), { clientId: 'further' }),
    ).toMatchObject({ reason: 'family_outdated' })
  })

  test('that has ended is not begun again: its counter may be forgotten before what would have captured it', async () => {
    const world = aWorld({ refreshTokens: { absolute: '10d', idle: '10d' } })
    await loggedIn(world, { session: 'device-1' })
    await world.lifecycle.revokeSession('device-1')
    world.clock.advance(9 * 86_400)
    const again = await loggedIn(world, { session: 'device-1' })
    expect(again.session).not.toBe('device-1')
    world.clock.advance(5 * 86_400)
    await world.lifecycle.sweep()
    expect(await world.lifecycle.revokeSession(again.session ?? '', { subject: 'alice' })).toBe(
      true,
    )
    expect(await world.lifecycle.refresh(refreshTextOf(again), CLIENT)).toMatchObject({
      reason: 'family_outdated',
    })
  })

  test('that was handed on under an ended id ends as well', async () => {
    const world = aWorld()
    await loggedIn(world, { session: 'device-1' })
    await world.lifecycle.revokeSession('device-1')
    const again = await loggedIn(world, { session: 'device-1' })
    await world.lifecycle.revokeSubject('alice', { keep: ['device-1'] })
    expect(await world.lifecycle.refresh(refreshTextOf(again), CLIENT)).toMatchObject({
      reason: 'family_outdated',
    })
  })
})

describe('an opaque access token for one API', () => {
  const [one, other] = ['https://one.example.com', 'https://other.example.com']

  test('is refused by another that shares the store', async () => {
    const world = aWorld()
    const { accessToken } = await loggedIn(world, { audience: [one, 'https://third.example.com'] })
    const context = aContext({ now: world.clock.now() })
    const judge = (audience: string | readonly string[]) =>
      opaqueBearer({ store: world.lifecycle.accessTokens, audience }).verify(
        bearerCredential(accessToken.reveal()),
        context,
      )
    for (const audience of [other, [other], one.toUpperCase(), `${one}/`]) {
      expect(await judge(audience)).toEqual({ kind: 'refused', reason: 'audience_mismatch' })
    }
    // The scopes are none of this context's: what matters is that the audience is no reason.
    for (const audience of [one, [other, one]]) {
      expect(await judge(audience)).not.toMatchObject({ reason: 'audience_mismatch' })
    }
  })

  test.each([
    ['no claims', {}],
    ['no audience', { claims: {} }],
    ['one that is no text', { claims: { aud: { 0: one } } }],
    ['null', { claims: { aud: [null] } }],
  ])('is refused if its record has %s', async (_, claims) => {
    const context = aContext()
    const record = {
      kind: 'user',
      subject: 'alice',
      scopes: [],
      expiresAt: context.now + 60,
    } as const
    const store = { find: (hash: string) => ({ ...record, hash, ...claims }) }
    expect(
      await opaqueBearer({ store, audience: one }).verify(bearerCredential('a-token'), context),
    ).toEqual({ kind: 'refused', reason: 'audience_mismatch' })
  })
})

test.each<[Duration, Duration, boolean]>([
  ['15m', '14m', false],
  ['15m', '15m', true],
])('access tokens of %s and keys for tokens of %s start: %s', (lifetime, longest, starts) => {
  const start = () => {
    const keys = createSigningKeys({
      store: memoryStore(),
      algorithm: 'ES256',
      dangerouslyStoreKeysInClear: true,
      longestTokenLifetime: longest,
    })
    return aWorld({ accessTokens: { kind: 'jwt', keys, lifetime } })
  }
  if (starts) expect(start).not.toThrow()
  else expect(start).toThrow('longestTokenLifetime')
})
