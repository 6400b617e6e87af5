import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../../../src/errors.js'
import type { KeyEvent } from '../../../src/jwt/key-event.js'
import { signJwt } from '../../../src/jwt/sign-jwt.js'
import { createJwtVerifier } from '../../../src/jwt/verify-jwt.js'
import {
  createSigningKeys,
  type SigningKeys,
} from '../../../src/lifecycle/signing-keys/signing-keys.js'
import type { SigningKeysOptions } from '../../../src/lifecycle/signing-keys/signing-keys-options.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { Redacted } from '../../../src/shared/redacted.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { createTestClock, type TestClock } from '../../../src/testing/test-clock.js'

const DAY = 86_400

describe('signing keys', () => {
  it('are made by whoever asks first, and shared by all', async () => {
    const { store, clock, process } = setUp()
    const processes = Array.from({ length: 8 }, () => process())
    const kids = await Promise.all(processes.map((keys) => kidOf(keys, clock)))
    expect(new Set(kids).size).toBe(1)
    expect(await shownBy(processes[3] ?? process())).toHaveLength(2)
    expect(store.writes).toBe(1)
  })

  it('are asked of the store once per refresh, however many ask', async () => {
    const { store, clock, process } = setUp()
    const keys = process()
    await Promise.all(Array.from({ length: 9 }, () => kidOf(keys, clock)))
    expect(store.reads).toBe(2)
    clock.advance(14)
    expect(keys.current(clock.now())).toMatchObject({ kind: 'key' })
    expect(store.reads).toBe(2)
    clock.advance(1)
    expect(keys.current(clock.now())).toMatchObject({ kind: 'key' })
    expect(store.reads).toBe(3)
  })

  it('are one object while they are the same, so that they are imported once', async () => {
    const { clock, process } = setUp()
    const keys = process()
    const before = [await keys.current(clock.now()), await keys.published.current(clock.now())]
    clock.advance(31)
    const after = [await keys.current(clock.now()), await keys.published.current(clock.now())]
    expect(after[0]).toBe(before[0])
    expect(after[1]).toBe(before[1])
  })

  it('rotate by themselves, with a standby that everybody knows by then', async () => {
    const { clock, process } = setUp()
    const keys = process()
    const first = await kidOf(keys, clock)
    const [, standby] = await shownBy(keys)
    clock.advance(90 * DAY - 1)
    expect(await kidOf(keys, clock)).toBe(first)
    clock.advance(1)
    expect(await kidOf(keys, clock)).toBe(standby)
    await keys.tick()
    expect(await shownBy(keys)).toEqual([first, standby, expect.any(String)])
    clock.advance(DAY + 179)
    expect(await shownBy(keys)).toContain(first)
    clock.advance(1)
    expect(await shownBy(keys)).not.toContain(first)
  })

  it('do not go back to an older key when the clock does', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    await kidOf(keys, clock)
    const [, standby] = await shownBy(keys)
    clock.advance(90 * DAY - 10)
    await kidOf(keys, clock)
    store.refusesWrites = true // so that nothing but this process knows
    clock.advance(10)
    expect(await kidOf(keys, clock)).toBe(standby)
    clock.advance(-60)
    expect(await kidOf(keys, clock)).toBe(standby)
    store.refusesWrites = false
    clock.advance(60)
    await keys.tick()
    clock.advance(-DAY)
    expect(await kidOf(process(), clock)).toBe(standby)
  })

  it('sign tokens that their own published keys verify', async () => {
    const { clock, process } = setUp()
    const [signer, verifier] = [process(), process()]
    const token = await tokenOf(signer, clock)
    expect(await verifies(verifier, token, clock)).toBe(true)
  })

  it('stay apart under different names', async () => {
    const { clock, process } = setUp()
    const [one, other] = [process({ name: 'one' }), process({ name: 'other' })]
    expect(await kidOf(one, clock)).not.toBe(await kidOf(other, clock))
  })
})

describe('tick', () => {
  it('says whether what is due was done', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    store.fails = true
    expect(await keys.tick()).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
    store.fails = false
    expect(await keys.tick()).toEqual({ kind: 'done' })
    clock.advance(90 * DAY)
    expect(await keys.tick()).toEqual({ kind: 'done' })
    expect(await keys.tick()).toEqual({ kind: 'done' })
    expect(store.writes).toBe(2)
  })

  it('does not write with a clock that does not say the time', async () => {
    const { process, store } = setUp()
    const keys = process({ clock: { now: () => Number.NaN } })
    expect(await keys.tick()).toMatchObject({ kind: 'unavailable' })
    expect(await keys.jwks()).toMatchObject({ kind: 'unavailable' })
    await expect(keys.compromise('a')).rejects.toThrow(UnavailableError)
    expect(await keys.current(Number.NaN)).toMatchObject({ kind: 'unavailable' })
    expect(store.writes).toBe(0)
  })
})

