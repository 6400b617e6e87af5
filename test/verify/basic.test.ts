import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { argon2id } from '../../src/lifecycle/password/argon2id.js'
import { createHashingGate } from '../../src/lifecycle/password/hashing-gate.js'
import { hashPassword } from '../../src/lifecycle/password/password.js'
import { hasherOf, type PasswordHasher } from '../../src/lifecycle/password/password-hasher.js'
import type { PasswordRecord, PasswordStore } from '../../src/lifecycle/password/password-store.js'
import { parsePhc } from '../../src/lifecycle/password/phc.js'
import { NO_LINEAGE } from '../../src/principal/lineage.js'
import type { UserPrincipal } from '../../src/principal/principal.js'
import { Redacted } from '../../src/shared/redacted.js'
import { type BasicOptions, basic, type NoClaims } from '../../src/verify/basic.js'
import type { Verifier } from '../../src/verify/verifier.js'
import {
  aContext,
  aSpyStore,
  basicCredential,
  bearerCredential,
  brokenStores,
} from './verifier-kit.js'

/** Weak on purpose: these tests are about who is let in, not about how long it takes. */
const cheap = hasherOf(argon2id, [8, 1, 1])
const cheaper = hasherOf(argon2id, [8, 2, 1])
const ALICE = { username: 'alice', passwordHash: await cheap.hash('correct horse') }
const OLD_ALICE = { username: 'alice', passwordHash: await cheaper.hash('correct horse') }

function verifierOf(answer: (username: string) => unknown, options: Partial<BasicOptions> = {}) {
  const store = aSpyStore(answer)
  const verifier = basic({
    realm: 'ops',
    store: store as PasswordStore, // stores of every sort are what is tested
    passwords: cheap,
    ...options,
  })
  const judge = (username: string, password: string) =>
    verifier.verify(basicCredential(username, password), aContext())
  return { store, verifier, judge }
}

/** A hasher that writes down what it was asked to judge. */
function aSpyHasher() {
  const judged: string[] = []
  const hasher: PasswordHasher = {
    ...cheap,
    verify(password, passwordHash) {
      judged.push(passwordHash)
      return cheap.verify(password, passwordHash)
    },
  }
  return { hasher, judged }
}

describe('a right password', () => {
  test('identifies the user', async () => {
    expect(await verifierOf(() => ALICE).judge('alice', 'correct horse')).toEqual({
      kind: 'verified',
      principal: {
        kind: 'user',
        issuer: 'basic:ops',
        subject: 'alice',
        clientId: null,
        grant: expect.objectContaining({ tokens: [], problem: null }),
        claims: {},
        authentication: { time: null, acr: null, amr: ['pwd'] },
        credentialId: 'basic:ops:alice',
        lineage: NO_LINEAGE,
        expiresAt: null,
      },
    })
  })

  test('gives the subject and the scopes of the record', async () => {
    const record: PasswordRecord = { ...ALICE, subject: 'user-7', scopes: ['jobs:run'] }
    expect(await verifierOf(async () => record).judge('alice', 'correct horse')).toMatchObject({
      principal: { subject: 'user-7', grant: { tokens: ['jobs:run'] } },
    })
  })

  test('may hold colons, and counts to its last character', async () => {
    const record = { username: 'alice', passwordHash: await cheap.hash('a:b:c') }
    const { judge } = verifierOf(() => record)
    expect((await judge('alice', 'a:b:c')).kind).toBe('verified')
    expect((await judge('alice', 'a:b')).kind).toBe('refused')
    expect((await judge('alice', 'a:anything')).kind).toBe('refused')
  })

  test('works with the hashes that hashPassword makes', async () => {
    const record = { username: 'alice', passwordHash: await hashPassword('correct horse') }
    const verifier = basic({ realm: 'ops', store: { find: () => record } })
    const verification = await verifier.verify(
      basicCredential('alice', 'correct horse'),
      aContext(),
    )
    expect(verification.kind).toBe('verified')
  })

  test('with scopes that cannot be read is refused', async () => {
    const scopes = Array.from({ length: 513 }, (_, index) => `scope${index}`)
    const { judge } = verifierOf(() => ({ ...ALICE, scopes }))
    expect(await judge('alice', 'correct horse')).toEqual({
      kind: 'refused',
      reason: 'scope_limit',
    })
  })
})

