import { describe, expect, test, vi } from 'vitest'
import type { Lifecycle } from '../../../src/lifecycle/lifecycle.js'
import { createLogin, type LoginOptions } from '../../../src/lifecycle/login/login.js'
import type { LoginEvent } from '../../../src/lifecycle/login/login-event.js'
import { createHashingGate } from '../../../src/lifecycle/password/hashing-gate.js'
import { createPasswordPolicy } from '../../../src/lifecycle/password/password-policy.js'
import {
  createPasswords,
  type PasswordsOptions,
} from '../../../src/lifecycle/password/passwords.js'
import { memoryLimiter } from '../../../src/lifecycle/throttle/memory-limiter.js'
import { createThrottle } from '../../../src/lifecycle/throttle/throttle.js'
import { aWorld, refreshed, refreshTextOf, type World } from '../a-lifecycle.js'
import { NEW, OLD, plainHasher, usersInMemory } from './support.js'

const ALICE = {
  username: 'alice',
  password: OLD,
  source: '192.0.2.1',
  clientId: 'app',
  clientType: 'public',
} as const

function aLogin(
  options: Partial<LoginOptions> = {},
  of: Partial<PasswordsOptions> = {},
  world: World = aWorld(),
) {
  const users = usersInMemory()
  const passwords = createPasswords({
    store: users.store,
    passwords: plainHasher(),
    hashingGate: createHashingGate(),
    ...of,
  })
  const events: LoginEvent[] = []
  const desk = createLogin({
    passwords,
    lifecycle: world.lifecycle,
    throttle: null,
    clock: world.clock,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { ...desk, world, users, passwords, events }
}

/** The refresh token of a login that must succeed. */
async function tokenOf(
  { login }: Pick<ReturnType<typeof aLogin>, 'login'>,
  change: Partial<typeof ALICE> | { password: string } = {},
) {
  const result = await login({ ...ALICE, ...change })
  if (result.kind !== 'issued') throw new Error(JSON.stringify(result))
  return result.tokens
}

const isAlive = async ({ lifecycle }: World, token: string) =>
  (await lifecycle.refresh(token, { clientId: 'app' })).kind === 'refreshed'

describe('login', () => {
  test('issues tokens for the subject and the scopes of the record', async () => {
    const desk = aLogin()
    const result = await desk.login(ALICE)
    expect(result).toMatchObject({
      kind: 'issued',
      account: { username: 'alice', subject: 'user-7', scopes: ['jobs:run'] },
      tokens: { scopes: ['jobs:run'], tokenType: 'Bearer' },
      passwordBreached: null,
    })
    expect(desk.world.events).toMatchObject([
      { kind: 'issued', subject: 'user-7', clientId: 'app' },
    ])
    const refreshedTokens = await refreshed(desk.world, refreshTextOf(await tokenOf(desk)))
    expect(refreshedTokens.scopes).toEqual(['jobs:run'])
  })

  test('says in the token that a password was used, and what the caller adds', async () => {
    const desk = aLogin({
      grant: ({ scopes }, { clientId }) => ({
        scopes: [...scopes, 'jobs:stop'],
        claims: { app: clientId },
      }),
    })
    const tokens = await tokenOf(desk)
    expect(tokens.scopes).toEqual(['jobs:run', 'jobs:stop'])
    const { sha256Hex } = await import('../../../src/runtime/sha256.js')
    const record = await desk.world.lifecycle.accessTokens.find(
      sha256Hex(tokens.accessToken.reveal()),
    )
    expect(record).toMatchObject({ subject: 'user-7', claims: { app: 'app' } })
  })

  test('a wrong password and an unknown user are refused with one reason, after the same questions', async () => {
    for (const change of [{ password: NEW }, { username: 'bob' }]) {
      const world = aWorld()
      const startLogin = vi.fn(world.lifecycle.startLogin)
      const desk = aLogin({ lifecycle: { ...world.lifecycle, startLogin } }, {}, world)
      expect(await desk.login({ ...ALICE, ...change })).toEqual({
        kind: 'refused',
        reason: 'password_wrong',
      })
      expect(desk.users.asked).toHaveLength(2)
      expect(startLogin).toHaveBeenCalledTimes(1)
      expect(desk.world.events).toEqual([])
    }
  })

  test.each(['', 'a\0b', '\ud800', 'x'.repeat(600), 'x'.repeat(300)])(
    'a name that nobody can have is like one that nobody has: %j',
    async (username) => {
      const desk = aLogin()
      expect(await desk.login({ ...ALICE, username })).toEqual({
        kind: 'refused',
        reason: 'password_wrong',
      })
    },
  )

  test.each([[{}], [['alice']], [null], [undefined], [7], [{ length: 1 }]])(
    'what is no text is nobody’s name and no password: %j',
    async (given) => {
      // What a JSON body holds where nobody has looked at it.
      const bad = given as unknown as string
      const desk = aLogin()
      const refused = { kind: 'refused', reason: 'password_wrong' }
      expect(await desk.login({ ...ALICE, username: bad })).toEqual(refused)
      expect(await desk.login({ ...ALICE, password: bad })).toEqual(refused)
      const change = { username: 'alice', password: bad, newPassword: bad, source: ALICE.source }
      expect(await desk.changePassword(change)).toEqual(refused)
      expect(await desk.changePassword({ ...change, password: OLD })).toMatchObject({
        kind: 'rejected',
        problems: ['malformed'],
      })
    },
  )

  test.each([
    ['as long as it may be', 'd'.repeat(256), 'd'.repeat(256)],
    ['longer', 'd'.repeat(257), 'd'.repeat(256)],
    ['without end', 'd'.repeat(100_000), 'd'.repeat(256)],
    ['with controls', 'a\0b', 'a\0b'],
    ['that is none', {}, null],
  ])('a label %s keeps nobody out', async (_, label, kept) => {
    const desk = aLogin()
    // Of the wrong shape too: that is what a JSON body may hold.
    await tokenOf(desk, { label } as unknown as { password: string })
    expect(await desk.world.lifecycle.sessions('user-7')).toMatchObject({
      sessions: [{ label: kept }],
    })
  })

  test.each([
    ['as long as one may be', 's'.repeat(255), 'issued'],
    ['longer', 's'.repeat(256), 'unavailable'],
    ['with controls', 'a\0b', 'unavailable'],
  ])('a record whose subject is %s: %3$s', async (_, subject, kind) => {
    const desk = aLogin()
    desk.users.put({ username: 'alice', passwordHash: `${OLD}#0`, subject })
    expect((await desk.login(ALICE)).kind).toBe(kind)
    // Nothing that is not issued tells whether the password is right.
    const wrong = (await desk.login({ ...ALICE, password: NEW })).kind
    expect(wrong).toBe(kind === 'issued' ? 'refused' : kind)
  })

  test('refuses when what the user has was revoked meanwhile', async () => {
    const world = aWorld()
    const desk = aLogin(
      {
        grant: async ({ scopes, subject }) => {
          await world.lifecycle.revokeSubject(subject)
          return { scopes }
        },
      },
      {},
      world,
    )
    expect(await desk.login(ALICE)).toEqual({ kind: 'refused', reason: 'login_outdated' })
  })

  test('says that a right password has leaked, and lets it in', async () => {
    const breached = { isBreached: (password: string) => password === OLD }
    const desk = aLogin({}, { policy: createPasswordPolicy({ breached }) })
    expect(await desk.login(ALICE)).toMatchObject({ kind: 'issued', passwordBreached: true })
  })

  test('does not wait for a list of leaked passwords that is down', async () => {
    const breached = { isBreached: () => Promise.reject(new Error('down')) }
    const desk = aLogin({}, { policy: createPasswordPolicy({ breached }) })
    expect(await desk.login(ALICE)).toMatchObject({ kind: 'issued', passwordBreached: null })
  })

  test('gives nothing when the name went to somebody else meanwhile', async () => {
    const desk = aLogin()
    desk.users.onFind((asked) => {
      if (asked === 1)
        desk.users.put({ username: 'alice', passwordHash: desk.users.hash(), subject: 'user-8' })
    })
    expect(await desk.login(ALICE)).toEqual({ kind: 'unavailable', reason: 'contended' })
    expect(desk.world.events).toEqual([])
  })

  test('rejects for a client that no store can keep: that is the caller’s mistake', async () => {
    const desk = aLogin()
    await expect(desk.login({ ...ALICE, clientId: '' })).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })
})

describe('the throttle of logins', () => {
  const limited = () => {
    const clock = createTestLimits()
    return { throttle: createThrottle({ accountAndSource: clock }) }
  }
  const createTestLimits = () => memoryLimiter({ attempts: 2, per: '1h' })

  test('stops guessing, also with the right password in the end', async () => {
    const desk = aLogin(limited())
    for (let index = 0; index < 2; index++) {
      expect((await desk.login({ ...ALICE, password: `wrong ${index}` })).kind).toBe('refused')
    }
    expect(await desk.login(ALICE)).toMatchObject({
      kind: 'throttled',
      limit: 'account_and_source',
    })
    expect((await desk.login({ ...ALICE, source: '192.0.2.2' })).kind).toBe('issued')
  })

  test('counts the guesses at the old password of a change together with those', async () => {
    const desk = aLogin(limited())
    const { username, source } = ALICE
    const guess = { username, source, password: 'wrong', newPassword: NEW }
    expect((await desk.changePassword(guess)).kind).toBe('refused')
    expect((await desk.login({ ...ALICE, password: 'wrong' })).kind).toBe('refused')
    expect((await desk.changePassword({ ...guess, password: OLD })).kind).toBe('throttled')
    expect(desk.users.writes).toBe(0)
  })

  test('does not count what was right, nor what nobody could judge', async () => {
    const desk = aLogin(limited())
    for (let index = 0; index < 4; index++) expect((await desk.login(ALICE)).kind).toBe('issued')
    desk.users.onFind(() => {
      throw new Error('down')
    })
    for (let index = 0; index < 4; index++) {
      expect((await desk.login({ ...ALICE, password: 'wrong' })).kind).toBe('unavailable')
    }
  })

  test('that is down is an outage, and one that fails afterwards is told of', async () => {
    const down = {
      consume: () => Promise.reject(new Error('down')),
      reward: async () => 0,
      delete: async () => 0,
    }
    const desk = aLogin({ throttle: createThrottle({ source: down }) })
    expect(await desk.login(ALICE)).toMatchObject({ reason: 'throttle_unavailable' })
    const broken = {
      consume: async () => ({ consumedPoints: 1 }),
      reward: () => Promise.reject(new Error('down')),
      delete: async () => 0,
    }
    const other = aLogin({ throttle: createThrottle({ source: broken }) })
    expect((await other.login(ALICE)).kind).toBe('issued')
    expect(other.events.map(({ kind }) => kind)).toEqual(['throttle_failed', 'login'])
  })
})

describe('changePassword', () => {
  const change = { username: 'alice', password: OLD, newPassword: NEW, source: '192.0.2.1' }

  test('ends what was issued before, but for the session that asks', async () => {
    const desk = aLogin()
    const [mine, other] = [await tokenOf(desk), await tokenOf(desk)]
    const keepSession = mine.session ?? ''
    expect((await desk.changePassword({ ...change, keepSession })).kind).toBe('changed')
    expect(await isAlive(desk.world, refreshTextOf(mine))).toBe(true)
    expect(await isAlive(desk.world, refreshTextOf(other))).toBe(false)
    expect((await desk.login(ALICE)).kind).toBe('refused')
    expect((await desk.login({ ...ALICE, password: NEW })).kind).toBe('issued')
  })

  test('without a session to keep ends them all', async () => {
    const desk = aLogin()
    const mine = await tokenOf(desk)
    expect((await desk.changePassword(change)).kind).toBe('changed')
    expect(await isAlive(desk.world, refreshTextOf(mine))).toBe(false)
  })

  test('with a wrong old password changes and revokes nothing', async () => {
    const desk = aLogin()
    const mine = await tokenOf(desk)
    expect(await desk.changePassword({ ...change, password: 'wrong' })).toEqual({
      kind: 'refused',
      reason: 'password_wrong',
    })
    expect(await isAlive(desk.world, refreshTextOf(mine))).toBe(true)
    expect(desk.users.writes).toBe(0)
  })

  test('to a bad one changes nothing, and says why', async () => {
    const desk = aLogin()
    expect(await desk.changePassword({ ...change, newPassword: 'short' })).toEqual({
      kind: 'rejected',
      problems: ['too_short'],
    })
    expect(desk.users.writes).toBe(0)
  })

  test('that cannot revoke is never reported as done, and is finished by the same call', async () => {
    const world = aWorld()
    let calls = 0
    const lifecycle: LoginOptions['lifecycle'] = {
      ...world.lifecycle,
      revokeSubject: async (...given) => {
        calls++
        if (calls === 2) throw new Error('down')
        return world.lifecycle.revokeSubject(...given)
      },
    }
    const desk = aLogin({ lifecycle }, {}, world)
    expect(await desk.changePassword(change)).toMatchObject({ kind: 'unrevoked' })
    const late = await tokenOf(desk, { password: NEW })
    expect((await desk.changePassword(change)).kind).toBe('changed')
    expect(await isAlive(world, refreshTextOf(late))).toBe(false)
  })
})

describe('resetPassword', () => {
  test('sets a password without the old one, and ends all sessions', async () => {
    const desk = aLogin()
    const mine = await tokenOf(desk)
    expect((await desk.resetPassword({ username: 'alice', newPassword: NEW })).kind).toBe('changed')
    expect(await isAlive(desk.world, refreshTextOf(mine))).toBe(false)
    expect((await desk.login({ ...ALICE, password: NEW })).kind).toBe('issued')
    expect(await desk.resetPassword({ username: 'bob', newPassword: NEW })).toEqual({
      kind: 'absent',
    })
  })
})

describe('what the operator is told', () => {
  test('is the outcome and its reason, and whose account it was once that is proven', async () => {
    const desk = aLogin()
    await desk.login(ALICE)
    await desk.login({ ...ALICE, username: 'a secret in the field above', password: 'guessed' })
    await desk.changePassword({ ...ALICE, newPassword: NEW })
    await desk.resetPassword({ username: 'alice', newPassword: OLD })
    expect(desk.events).toMatchObject([
      { kind: 'login', outcome: 'issued', reason: null, subject: 'user-7', source: '192.0.2.1' },
      { kind: 'login', outcome: 'refused', reason: 'password_wrong', subject: null },
      { kind: 'password_change', outcome: 'changed', subject: 'user-7' },
      { kind: 'password_reset', outcome: 'changed', subject: 'user-7', source: null },
    ])
    const text = JSON.stringify(desk.events)
    for (const secret of [OLD, NEW, 'guessed', 'above']) expect(text).not.toContain(secret)
  })

  test('cannot break a login', async () => {
    const desk = aLogin({
      onEvent: () => {
        throw new Error('log full')
      },
    })
    expect((await desk.login(ALICE)).kind).toBe('issued')
  })
})

describe('on our side', () => {
  test.each(['startLogin', 'issue'] as const)(
    'a store that fails in %s is an outage',
    async (operation) => {
      const world = aWorld()
      const down = async () =>
        ({ kind: 'unavailable', reason: 'store_unavailable', cause: null }) as const
      const lifecycle: LoginOptions['lifecycle'] = { ...world.lifecycle, [operation]: down }
      expect(await aLogin({ lifecycle }, {}, world).login(ALICE)).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    },
  )

  test('a grant that throws is an outage', async () => {
    const grant = () => {
      throw new Error('no such role')
    }
    expect(await aLogin({ grant }).login(ALICE)).toMatchObject({ reason: 'grant_failed' })
  })
})

describe('createLogin', () => {
  test.each([
    ['no throttle, not even null', { throttle: undefined }],
    ['a throttle that cannot count', { throttle: {} }],
    ['no passwords', { passwords: undefined }],
    [
      'a lifecycle that cannot revoke',
      { lifecycle: { ...aWorld().lifecycle, revokeSubject: undefined } },
    ],
    ['a misspelt option', { passwordPolicy: {} }],
  ])('refuses %s', (_, change) => {
    expect(() => aLogin(change as Partial<LoginOptions>)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('asks of a lifecycle only what it needs', () => {
    const { startLogin, issue, revokeSubject }: Lifecycle = aWorld().lifecycle
    expect(() => aLogin({ lifecycle: { startLogin, issue, revokeSubject } })).not.toThrow()
  })
})