describe('an outage of the store', () => {
  it('is survived with the keys that are known, for the stated time', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const kid = await kidOf(keys, clock)
    store.fails = true
    clock.advance(30)
    expect(await kidOf(keys, clock)).toBe(kid)
    clock.advance(3_599)
    expect(await kidOf(keys, clock)).toBe(kid)
    expect(await shownBy(keys)).toHaveLength(2)
    clock.advance(1)
    expect(await keys.current(clock.now())).toMatchObject({ kind: 'unavailable' })
    expect(await keys.jwks()).toMatchObject({ kind: 'unavailable' })
    store.fails = false
    clock.advance(5)
    expect(await kidOf(keys, clock)).toBe(kid)
  })

  it('is told to whoever listens', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const events: KeyEvent[] = []
    const report = (event: KeyEvent) => events.push(event)
    await kidOf(keys, clock)
    store.fails = true
    clock.advance(30)
    await keys.published.current(clock.now(), report)
    clock.advance(3_600)
    await keys.published.current(clock.now(), report)
    expect(events).toMatchObject([
      { kind: 'keys_stale', source: 'signing-keys:default', ageSeconds: 30 },
      { kind: 'keys_unavailable', source: 'signing-keys:default', retryAfterSeconds: 5 },
    ])
  })

  it('does not stop anybody at the moment of a rotation', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    await kidOf(keys, clock)
    const [, standby] = await shownBy(keys)
    clock.advance(90 * DAY - 10)
    await kidOf(keys, clock)
    store.fails = true
    clock.advance(10)
    expect(await kidOf(keys, clock)).toBe(standby)
  })

  it('is no reason to ask on every request', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    store.fails = true
    for (let i = 0; i < 9; i++) await keys.current(clock.now())
    expect(store.reads).toBe(1)
    clock.advance(5)
    for (let i = 0; i < 9; i++) await keys.current(clock.now())
    expect(store.reads).toBe(2)
  })
})

describe('compromise', () => {
  it('has the standby sign at once, and shows the key no longer', async () => {
    const { clock, process } = setUp()
    const keys = process()
    const kid = await kidOf(keys, clock)
    const [, standby] = await shownBy(keys)
    const token = await tokenOf(keys, clock)
    expect(await verifies(keys, token, clock)).toBe(true)
    expect(await keys.compromise(kid ?? '')).toEqual({ kind: 'compromised' })
    expect(await kidOf(keys, clock)).toBe(standby)
    expect(await shownBy(keys)).not.toContain(kid)
    expect(await verifies(keys, token, clock)).toBe(false)
    expect(await keys.list()).toMatchObject({
      keys: [
        { state: 'active', kid: standby },
        { state: 'pending' },
        { state: 'compromised', kid },
      ],
    })
  })

  it('tells the feed in the same write', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const kid = (await kidOf(keys, clock)) ?? ''
    await keys.compromise(kid)
    const page = await store.feed({ after: null, limit: 10 })
    expect(page.entries).toEqual([
      {
        text: JSON.stringify({ kind: 'key', id: kid }),
        until: clock.now() + DAY + 180,
        version: 2,
      },
    ])
  })

  it('reaches other processes within a refresh, also such as rest', async () => {
    const { clock, process } = setUp()
    const [one, other] = [process(), process()]
    const kid = await kidOf(one, clock)
    expect(await kidOf(other, clock)).toBe(kid)
    const token = await tokenOf(other, clock)
    await one.compromise(kid ?? '')
    clock.advance(30)
    expect(await kidOf(other, clock)).not.toBe(kid)
    expect(await verifies(other, token, clock)).toBe(false)
  })

  it('is never said to be done when it is not', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const kid = (await kidOf(keys, clock)) ?? ''
    store.fails = true
    await expect(keys.compromise(kid)).rejects.toThrow(UnavailableError)
    store.fails = false
    store.refusesWrites = true
    await expect(keys.compromise(kid)).rejects.toThrow(UnavailableError)
    store.refusesWrites = false
    expect(await keys.compromise(kid)).toEqual({ kind: 'compromised' })
    expect(await keys.compromise(kid)).toEqual({ kind: 'compromised' })
    expect(store.writes).toBe(2)
  })

  it('tells a key that is not there from one that is', async () => {
    const { clock, process } = setUp()
    const keys = process()
    expect(await keys.compromise('another')).toEqual({ kind: 'unknown' })
    await kidOf(keys, clock)
    expect(await keys.compromise('another')).toEqual({ kind: 'unknown' })
  })

  it('of every key in turn leaves one that signs', async () => {
    const { clock, process } = setUp()
    const keys = process()
    const seen = new Set<string>()
    for (let i = 0; i < 5; i++) {
      const kid = (await kidOf(keys, clock)) ?? ''
      expect(seen.has(kid)).toBe(false)
      seen.add(kid)
      expect(await keys.compromise(kid)).toEqual({ kind: 'compromised' })
    }
    expect(await kidOf(keys, clock)).toEqual(expect.any(String))
  })

  it('is not undone by an errand that was on its way', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const kid = await kidOf(keys, clock)
    clock.advance(30)
    const release = store.holdNextRead()
    const waiting = kidOf(keys, clock)
    await keys.compromise(kid ?? '')
    release()
    await waiting
    expect(await kidOf(keys, clock)).not.toBe(kid)
  })
})

