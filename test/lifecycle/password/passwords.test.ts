import { describe, expect, test, vi } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { createHashingGate } from '../../../src/lifecycle/password/hashing-gate.js'
import { hasherOf, type PasswordHasher } from '../../../src/lifecycle/password/password-hasher.js'
import { createPasswordPolicy } from '../../../src/lifecycle/password/password-policy.js'
import type {
  PasswordRecord,
  WritablePasswordStore,
} from '../../../src/lifecycle/password/password-store.js'
import {
  createPasswords,
  type PasswordsOptions,
} from '../../../src/lifecycle/password/passwords.js'
import { peppersOf } from '../../../src/lifecycle/password/pepper.js'

/** Weak on purpose: these tests are about what happens, not about how long it takes. */
const cheap = hasherOf(argon2id, [8, 1, 1])
const cheaper = hasherOf(argon2id, [8, 2, 1])
const OLD = 'correct horse battery staple'
const NEW = 'incorrect horse battery staple'
const HASH = await cheap.hash(OLD)

/** A store in memory that holds alice, and writes down what it was asked. */
function aStore(record: Partial<PasswordRecord> = {}) {
  const rows = new Map<string, PasswordRecord>([
    [
      'alice',
      { username: 'alice', passwordHash: HASH, subject: 'user-7', scopes: ['jobs:run'], ...record },
    ],
  ])
  const writes: string[] = []
  const store: WritablePasswordStore = {
    find: (username) => rows.get(username) ?? null,
    replaceHash(username, passwordHash, replaced) {
      const row = rows.get(username)
      if (row?.passwordHash !== replaced) return false
      rows.set(username, { ...row, passwordHash })
      writes.push(username)
      return true
    },
  }
  const hash = () => rows.get('alice')?.passwordHash ?? ''
  return { rows, store, writes, hash }
}

function passwordsOf(store: WritablePasswordStore, options: Partial<PasswordsOptions> = {}) {
  return createPasswords({ store, passwords: cheap, hashingGate: createHashingGate(), ...options })
}

const kindOf = async (hash: string, password: string) => (await cheap.verify(password, hash)).kind

describe('check', () => {
  test('gives the account of a right password', async () => {
    const { store, writes } = aStore()
    expect(await passwordsOf(store).check('alice', OLD)).toEqual({
      kind: 'matched',
      account: { username: 'alice', subject: 'user-7', scopes: ['jobs:run'] },
    })
    expect(writes).toEqual([])
  })

  test('a wrong password and an unknown user are one answer', async () => {
    const { store } = aStore()
    const passwords = passwordsOf(store)
    expect(await passwords.check('alice', NEW)).toEqual({ kind: 'mismatched' })
    expect(await passwords.check('bob', OLD)).toEqual({ kind: 'mismatched' })
  })

  test.each(['', 'a\0b', '\ud800', 'x'.repeat(513)])(
    'a name that no store can keep is nobody’s, and no store is asked: %j',
    async (username) => {
      const find = vi.fn()
      const verify = vi.fn(cheap.verify)
      const hasher = { ...cheap, verify }
      const passwords = passwordsOf({ ...aStore().store, find }, { passwords: hasher })
      expect(await passwords.check(username, OLD)).toEqual({ kind: 'mismatched' })
      expect([find.mock.calls.length, verify.mock.calls.length]).toEqual([0, 1])
    },
  )

  test('replaces a hash of other costs', async () => {
    const { store, writes, hash } = aStore({ passwordHash: await cheaper.hash(OLD) })
    expect((await passwordsOf(store).check('alice', OLD)).kind).toBe('matched')
    expect(writes).toEqual(['alice'])
    expect(await cheap.verify(OLD, hash())).toEqual({ kind: 'match', rehash: false })
  })

  test('replaces a hash of a former pepper', async () => {
    const [one, two] = ['p1', 'p2'].map((id, index) => ({
      id,
      secret: new Uint8Array(32).fill(index),
    }))
    if (one === undefined || two === undefined) throw new Error('two peppers')
    const before = hasherOf(argon2id, [8, 1, 1], {
      peppers: peppersOf(one, []) ?? { current: null, secrets: new Map() },
    })
    const after = hasherOf(argon2id, [8, 1, 1], {
      peppers: peppersOf(two, [one]) ?? { current: null, secrets: new Map() },
    })
    const { store, hash } = aStore({ passwordHash: await before.hash(OLD) })
    expect((await passwordsOf(store, { passwords: after }).check('alice', OLD)).kind).toBe(
      'matched',
    )
    expect(hash()).toContain(',keyid=cDI$')
    expect(await after.verify(OLD, hash())).toEqual({ kind: 'match', rehash: false })
  })

  test('without the pepper of a record is an outage, and no wrong password', async () => {
    const peppers = peppersOf({ id: 'p1', secret: new Uint8Array(32) }, [])
    if (peppers === null) throw new Error('one pepper')
    const { store } = aStore({
      passwordHash: await hasherOf(argon2id, [8, 1, 1], { peppers }).hash(OLD),
    })
    expect(await passwordsOf(store).check('alice', OLD)).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
    })
  })

  test('costs one judgement for a known and an unknown user', async () => {
    const verify = vi.fn(cheap.verify)
    const { store } = aStore()
    const passwords = passwordsOf(store, { passwords: { ...cheap, verify } })
    for (const username of ['alice', 'bob']) await passwords.check(username, NEW)
    expect(verify).toHaveBeenCalledTimes(2)
  })
})

