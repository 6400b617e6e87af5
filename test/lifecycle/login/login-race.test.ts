/** A login and a password change, stepped through every order of what they ask of stores and hasher. */
import { expect, test } from 'vitest'
import { createLogin } from '../../../src/lifecycle/login/login.js'
import type {
  LoginResult,
  PasswordChangeResult,
} from '../../../src/lifecycle/login/login-result.js'
import { createHashingGate } from '../../../src/lifecycle/password/hashing-gate.js'
import type { PasswordHasher } from '../../../src/lifecycle/password/password-hasher.js'
import type { WritablePasswordStore } from '../../../src/lifecycle/password/password-store.js'
import { createPasswords } from '../../../src/lifecycle/password/passwords.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { aWorld, refreshTextOf } from '../a-lifecycle.js'
import { NEW, OLD, plainHasher, usersInMemory } from './support.js'

type Actor = 'login' | 'change'

/** Lets one step of one actor happen at a time, in the order of a plan; when that is at its end, in any order. */
function aStage(plan: readonly Actor[]) {
  const waiting = new Map<Actor, () => void>()
  const taken: Actor[] = []
  const choices: (readonly Actor[])[] = []
  return {
    taken,
    choices,
    step: (actor: Actor) => new Promise<void>((resolve) => waiting.set(actor, resolve)),
    async run(actors: readonly Promise<unknown>[]): Promise<void> {
      let ended = 0
      for (const actor of actors) void actor.finally(() => ended++)
      while (true) {
        await quiet(() => waiting.size + ended === actors.length)
        const [first] = [...waiting.keys()].sort()
        if (first === undefined) return
        choices.push([...waiting.keys()].sort())
        const planned = plan[taken.length]
        const next = planned !== undefined && waiting.has(planned) ? planned : first
        taken.push(next)
        const go = waiting.get(next)
        waiting.delete(next)
        go?.()
      }
    },
  }
}

async function quiet(isQuiet: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (isQuiet()) return
    await Promise.resolve()
  }
  throw new Error('An actor neither waits nor ends.')
}

async function play(plan: readonly Actor[]) {
  const stage = aStage(plan)
  const users = usersInMemory()
  const kept = memoryStore()
  const hasher = plainHasher()
  const deskOf = (actor: Actor) => {
    const before = <Answer>(act: () => Answer | Promise<Answer>) => stage.step(actor).then(act)
    const passwordStore: WritablePasswordStore = {
      find: (username) => before(() => users.store.find(username)),
      replaceHash: (...given) => before(() => users.store.replaceHash(...given)),
    }
    const slowHasher: PasswordHasher = {
      ...hasher,
      verify: (...given) => before(() => hasher.verify(...given)),
    }
    const store: Store = {
      ...kept,
      get: (...given) => before(() => kept.get(...given)),
      insert: (...given) => before(() => kept.insert(...given)),
      cas: (...given) => before(() => kept.cas(...given)),
      incr: (...given) => before(() => kept.incr(...given)),
    }
    const passwords = createPasswords({
      store: passwordStore,
      passwords: slowHasher,
      hashingGate: createHashingGate(),
    })
    return createLogin({ passwords, lifecycle: aWorld({ store }).lifecycle, throttle: null })
  }
  const source = '192.0.2.1'
  const login = deskOf('login').login({
    username: 'alice',
    password: OLD,
    source,
    clientId: 'app',
    clientType: 'public',
  })
  const change = deskOf('change').changePassword({
    username: 'alice',
    password: OLD,
    newPassword: NEW,
    source,
  })
  await stage.run([login, change])
  return { stage, store: kept, login: await login, change: await change }
}

/** Whether what a login has brought is good for anything now. */
async function isAlive(store: Store, login: LoginResult): Promise<boolean> {
  if (login.kind !== 'issued') return false
  const token = refreshTextOf(login.tokens)
  const refreshed = await aWorld({ store }).lifecycle.refresh(token, { clientId: 'app' })
  return refreshed.kind === 'refreshed'
}

test('a login with the old password leaves nothing alive behind the change, in whatever order they step', async () => {
  const outcomes = new Map<string, number>()
  const plans: (readonly Actor[])[] = [[]]
  for (let plan = plans.pop(); plan !== undefined; plan = plans.pop()) {
    const { stage, store, login, change } = await play(plan)
    const outcome =
      `${login.kind}, ${change.kind}` satisfies `${LoginResult['kind']}, ${PasswordChangeResult['kind']}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    expect(change.kind).toBe('changed')
    expect(await isAlive(store, login), stage.taken.join(' ')).toBe(false)
    // Each other choice after this plan begins a plan of its own, so that every order is played once.
    for (let at = plan.length; at < stage.taken.length; at++) {
      for (const other of stage.choices[at] ?? []) {
        if (other !== stage.taken[at]) plans.push([...stage.taken.slice(0, at), other])
      }
    }
  }
  // Both ways it can go were seen, each in many orders: the tokens are dead, or there are none.
  expect([...outcomes.keys()].sort()).toEqual(['issued, changed', 'refused, changed'])
  expect([...outcomes.values()].reduce((sum, count) => sum + count)).toBeGreaterThan(400)
})