describe('the published keys', () => {
  it('are public, named by their thumbprints, and for one algorithm', async () => {
    const { process } = setUp()
    const answer = await process().jwks()
    const { keys } = JSON.parse(answer.kind === 'document' ? answer.document.body : '{}')
    expect(keys).toHaveLength(2)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
      expect(key).toMatchObject({ alg: 'ES256', use: 'sig', kty: 'EC', crv: 'P-256' })
    }
  })

  it('have a strong tag that changes with them', async () => {
    const { clock, process } = setUp()
    const keys = process()
    const tags = [await documentOf(keys), await documentOf(keys)].map(({ etag }) => etag)
    expect(tags[0]).toMatch(/^"[\w-]{43}"$/)
    expect(tags[1]).toBe(tags[0])
    await keys.compromise((await kidOf(keys, clock)) ?? '')
    expect((await documentOf(keys)).etag).not.toBe(tags[0])
  })

  it('are asked for again when a key is not among them, but not for every forged name', async () => {
    const { clock, process, store } = setUp()
    const [one, other] = [process(), process()]
    await Promise.all([kidOf(one, clock), kidOf(other, clock)])
    // An emergency that uses up both keys: the other process has heard of neither successor.
    for (const kid of await shownBy(one)) await one.compromise(kid)
    clock.advance(5)
    const token = await tokenOf(one, clock)
    expect(await verifies(other, token, clock)).toBe(true)
    const reads = store.reads
    for (let i = 0; i < 9; i++) {
      const seen = await other.published.current(clock.now())
      if (seen.kind === 'set') await other.published.refreshed(clock.now(), seen.set)
    }
    expect(store.reads).toBe(reads)
  })
})