describe('hashNew', () => {
  test('gives a hash for a user who is yet to be stored', async () => {
    const made = await passwordsOf(aStore().store).hashNew(NEW, ['bob'])
    expect(await kindOf(made.kind === 'hashed' ? made.passwordHash : '', NEW)).toBe('match')
  })

  test('gives none for a password that the policy does not take', async () => {
    expect(await passwordsOf(aStore().store).hashNew('bobbobbobbobbob', ['bob'])).toEqual({
      kind: 'rejected',
      problems: ['context_word'],
    })
  })
})

describe('set', () => {
  test('replaces the hash, without the old password', async () => {
    const { store, hash } = aStore()
    expect(await passwordsOf(store).set('alice', NEW)).toMatchObject({
      kind: 'changed',
      account: { subject: 'user-7' },
    })
    expect([await kindOf(hash(), NEW), await kindOf(hash(), OLD)]).toEqual(['match', 'mismatch'])
  })

  test('makes no user', async () => {
    const { store, writes } = aStore()
    expect(await passwordsOf(store).set('bob', NEW)).toEqual({ kind: 'absent' })
    expect(writes).toEqual([])
  })

  test('takes neither a short password nor the name of the user', async () => {
    const { store, writes } = aStore()
    const passwords = passwordsOf(store)
    expect(await passwords.set('alice', 'short')).toEqual({
      kind: 'rejected',
      problems: ['too_short'],
    })
    expect(await passwords.set('alice', 'alice-1234567890')).toMatchObject({
      problems: ['context_word'],
    })
    expect(await passwords.set('alice', 'liddell-12345678', { words: ['Liddell'] })).toMatchObject({
      problems: ['context_word'],
    })
    expect(writes).toEqual([])
  })

  test('goes on when the hash was replaced meanwhile', async () => {
    const { store, rows, hash } = aStore()
    const other = await cheap.hash('another password altogether')
    let finds = 0
    const raced: WritablePasswordStore = {
      ...store,
      find(username) {
        const row = store.find(username)
        // Somebody writes between our reading and our writing, once.
        if (finds++ === 0) rows.set('alice', { username: 'alice', passwordHash: other })
        return row
      },
    }
    expect((await passwordsOf(raced).set('alice', NEW)).kind).toBe('changed')
    expect(await kindOf(hash(), NEW)).toBe('match')
  })

  test('gives up where somebody writes all the time', async () => {
    const { store, hash } = aStore()
    const contended = { ...store, replaceHash: () => false }
    expect(await passwordsOf(contended).set('alice', NEW)).toEqual({
      kind: 'unavailable',
      reason: 'contended',
    })
    expect(hash()).toBe(HASH)
  })
})