describe('an unknown user and a wrong password', () => {
  test('are refused for the same reason', async () => {
    const refusal = { kind: 'refused', reason: 'password_wrong' }
    expect(await verifierOf(() => null).judge('bob', 'correct horse')).toEqual(refusal)
    expect(await verifierOf(() => ALICE).judge('alice', 'wrong horse')).toEqual(refusal)
    expect(await verifierOf(() => ALICE).judge('alice', '')).toEqual(refusal)
  })

  test('cost the same: one judgement of a hash of the same costs and lengths', async () => {
    const work = async (record: PasswordRecord | null) => {
      const { hasher, judged } = aSpyHasher()
      const { judge } = verifierOf(() => record, { passwords: hasher })
      await judge('alice', 'wrong horse')
      return judged.map((phc) => {
        const parsed = parsePhc(phc)
        if (!parsed.ok) throw new Error(parsed.reason)
        const { algorithm, costs, salt, hash } = parsed.value
        return [algorithm.name, costs, salt.length, hash.length]
      })
    }
    const unknown = await work(null)
    expect(unknown).toEqual([['argon2id', [8, 1, 1], 16, 32]])
    expect(await work(ALICE)).toEqual(unknown)
  })

  test('wait in the same queue', async () => {
    for (const answer of [null, ALICE]) {
      const hashingGate = createHashingGate({ concurrent: 1, queued: 0 })
      void hashingGate.run(() => new Promise(() => {}))
      const { judge } = verifierOf(() => answer, { hashingGate })
      expect(await judge('alice', 'wrong horse')).toEqual({
        kind: 'unavailable',
        reason: 'hashing_busy',
        retryAfterSeconds: 1,
      })
    }
  })

  test('an unknown user stays out even if a hasher calls every password right', async () => {
    const gullible: PasswordHasher = {
      ...cheap,
      verify: async () => ({ kind: 'match', rehash: true }),
    }
    const replaceHash = vi.fn()
    const store = { find: () => null, replaceHash }
    const verifier = basic({ realm: 'ops', store, passwords: gullible })
    expect(await verifier.verify(basicCredential('bob', 'any'), aContext())).toEqual({
      kind: 'refused',
      reason: 'password_wrong',
    })
    expect(replaceHash).not.toHaveBeenCalled()
  })

  test('use one decoy for as long as the verifier lives', async () => {
    const { hasher, judged } = aSpyHasher()
    const { judge } = verifierOf(() => null, { passwords: hasher })
    await judge('bob', 'one')
    await judge('carol', 'two')
    expect(new Set(judged).size).toBe(1)
  })
})

describe('a malformed value', () => {
  test.each([
    ['no base64', '!!!'],
    ['unpadded base64', 'YTpi'.slice(0, 3)],
    ['no colon', 'YWJj'],
    ['a control character', Buffer.from('a:b\0').toString('base64')],
    ['broken UTF-8', Buffer.from([0x61, 0x3a, 0xff]).toString('base64')],
    ['nothing', ''],
  ])('with %s is refused without asking the store', async (_, token68) => {
    const { store, verifier } = verifierOf(() => ALICE)
    const credential = { kind: 'basic', token68: new Redacted(token68) } as const
    expect(await verifier.verify(credential, aContext())).toEqual({
      kind: 'refused',
      reason: 'basic_malformed',
    })
    expect(store.calls).toEqual([])
  })

  test('of another kind is refused as well', async () => {
    const { verifier } = verifierOf(() => ALICE)
    expect(await verifier.verify(bearerCredential('x'), aContext())).toEqual({
      kind: 'refused',
      reason: 'basic_malformed',
    })
  })
})

describe('rehashing', () => {
  test('replaces a hash of other costs, and names the one that it replaces', async () => {
    const replaceHash = vi.fn<NonNullable<PasswordStore['replaceHash']>>()
    const verifier = basic({
      realm: 'ops',
      store: { find: () => OLD_ALICE, replaceHash },
      passwords: cheap,
    })
    const verification = await verifier.verify(
      basicCredential('alice', 'correct horse'),
      aContext(),
    )
    expect(verification.kind).toBe('verified')
    const [[username, fresh, replaced] = []] = replaceHash.mock.calls
    expect([username, replaced]).toEqual(['alice', OLD_ALICE.passwordHash])
    expect(await cheap.verify('correct horse', fresh ?? '')).toEqual({
      kind: 'match',
      rehash: false,
    })
  })

  test('happens neither for a current hash nor for a wrong password', async () => {
    const replaceHash = vi.fn<NonNullable<PasswordStore['replaceHash']>>()
    for (const [record, password] of [
      [ALICE, 'correct horse'],
      [OLD_ALICE, 'wrong horse'],
    ] as const) {
      const verifier = basic({
        realm: 'ops',
        store: { find: () => record, replaceHash },
        passwords: cheap,
      })
      await verifier.verify(basicCredential('alice', password), aContext())
    }
    expect(replaceHash).not.toHaveBeenCalled()
  })

  const failures: [string, PasswordStore['replaceHash']][] = [
    ['there is none', undefined],
    [
      'it throws',
      () => {
        throw new Error('read-only')
      },
    ],
    ['it rejects', () => Promise.reject(new Error('read-only'))],
    ['it hangs', () => new Promise(() => {})],
  ]
  test.each(failures)('does not keep anybody out when %s', async (_, replaceHash) => {
    const store = { find: () => OLD_ALICE, ...(replaceHash === undefined ? {} : { replaceHash }) }
    const verifier = basic({ realm: 'ops', store, passwords: cheap, timeoutMilliseconds: 5 })
    const verification = await verifier.verify(
      basicCredential('alice', 'correct horse'),
      aContext(),
    )
    expect(verification.kind).toBe('verified')
  })

  test('is left for another time when the gate is full', async () => {
    const replaceHash = vi.fn<NonNullable<PasswordStore['replaceHash']>>()
    const gate = createHashingGate()
    let runs = 0
    const hashingGate: typeof gate = {
      run: async (job) => (runs++ === 0 ? gate.run(job) : { kind: 'busy' }),
    }
    const store = { find: () => OLD_ALICE, replaceHash }
    const verifier = basic({ realm: 'ops', store, passwords: cheap, hashingGate })
    const verification = await verifier.verify(
      basicCredential('alice', 'correct horse'),
      aContext(),
    )
    expect(verification.kind).toBe('verified')
    expect([runs, replaceHash.mock.calls]).toEqual([2, []])
  })
})