describe('private keys at rest', () => {
  it('are not in the store in clear', async () => {
    const { clock, process, store } = setUp()
    const keys = process()
    const lookup = await keys.current(clock.now())
    const secret = lookup.kind === 'key' && 'd' in lookup.key ? String(lookup.key.d) : 'none'
    expect(secret).toHaveLength(43)
    expect(await recordOf(store)).not.toContain(secret)
    const clear = setUp({ dangerouslyStoreKeysInClear: true })
    await kidOf(clear.process(), clear.clock)
    expect(await recordOf(clear.store)).toContain('\\"d\\":')
  })

  it('are sealed anew when another key-encryption key comes first', async () => {
    const { clock, process, store } = setUp()
    const kid = await kidOf(process(), clock)
    const both = process({ keyEncryptionKey: [aKek(2), aKek(1)] })
    expect(await kidOf(both, clock)).toBe(kid)
    expect(await kidOf(process({ keyEncryptionKey: aKek(2) }), clock)).toBe(kid)
    expect(await process({ keyEncryptionKey: aKek(1) }).current(clock.now())).toMatchObject({
      kind: 'unavailable',
    })
    expect(store.writes).toBe(2)
  })

  it('are sealed when they were in clear', async () => {
    const { clock, process, store } = setUp({ dangerouslyStoreKeysInClear: true })
    const kid = await kidOf(process(), clock)
    const sealed = process({
      keyEncryptionKey: new Redacted(aKek(1)),
      dangerouslyStoreKeysInClear: undefined,
    })
    expect(await kidOf(sealed, clock)).toBe(kid)
    expect(await recordOf(store)).not.toContain('\\"d\\":')
  })

  it('that do not open are an outage, and never a reason for new keys', async () => {
    const { clock, process, store } = setUp()
    await kidOf(process(), clock)
    clock.advance(91 * DAY)
    const wrong = process({ keyEncryptionKey: aKek(9) })
    const before = await recordOf(store)
    const answers = [
      await wrong.current(clock.now()),
      await wrong.tick(),
      await wrong
        .compromise((await kidOf(process(), clock)) ?? '')
        .catch((error: unknown) => error),
    ]
    for (const answer of answers) {
      expect(answer).toMatchObject({
        cause: { name: 'ConfigurationError', code: 'key_invalid' },
      })
    }
    expect(await recordOf(store)).not.toBe(before) // by the one that has the right key
    expect(store.writes).toBe(2)
  })

  it('do not open in another place', async () => {
    const { clock, process, store } = setUp()
    await kidOf(process(), clock)
    const record = JSON.parse(await recordOf(store))
    const [one, other] = [record.active.privateKey, record.next.privateKey]
    record.active.privateKey = other
    record.next.privateKey = one
    await store.incr(KEY, JSON.stringify(record), { now: clock.now(), expiresAt: null })
    expect(await process().current(clock.now())).toMatchObject({ kind: 'unavailable' })
    record.active.privateKey = one
    record.next.privateKey = other
    const elsewhere = { ...KEY, id: 'elsewhere' }
    await store.incr(elsewhere, JSON.stringify(record), { now: clock.now(), expiresAt: null })
    const copied = process({ name: 'elsewhere' })
    expect(await copied.current(clock.now())).toMatchObject({ kind: 'unavailable' })
  })
})

describe('a record that is none', () => {
  it.each([
    ['nothing', ''],
    ['no ring', '{}'],
    ['a list', '[]'],
  ])('is an outage, not an empty ring: %s', async (_what, value) => {
    const { clock, process, store } = setUp()
    await store.insert(KEY, value, { now: clock.now(), expiresAt: null })
    expect(await process().current(clock.now())).toMatchObject({ kind: 'unavailable' })
    expect(await recordOf(store)).toBe(value)
  })

  it('is one whose key shows its private half, or has the name of another', async () => {
    const { clock, process, store } = setUp()
    await kidOf(process(), clock)
    const good = await recordOf(store)
    const spoilt = [
      { d: 'AAAA' },
      { kid: 'another' },
      { alg: 'none' },
      { alg: 'HS256' },
      { x: 'A' },
    ]
    for (const members of spoilt) {
      const record = JSON.parse(good)
      Object.assign(record.next.publicKey, members)
      await store.incr(KEY, JSON.stringify(record), { now: clock.now(), expiresAt: null })
      expect(await process().jwks()).toMatchObject({ kind: 'unavailable' })
    }
  })
})