describe('change', () => {
  test('replaces the hash if the old password is right', async () => {
    const { store, hash } = aStore()
    expect(await passwordsOf(store).change('alice', OLD, NEW)).toMatchObject({ kind: 'changed' })
    expect([await kindOf(hash(), NEW), await kindOf(hash(), OLD)]).toEqual(['match', 'mismatch'])
  })

  test('does nothing if it is wrong, or nobody has the name', async () => {
    const { store, writes } = aStore()
    const revoke = vi.fn()
    const passwords = passwordsOf(store)
    for (const username of ['alice', 'bob']) {
      expect(await passwords.change(username, 'wrong', NEW, { revoke })).toEqual({
        kind: 'mismatched',
      })
    }
    expect([writes, revoke.mock.calls]).toEqual([[], []])
  })

  test('costs a wrong password and an unknown user the same: two judgements', async () => {
    for (const username of ['alice', 'bob']) {
      const verify = vi.fn(cheap.verify)
      const passwords = passwordsOf(aStore().store, { passwords: { ...cheap, verify } })
      await passwords.change(username, 'wrong', NEW)
      expect(verify).toHaveBeenCalledTimes(2)
    }
  })

  test('takes no password that is the old one, and says so to its owner only', async () => {
    const { store } = aStore()
    const passwords = passwordsOf(store)
    expect(await passwords.change('alice', OLD, OLD)).toEqual({
      kind: 'rejected',
      problems: ['unchanged'],
    })
    expect(await passwords.change('alice', 'wrong', 'short')).toEqual({ kind: 'mismatched' })
  })

  test('goes on when a login has only rehashed the old password meanwhile', async () => {
    const { store, hash } = aStore({ passwordHash: await cheaper.hash(OLD) })
    const passwords = passwordsOf(store)
    let revocations = 0
    const revoke = async () => {
      if (revocations++ === 0) await passwords.check('alice', OLD)
    }
    expect((await passwords.change('alice', OLD, NEW, { revoke })).kind).toBe('changed')
    expect(await kindOf(hash(), NEW)).toBe('match')
  })

  test('does not overwrite a password that somebody else has set meanwhile', async () => {
    const { store, rows, hash } = aStore()
    const other = await cheap.hash('another password altogether')
    const revoke = () => {
      rows.set('alice', { username: 'alice', passwordHash: other })
    }
    expect(await passwordsOf(store).change('alice', OLD, NEW, { revoke })).toEqual({
      kind: 'mismatched',
    })
    expect(hash()).toBe(other)
  })

  test('of two at once, one wins, and the other is told that the old password is wrong', async () => {
    const { store, hash } = aStore()
    const passwords = passwordsOf(store)
    const candidates = ['first new password', 'other new password']
    const outcomes = await Promise.all(
      candidates.map((next) => passwords.change('alice', OLD, next)),
    )
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['changed', 'mismatched'])
    const winner = outcomes.findIndex(({ kind }) => kind === 'changed')
    expect(await kindOf(hash(), candidates[winner] ?? '')).toBe('match')
  })
})

describe('what was issued before', () => {
  test('is revoked before and after the hash is replaced', async () => {
    const { store, hash } = aStore()
    const seen: (readonly [string, boolean])[] = []
    const revoke = (subject: string) => void seen.push([subject, hash() === HASH])
    expect((await passwordsOf(store).change('alice', OLD, NEW, { revoke })).kind).toBe('changed')
    expect(seen).toEqual([
      ['user-7', true],
      ['user-7', false],
    ])
  })

  test('that cannot be revoked leaves the password as it was', async () => {
    const { store, writes } = aStore()
    const revoke = () => Promise.reject(new Error('down'))
    for (const outcome of [
      await passwordsOf(store).change('alice', OLD, NEW, { revoke }),
      await passwordsOf(store).set('alice', NEW, { revoke }),
    ]) {
      expect(outcome).toEqual({
        kind: 'unavailable',
        reason: 'revocation_failed',
        cause: new Error('down'),
      })
    }
    expect(writes).toEqual([])
  })

  test('that could not be revoked afterwards is said, and the same call finishes it', async () => {
    const { store, hash } = aStore()
    let calls = 0
    const revoke = vi.fn(() => {
      calls++
      if (calls === 2) throw new Error('down')
    })
    const passwords = passwordsOf(store)
    expect(await passwords.change('alice', OLD, NEW, { revoke })).toMatchObject({
      kind: 'unrevoked',
      cause: new Error('down'),
    })
    expect(await kindOf(hash(), NEW)).toBe('match')
    expect(await passwords.change('alice', OLD, NEW, { revoke })).toMatchObject({ kind: 'changed' })
    expect(revoke).toHaveBeenCalledTimes(3)
  })

  test('is revoked by the repeated call after a write whose answer was lost', async () => {
    const { store, hash } = aStore()
    let lost = false
    const lossy: WritablePasswordStore = {
      ...store,
      async replaceHash(...given) {
        const written = await store.replaceHash(...given)
        if (lost) return written
        lost = true
        throw new Error('connection reset')
      },
    }
    const revoke = vi.fn()
    const passwords = passwordsOf(lossy)
    expect(await passwords.change('alice', OLD, NEW, { revoke })).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
    })
    expect(await kindOf(hash(), NEW)).toBe('match')
    expect(await passwords.change('alice', OLD, NEW, { revoke })).toMatchObject({ kind: 'changed' })
    expect(revoke).toHaveBeenCalledTimes(2)
  })
})