describe('a store that', () => {
  test.each(brokenStores(ALICE))('%s is unavailable, whatever the password', async (_, answer) => {
    for (const password of ['correct horse', 'wrong horse']) {
      expect(await verifierOf(answer).judge('alice', password)).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    }
  })

  test.each([
    ['folds the case of usernames', { ...ALICE, username: 'Alice' }],
    ['answers with another user', { ...ALICE, username: 'bob' }],
    ['holds a password in clear', { ...ALICE, passwordHash: 'correct horse' }],
    [
      'holds a hash beyond bearing',
      { ...ALICE, passwordHash: ALICE.passwordHash.replace('m=8', 'm=999999') },
    ],
    ['has an empty subject', { ...ALICE, subject: '' }],
    ['has scopes in one text', { ...ALICE, scopes: 'jobs:run' }],
  ])('%s is unavailable', async (_, record) => {
    expect(await verifierOf(() => record).judge('alice', 'correct horse')).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
    })
  })

  test('hangs is unavailable once its time is up', async () => {
    const { judge } = verifierOf(() => new Promise(() => {}), { timeoutMilliseconds: 1 })
    expect(await judge('alice', 'correct horse')).toMatchObject({ reason: 'store_unavailable' })
  })
})

describe('a hasher that', () => {
  const fails = () => {
    throw new Error('out of memory')
  }
  test.each([
    ['throws', { ...cheap, verify: fails }],
    ['rejects', { ...cheap, verify: async () => fails() }],
    ['cannot make a decoy', { ...cheap, decoyHash: fails }],
  ])('%s makes the verifier unavailable', async (_, passwords) => {
    expect(await verifierOf(() => ALICE, { passwords }).judge('alice', 'correct horse')).toEqual({
      kind: 'unavailable',
      reason: 'verifier_failed',
      cause: new Error('out of memory'),
    })
  })
})

describe('basic', () => {
  test('offers its realm and UTF-8', () => {
    const { verifier } = verifierOf(() => null)
    expect(verifier.recognises).toEqual({ kind: 'basic' })
    expect(verifier.offer).toEqual({
      scheme: 'Basic',
      parameters: { realm: 'ops', charset: 'UTF-8' },
    })
  })

  test('takes the hashing of new passwords as options', async () => {
    const store = { find: () => null }
    const verifier = basic({
      realm: 'ops',
      store,
      passwords: { algorithm: 'scrypt', ln: 14, p: 5 },
    })
    expect(await verifier.verify(basicCredential('bob', 'any'), aContext())).toEqual({
      kind: 'refused',
      reason: 'password_wrong',
    })
  })

  test.each([
    ['one character', 'a'],
    ['128 characters', 'a'.repeat(128)],
    ['printable ASCII', " !#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~"],
  ])('takes a realm of %s', (_, realm) => {
    expect(basic({ realm, store: { find: () => null } }).offer).toMatchObject({
      parameters: { realm },
    })
  })

  test.each([
    ['no realm', { realm: undefined }],
    ['an empty realm', { realm: '' }],
    ['a realm of 129 characters', { realm: 'a'.repeat(129) }],
    ['a realm with a quote', { realm: 'a"b' }],
    ['a realm with a backslash', { realm: 'a\\b' }],
    ['a realm with a line feed', { realm: 'a\r\nSet-Cookie: b' }],
    ['a realm with DEL', { realm: 'a\u007f' }],
    ['a realm that is not ASCII', { realm: 'caf\u00e9' }],
    ['no store', { store: undefined }],
    ['a store that cannot find', { store: {} }],
    ['half a hasher', { passwords: { verify: cheap.verify } }],
    ['weak hashing', { passwords: { algorithm: 'argon2id', m: 8 } }],
    ['hashing by another name', { passwords: { algorithm: 'md5' } }],
    ['hashing without a name', { passwords: { m: 19_456 } }],
    ['a gate that cannot run', { hashingGate: {} }],
    ['a timeout with a fraction', { timeoutMilliseconds: 1.5 }],
    ['a misspelt option', { users: [] }],
  ])('refuses %s', (_, change) => {
    const options = { realm: 'ops', store: { find: () => null }, ...change } as BasicOptions
    expect(() => basic(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  test('proves users without claims, says its type', () => {
    expectTypeOf(basic).returns.toEqualTypeOf<Verifier<UserPrincipal<NoClaims>>>()
  })
})