describe('createSigningKeys does not start', () => {
  const store = memoryStore()
  it.each<[string, object]>([
    ['without a key-encryption key, unless that is spelt out', { keyEncryptionKey: undefined }],
    ['with both', { dangerouslyStoreKeysInClear: true }],
    ['with 31 bytes', { keyEncryptionKey: new Uint8Array(31).map((_, i) => i) }],
    ['with bytes that nobody has filled', { keyEncryptionKey: new Uint8Array(32) }],
    ['with a text for a key', { keyEncryptionKey: 'k'.repeat(32) }],
    ['with no key in the list', { keyEncryptionKey: [] }],
    ['with HMAC', { algorithm: 'HS256' }],
    ['with a lead that caches outlast', { lead: '5m' }],
    ['with a lead shorter than an outage may be', { lead: 300 + 30 + 3_600 + 180 - 1 }],
    ['with a rotation shorter than the lead', { rotation: '23h' }],
    ['with a rotation shorter than tokens live', { longestTokenLifetime: '90d' }],
    ['with published keys that nobody may keep', { jwksMaxAge: 59 }],
    ['with a name that no store can hold', { name: '' }],
    ['with a misspelt option', { rotate: '90d' }],
    ['without a store', { store: undefined }],
  ])('%s', (_why, options) => {
    const given = { store, algorithm: 'ES256', keyEncryptionKey: aKek(1), ...options }
    expect(() => createSigningKeys(given as SigningKeysOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  it('with an algorithm outside the table', () => {
    const given = { store, algorithm: 'none', keyEncryptionKey: aKek(1) }
    expect(() => createSigningKeys(given as unknown as SigningKeysOptions)).toThrow(
      expect.objectContaining({ code: 'algorithm_unknown' }),
    )
  })

  it('but at the bounds it does', () => {
    const given = { store, algorithm: 'ES256', keyEncryptionKey: aKek(1) } as const
    expect(() => createSigningKeys({ ...given, lead: 300 + 30 + 3_600 + 180 })).not.toThrow()
    expect(() => createSigningKeys({ ...given, rotation: DAY + 180 })).not.toThrow()
    expect(() => createSigningKeys({ ...given, rotation: DAY + 179 })).toThrow()
  })
})

const KEY = { kind: 'signing_key', id: 'default' } as const

interface TroubledStore extends Store {
  fails: boolean
  refusesWrites: boolean
  readonly reads: number
  readonly writes: number
  /** Keeps the answer to the next read back until the function is called. */
  holdNextRead(): () => void
}

function setUp(options: Partial<SigningKeysOptions> = {}): {
  readonly store: TroubledStore
  readonly clock: TestClock
  process(more?: { readonly [Name in keyof SigningKeysOptions]?: unknown }): SigningKeys
} {
  const clock = createTestClock()
  const store = troubledStore()
  const sealed = options.dangerouslyStoreKeysInClear ? {} : { keyEncryptionKey: aKek(1) }
  return {
    store,
    clock,
    process: (more = {}) => {
      const given = { store, clock, algorithm: 'ES256', ...sealed, ...options, ...more }
      return createSigningKeys(given as SigningKeysOptions)
    },
  }
}

function troubledStore(): TroubledStore {
  const store = memoryStore()
  let [reads, writes] = [0, 0]
  let held: Promise<void> | null = null
  const trouble = (): void => {
    if (troubled.fails) throw new Error('the store is down')
  }
  const write = <Answer>(work: () => Answer, happened: (answer: Awaited<Answer>) => boolean) => {
    trouble()
    if (troubled.refusesWrites) throw new Error('read only')
    const answer = work() as Awaited<Answer> // the reference answers at once
    if (happened(answer)) writes++
    return answer
  }
  const troubled: TroubledStore = {
    ...store,
    fails: false,
    refusesWrites: false,
    get reads() {
      return reads
    },
    get writes() {
      return writes
    },
    get(keys) {
      reads++
      trouble()
      const answer = store.get(keys)
      const wait = held
      held = null
      return wait === null ? answer : wait.then(() => answer)
    },
    insert: (...given) => write(() => store.insert(...given), Boolean),
    cas: (...given) =>
      write(
        () => store.cas(...given),
        ({ kind }) => kind === 'swapped',
      ),
    holdNextRead() {
      let release = (): void => undefined
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => release()
    },
  }
  return troubled
}

function aKek(seed: number): Uint8Array {
  return new Uint8Array(32).map((_, index) => (index * 7 + seed * 31) % 256)
}

async function kidOf(keys: SigningKeys, clock: TestClock): Promise<string | undefined> {
  const lookup = await keys.current(clock.now())
  return lookup.kind === 'key' ? lookup.key.kid : undefined
}

async function documentOf(keys: SigningKeys) {
  const answer = await keys.jwks()
  if (answer.kind === 'unavailable') throw answer.cause
  return answer.document
}

async function shownBy(keys: SigningKeys): Promise<readonly string[]> {
  const { body } = await documentOf(keys)
  return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
}

async function tokenOf(keys: SigningKeys, clock: TestClock): Promise<string> {
  const lookup = await keys.current(clock.now())
  if (lookup.kind === 'unavailable') throw lookup.cause
  const claims = {
    iss: 'https://a.example',
    aud: 'https://b.example',
    iat: clock.now(),
    exp: clock.now() + 600,
    sub: 'a',
    client_id: 'b',
    jti: 'c',
  }
  return signJwt(claims, { key: lookup.key, type: 'at+jwt' })
}

async function verifies(keys: SigningKeys, token: string, clock: TestClock): Promise<boolean> {
  const verifier = createJwtVerifier({
    issuer: 'https://a.example',
    audience: 'https://b.example',
    algorithms: ['ES256'],
    keys: keys.published,
  })
  return (await verifier.verify(token, clock.now())).kind === 'verified'
}

async function recordOf(store: Store): Promise<string> {
  const [record] = await store.get([KEY])
  return record?.value ?? ''
}