describe('on our side', () => {
  const stores: readonly (readonly [string, Partial<WritablePasswordStore>])[] = [
    [
      'cannot find',
      {
        find: () => {
          throw new Error('down')
        },
      },
    ],
    ['finds late', { find: () => new Promise(() => {}) }],
    ['finds nonsense', { find: () => ({}) as PasswordRecord }],
    ['finds another user', { find: () => ({ username: 'Alice', passwordHash: HASH }) }],
    ['finds no hash', { find: () => ({ username: 'alice', passwordHash: OLD }) }],
  ]
  test.each(stores)('a store that %s is an outage for all', async (_, broken) => {
    const passwords = passwordsOf({ ...aStore().store, ...broken }, { timeoutMilliseconds: 5 })
    for (const outcome of [
      await passwords.check('alice', OLD),
      await passwords.change('alice', OLD, NEW),
    ]) {
      expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
    }
  })

  const writers: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('read-only')
      },
    ],
    ['rejects', () => Promise.reject(new Error('read-only'))],
    ['hangs', () => new Promise(() => {})],
    ['says nothing', () => undefined],
    ['counts rows', () => 1],
  ]
  test.each(writers)('a write that %s is never reported as done', async (_, write) => {
    const store = { ...aStore().store, replaceHash: write as WritablePasswordStore['replaceHash'] } // wrong ones are tested
    const passwords = passwordsOf(store, { timeoutMilliseconds: 5 })
    for (const outcome of [
      await passwords.set('alice', NEW),
      await passwords.change('alice', OLD, NEW),
    ]) {
      expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
    }
  })

  test('a full gate is an outage that passes', async () => {
    const hashingGate = createHashingGate({ queued: 0 })
    void hashingGate.run(() => new Promise(() => {}))
    const passwords = passwordsOf(aStore().store, { hashingGate })
    for (const outcome of [
      await passwords.check('alice', OLD),
      await passwords.set('alice', NEW),
      await passwords.change('alice', OLD, NEW),
      await passwords.hashNew(NEW),
    ]) {
      expect(outcome).toEqual({ kind: 'unavailable', reason: 'hashing_busy', retryAfterSeconds: 1 })
    }
  })

  test.each(['verify', 'hash', 'decoyHash'] as const)(
    'a hasher whose %s fails is an outage',
    async (method) => {
      const fails = () => {
        throw new Error('out of memory')
      }
      const hasher: PasswordHasher = { ...cheap, [method]: fails }
      expect(
        await passwordsOf(aStore().store, { passwords: hasher }).change('alice', OLD, NEW),
      ).toEqual({
        kind: 'unavailable',
        reason: 'hasher_failed',
        cause: new Error('out of memory'),
      })
    },
  )

  test('a policy that fails takes nothing', async () => {
    const policy = {
      ...createPasswordPolicy(),
      judge: () => Promise.reject(new Error('down')),
    }
    const { store, writes } = aStore()
    expect(await passwordsOf(store, { policy }).set('alice', NEW)).toMatchObject({
      reason: 'policy_unavailable',
    })
    expect(writes).toEqual([])
  })

  test('a slow store is told of, and what is told cannot break anything', async () => {
    vi.useFakeTimers()
    try {
      const { store } = aStore()
      const slow = {
        ...store,
        find: async (username: string) => {
          await vi.advanceTimersByTimeAsync(60)
          return store.find(username)
        },
      }
      const onEvent = vi.fn(() => {
        throw new Error('log full')
      })
      const passwords = passwordsOf(slow, {
        timeoutMilliseconds: 100,
        onEvent,
        clock: { now: () => 1_000 },
      })
      expect((await passwords.find('alice')).kind).toBe('found')
      expect(onEvent).toHaveBeenCalledWith({
        kind: 'store_slow',
        at: 1_000,
        milliseconds: 60,
        timeoutMilliseconds: 100,
      })
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('createPasswords', () => {
  test.each([
    ['no store', { store: undefined }],
    ['a store that cannot write', { store: { find: () => null } }],
    ['a policy that cannot judge', { policy: {} }],
    ['a policy that is misspelt where it comes from', { policy: undefined }],
    ['weak hashing', { passwords: { algorithm: 'argon2id', m: 8 } }],
    ['a misspelt option', { gate: 1 }],
  ])('refuses %s', (_, change) => {
    const options = { store: aStore().store, ...change } as PasswordsOptions
    expect(() => createPasswords(options)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('find says who has a name, and nothing of the hash', async () => {
    const passwords = passwordsOf(aStore().store)
    const found = await passwords.find('alice')
    expect(found).toEqual({
      kind: 'found',
      account: { username: 'alice', subject: 'user-7', scopes: ['jobs:run'] },
    })
    expect(await passwords.find('bob')).toEqual({ kind: 'absent' })
  })
})
