/** Attacks on refresh tokens and codes, at the lifecycle itself: the endpoints are the application's. */
import { describe, expect, test } from 'vitest'
import { sha256Base64url } from '../../src/runtime/sha256.js'
import { memoryStore } from '../../src/stores/memory.js'
import { aWorld, loggedIn, refreshed, refreshTextOf, type World } from '../lifecycle/a-lifecycle.js'

const CLIENT = { clientId: 'app' }
const VERIFIER = 'v'.repeat(43)
const REDIRECT = 'https://app.example.com/callback'

describe('refresh-reuse: a stolen token, spent before or after its owner', () => {
  test.each([2, 3, 10])('that is %i generations old ends the family', async (generations) => {
    const world = aWorld()
    const stolen = refreshTextOf(await loggedIn(world))
    let current = stolen
    for (let count = 0; count < generations; count++) {
      current = refreshTextOf(await refreshed(world, current))
    }
    expect(await world.lifecycle.refresh(stolen, CLIENT)).toMatchObject({
      reason: 'refresh_token_reused',
    })
    expect(await world.lifecycle.refresh(current, CLIENT)).toMatchObject({ reason: 'family_ended' })
  })

  test('is known after months, as long as the family lives', async () => {
    const world = aWorld()
    const stolen = refreshTextOf(await loggedIn(world))
    let current = stolen
    for (let week = 0; week < 12; week++) {
      current = refreshTextOf(await refreshed(world, current))
      world.clock.advance(7 * 86_400)
      await world.lifecycle.sweep()
    }
    expect(await world.lifecycle.refresh(stolen, CLIENT)).toMatchObject({
      reason: 'refresh_token_reused',
    })
  })

  test('a forged token ends nothing, whatever generation it claims', async () => {
    const world = aWorld()
    const first = await loggedIn(world)
    const second = await refreshed(world, refreshTextOf(first))
    const third = await refreshed(world, refreshTextOf(second))
    const [family = '', , , tag = ''] = refreshTextOf(third).split('.')
    for (const generation of [0, 1, 2, 3, 999_999_999]) {
      for (const secret of ['A'.repeat(43), refreshTextOf(first).split('.')[2]]) {
        const forged = `${family}.${generation}.${secret}.${tag}`
        expect(await world.lifecycle.refresh(forged, CLIENT)).toMatchObject({
          error: 'invalid_grant',
          reason: 'refresh_token_forged',
        })
      }
    }
    await refreshed(world, refreshTextOf(third))
  })
})

describe('refresh-race: many refreshes of one token at once', () => {
  test('rotate once, and all bring the identical successor', async () => {
    const world = aWorld()
    const text = refreshTextOf(await loggedIn(world))
    const results = await Promise.all(
      Array.from({ length: 100 }, () => world.lifecycle.refresh(text, CLIENT)),
    )
    const how = results.map((result) => (result.kind === 'refreshed' ? result.how : result.kind))
    expect(how.filter((each) => each === 'rotated')).toHaveLength(1)
    expect(how.filter((each) => each === 'replayed')).toHaveLength(99)
    const texts = results.map((result) =>
      result.kind === 'refreshed' ? refreshTextOf(result.tokens) : '',
    )
    expect(new Set(texts).size).toBe(1)
  })
})

describe('refresh-after-restart: what was spent stays spent', () => {
  test('for another process, and for one with a clock that was set back', async () => {
    const store = memoryStore()
    const before = aWorld({ store })
    const stolen = refreshTextOf(await loggedIn(before))
    const current = refreshTextOf(
      await refreshed(before, refreshTextOf(await refreshedOnce(before, stolen))),
    )
    const after = aWorld({ store })
    after.clock.advance(-3_600)
    expect(await after.lifecycle.refresh(stolen, CLIENT)).toMatchObject({
      reason: 'refresh_token_reused',
    })
    expect((await after.lifecycle.refresh(current, CLIENT)).kind).toBe('refused')
  })
})

describe('client-mixup: a token at another client', () => {
  test('is refused, and its owner notices nothing', async () => {
    const world = aWorld()
    const text = refreshTextOf(await loggedIn(world))
    expect(await world.lifecycle.refresh(text, { clientId: 'evil' })).toMatchObject({
      error: 'invalid_grant',
      reason: 'client_mismatch',
    })
    await refreshed(world, text)
  })

  test('so is a spent one: only its own client can say that it was stolen', async () => {
    const world = aWorld()
    const first = refreshTextOf(await loggedIn(world))
    const second = refreshTextOf(await refreshed(world, first))
    world.clock.advance(60)
    await world.lifecycle.refresh(first, { clientId: 'evil' })
    await refreshed(world, second)
  })

  test('so is a bound one without its key', async () => {
    const world = aWorld()
    const confirmation = { jkt: 'a'.repeat(43) }
    const text = refreshTextOf(await loggedIn(world, { confirmation }))
    for (const wrong of [{}, { confirmation: { jkt: 'b'.repeat(43) } }]) {
      expect(await world.lifecycle.refresh(text, { ...CLIENT, ...wrong })).toMatchObject({
        reason: 'binding_mismatch',
      })
    }
    expect(await world.lifecycle.refresh(text, { ...CLIENT, confirmation })).toMatchObject({
      kind: 'refreshed',
      tokens: { tokenType: 'DPoP' },
    })
  })
})

describe('scope-widen: a refresh that asks for more', () => {
  test.each([[['posts:read', 'admin:all']], [['POSTS:READ']], [['posts:read ']], [['__proto__']]])(
    'of %o is refused, and spends nothing',
    async (scopes) => {
      const world = aWorld()
      const text = refreshTextOf(await loggedIn(world))
      expect(await world.lifecycle.refresh(text, { ...CLIENT, scopes })).toMatchObject({
        error: 'invalid_scope',
      })
      world.clock.advance(60)
      await refreshed(world, text)
    },
  )

  test('so is one for another audience', async () => {
    const world = aWorld()
    const text = refreshTextOf(await loggedIn(world))
    const audiences = ['https://other.example.com']
    expect(await world.lifecycle.refresh(text, { ...CLIENT, audiences })).toMatchObject({
      error: 'invalid_target',
    })
    await refreshed(world, text)
  })
})

describe('code-race: many exchanges of one code at once', () => {
  test('bring tokens once at most, and nothing that lives', async () => {
    const world = aWorld()
    const code = await aCode(world)
    const results = await Promise.all(Array.from({ length: 50 }, () => exchange(world, code)))
    const issued = results.flatMap((result) => (result.kind === 'issued' ? [result.tokens] : []))
    expect(issued.length).toBeLessThanOrEqual(1)
    for (const tokens of issued) {
      expect((await world.lifecycle.refresh(refreshTextOf(tokens), CLIENT)).kind).toBe('refused')
    }
  })
})

describe('code-replay: a code that comes back', () => {
  test('ends what it has brought', async () => {
    const world = aWorld()
    const code = await aCode(world)
    const first = await exchange(world, code)
    if (first.kind !== 'issued') throw new Error(first.kind)
    expect(await exchange(world, code)).toMatchObject({ reason: 'code_replayed' })
    expect(await world.lifecycle.refresh(refreshTextOf(first.tokens), CLIENT)).toMatchObject({
      reason: 'family_ended',
    })
  })

  test.each([
    ['another client', { clientId: 'evil' }],
    ['another verifier', { verifier: 'w'.repeat(43) }],
    ['no verifier', { verifier: '' }],
    ['another redirect URI', { redirectUri: `${REDIRECT}/` }],
    ['no redirect URI', { redirectUri: null }],
  ])('with %s ends nothing, before and after its use', async (_, wrong) => {
    const world = aWorld()
    const code = await aCode(world)
    expect(await exchange(world, code, wrong)).toMatchObject({ reason: 'code_mismatch' })
    const first = await exchange(world, code)
    if (first.kind !== 'issued') throw new Error(first.kind)
    expect(await exchange(world, code, wrong)).toMatchObject({ reason: 'code_mismatch' })
    await refreshed(world, refreshTextOf(first.tokens))
  })

  test('a code is burnt after three wrong verifiers, and over after a minute', async () => {
    const world = aWorld()
    const [burnt, late] = [await aCode(world), await aCode(world)]
    for (let count = 0; count < 3; count++)
      await exchange(world, burnt, { verifier: 'w'.repeat(43) })
    expect(await exchange(world, burnt)).toMatchObject({ reason: 'code_burnt' })
    world.clock.advance(60)
    expect(await exchange(world, late)).toMatchObject({ reason: 'code_expired' })
  })
})

async function refreshedOnce(world: World, text: string) {
  return refreshed(world, text)
}

async function aCode({ lifecycle }: World): Promise<string> {
  const started = await lifecycle.startLogin({ subject: 'alice', clientId: 'app' })
  if (started.kind !== 'started') throw new Error(started.kind)
  const created = await lifecycle.createCode(
    { login: started.login, clientType: 'public', scopes: ['posts:read'] },
    { redirectUri: REDIRECT, challenge: sha256Base64url(VERIFIER) },
  )
  if (created.kind !== 'created') throw new Error(created.kind)
  return created.code
}

function exchange({ lifecycle }: World, code: string, wrong: object = {}) {
  return lifecycle.exchangeCode({
    code,
    clientId: 'app',
    redirectUri: REDIRECT,
    verifier: VERIFIER,
    ...wrong,
  })
}
