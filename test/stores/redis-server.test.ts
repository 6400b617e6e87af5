import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { perform, type StoreCall } from '../../src/lifecycle/store/steps.js'
import type { Store } from '../../src/lifecycle/store/store.js'
import { type RedisCommand, redisStore } from '../../src/stores/redis.js'
import {
  aPrefix,
  deleteKeys,
  everyStoredText,
  findRedis,
  REDIS_CLIENTS,
  type RedisConnection,
  type RedisServer,
  skipped,
  startRedis,
} from '../support/redis.js'
import { answersOf, commands, ids } from './commands.js'
import { nonces, race } from './race.js'

const address = await findRedis()

const NOW = 1_800_000_000
const KEY = { kind: 'family', id: 'one' } as const
const EPOCH = { kind: 'epoch', id: 'subject:one' } as const
const LASTING = { now: NOW, expiresAt: NOW + 600 }

describe.runIf(address !== null)('what redisStore keeps in Redis', () => {
  const prefix = aPrefix()
  let connection: RedisConnection
  let command: RedisCommand
  let store: Store

  beforeAll(async () => {
    if (address === null) return
    connection = await REDIS_CLIENTS.ioredis(address)
    command = connection.command
    store = redisStore(command, { prefix })
  })
  afterEach(() => deleteKeys(command, prefix))
  afterAll(() => connection.close())

  const ask = (...args: readonly string[]): PromiseLike<unknown> => command(args, '')
  const secondsLeft = (name: string): PromiseLike<unknown> => ask('TTL', `{${prefix}}${name}`)

  test.each([
    ['a clock of today', Math.floor(Date.now() / 1000)],
    ['a clock of 1970', 1_000],
    ['a clock of the far future', 99_999_999_999],
  ])('stays as long as its caller says, and a minute, by %s', async (_, now) => {
    await store.insert(KEY, 'value', { now, expiresAt: now + 600 })
    expect(await secondsLeft('family:one')).toBeOneOf([660, 659])
    await store.cas(KEY, 1, 'value', { now, expiresAt: now + 60 })
    expect(await secondsLeft('family:one')).toBeOneOf([120, 119])
    await store.incr(EPOCH, 'value', { now, expiresAt: now })
    expect(await secondsLeft('epoch:subject:one')).toBeOneOf([60, 59])
  })

  test('a record that runs out long ago by its own clock stays a minute, one without an end for ever', async () => {
    await store.insert(KEY, 'value', { now: NOW, expiresAt: NOW - 5_000 })
    expect(await secondsLeft('family:one')).toBeOneOf([60, 59])
    await store.cas(KEY, 1, 'value', { now: NOW, expiresAt: null })
    expect(await secondsLeft('family:one')).toBe(-1)
    await store.cas(KEY, 2, 'value', { now: NOW, expiresAt: Number.MAX_SAFE_INTEGER })
    expect(await secondsLeft('family:one')).toBeGreaterThan(31_000_000_000)
    await store.cas(KEY, 3, 'value', LASTING)
    expect(await secondsLeft('family:one')).toBeLessThan(661)
  })

  test('the feed and an index stay as long as the longest of what is in them', async () => {
    const lasting = (seconds: number, id: string) =>
      store.insert({ kind: 'family', id }, 'value', {
        now: NOW,
        expiresAt: NOW + seconds,
        notice: { text: 'text', until: NOW + seconds },
        indexes: ['subject'],
      })
    await lasting(600, 'first')
    await lasting(1_200, 'second')
    await lasting(10, 'third')
    expect(await secondsLeft('feed')).toBeOneOf([1_260, 1_259])
    expect(await secondsLeft('index-family:subject')).toBeOneOf([1_260, 1_259])
    await store.insert(KEY, 'value', { now: NOW, expiresAt: null, indexes: ['subject'] })
    await lasting(10, 'fourth')
    expect(await secondsLeft('index-family:subject')).toBe(-1)
  })

  test('an index forgets ids that have run out by the clock of Redis when another one comes', async () => {
    await ask('ZADD', `{${prefix}}index-family:subject`, '5', 'old')
    await store.insert(KEY, 'value', { ...LASTING, indexes: ['subject'] })
    expect(await store.list('family', 'subject', { after: null, limit: 10 })).toEqual({
      ids: ['one'],
      next: null,
    })
  })

  test('an insert that changes nothing leaves no notice and no entry of an index', async () => {
    await store.insert(KEY, 'first', LASTING)
    const more = { indexes: ['subject'], notice: { text: 'text', until: NOW + 9 } }
    expect(await store.insert(KEY, 'second', { ...LASTING, ...more })).toBe(false)
    expect(await store.list('family', 'subject', { after: null, limit: 10 })).toEqual({
      ids: [],
      next: null,
    })
    expect((await store.feed({ after: null, limit: 10 })).entries).toEqual([])
  })

  test('a swap that loses leaves no notice', async () => {
    await store.insert(KEY, 'first', LASTING)
    await store.cas(KEY, 2, 'second', { ...LASTING, notice: { text: 'text', until: NOW + 9 } })
    expect((await store.feed({ after: null, limit: 10 })).entries).toEqual([])
  })

  test('a page of an index goes on where the last one ended, whatever is inserted or forgotten in between', async () => {
    const insert = (id: string, seconds: number | null) =>
      store.insert({ kind: 'family', id }, 'value', {
        now: NOW,
        expiresAt: seconds === null ? null : NOW + seconds,
        indexes: ['subject'],
      })
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const id of ids) await insert(id, id < 'd' ? 600 : null)
    const first = await store.list('family', 'subject', { after: null, limit: 2 })
    expect(first.next).not.toBeNull()
    await insert('0', 300)
    await ask('ZREM', `{${prefix}}index-family:subject`, ...first.ids)
    const rest = await store.list('family', 'subject', { after: first.next, limit: 10 })
    expect(new Set([...first.ids, ...rest.ids].filter((id) => id !== '0'))).toEqual(new Set(ids))
  })

  test('a write that the client sends twice happens once', async () => {
    const twice = redisStore(
      async (args, key) => {
        await command(args, key)
        return command(args, key)
      },
      { prefix },
    )
    const options = { ...LASTING, notice: { text: 'text', until: NOW + 9 }, indexes: ['subject'] }
    expect(await twice.insert(KEY, 'one', options)).toBe(true)
    expect(await twice.cas(KEY, 1, 'two', options)).toEqual({ kind: 'swapped', version: 2 })
    expect(await twice.incr(KEY, 'three', options)).toBe(3)
    const { entries } = await store.feed({ after: null, limit: 10 })
    expect(entries.map(({ version }) => version)).toEqual([1, 2, 3])
    // The same by another caller is another write.
    expect(await twice.insert(KEY, 'three', options)).toBe(false)
    expect(await twice.cas(KEY, 2, 'three', options)).toMatchObject({ kind: 'conflict' })
  })

  test('a reader starts over when the feed behind its cursor is gone', async () => {
    const note = (text: string) =>
      store.incr(EPOCH, 'value', { ...LASTING, notice: { text, until: NOW + 300 } })
    await note('one')
    const { cursor } = await store.feed({ after: null, limit: 10 })
    await ask('DEL', `{${prefix}}feed`)
    // As after a failover: what is written now comes before the cursor.
    await ask('XADD', `{${prefix}}feed`, '1-1', 'n', `7 ${NOW + 300} 99999999999 two`)
    const page = await store.feed({ after: cursor, limit: 10 })
    expect(page.entries).toEqual([{ text: 'two', until: NOW + 300, version: 7 }])
    expect((await store.feed({ after: page.cursor, limit: 10 })).entries).toEqual([])
    await note('three')
    expect((await store.feed({ after: page.cursor, limit: 10 })).entries).toMatchObject([
      { text: 'three' },
    ])
  })

  test('a notice makes room by forgetting those that have run out by the clock of Redis, and no others', async () => {
    const feed = `{${prefix}}feed`
    for (let count = 1; count <= 5; count++) {
      await ask('XADD', feed, `${count}-0`, 'n', `1 99999999999 ${count} old`)
    }
    await ask('XADD', feed, '6-0', 'n', '1 5 99999999999 standing')
    await ask('XADD', feed, '7-0', 'n', '1 99999999999 7 behind one that stands')
    for (const text of ['new', 'newer']) {
      await store.incr(EPOCH, 'value', { ...LASTING, notice: { text, until: NOW + 300 } })
    }
    const { entries } = await store.feed({ after: null, limit: 10 })
    expect(entries.map(({ text }) => text)).toEqual([
      'standing',
      'behind one that stands',
      'new',
      'newer',
    ])
  })

  test('sweeping forgets entries of the feed that have run out by now, however many, and says how many', async () => {
    for (let count = 1; count <= 1_200; count++) {
      const until = NOW + (count % 3)
      await store.incr(EPOCH, 'value', { ...LASTING, notice: { text: 'text', until } })
    }
    expect(await store.sweep(NOW)).toBe(400)
    expect(await store.sweep(NOW + 1)).toBe(400)
    expect((await store.feed({ after: null, limit: 1_000 })).entries).toHaveLength(400)
  })

  test('a page of the feed is no longer than asked for, over all slots', async () => {
    const spread = redisStore(command, { prefix, slots: 8 })
    const sent = Array.from({ length: 40 }, (_, count) => String(count))
    for (const id of sent) {
      const notice = { text: id, until: NOW + 300 }
      await spread.insert({ kind: 'family', id }, 'value', { ...LASTING, notice })
    }
    const seen: string[] = []
    let [cursor, more]: [string | null, boolean] = [null, true]
    while (more) {
      const page = await spread.feed({ after: cursor, limit: 7 })
      expect(page.entries.length).toBeLessThanOrEqual(7)
      seen.push(...page.entries.map(({ text }) => text))
      cursor = page.cursor
      more = page.more
    }
    expect(seen.sort()).toEqual(sent.sort())
  })

  test('a notice is announced to who has subscribed, a write without one is not', async () => {
    if (address === null) return
    const { Redis } = await import('ioredis')
    const subscriber = new Redis({ ...address })
    let heard = 0
    subscriber.on('message', () => {
      heard += 1
    })
    await subscriber.subscribe(`${prefix}:notices`)
    await store.insert(KEY, 'value', LASTING)
    await store.incr(EPOCH, 'value', { ...LASTING, notice: { text: 'text', until: NOW + 9 } })
    while (heard === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await subscriber.ping()
    subscriber.disconnect()
    expect(heard).toBe(1)
  })

  test('a key that holds something else makes a write fail, and nothing of it happens', async () => {
    await ask('SET', `{${prefix}}feed`, 'text')
    const options = { ...LASTING, notice: { text: 'text', until: NOW + 9 } }
    await expect(store.insert(KEY, 'value', options)).rejects.toThrow('WRONGTYPE')
    expect(await store.get([KEY])).toEqual([null])
    await ask('SET', `{${prefix}}epoch:subject:one`, 'text')
    await expect(store.get([EPOCH])).rejects.toThrow('none that its command')
    await expect(store.insert(EPOCH, 'value', LASTING)).rejects.toThrow('no record of sallyport')
    await expect(store.incr(EPOCH, 'value', LASTING)).rejects.toThrow('no record of sallyport')
  })

  test('answers as the store in memory does, whatever it is asked', async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(commands, fc.constantFrom(1, 5), async (calls, slots) => {
        const asked = redisStore(command, { prefix: `${prefix}-${++runs}`, slots })
        // Redis forgets records by itself, and not when it is told.
        const { given, expected } = await answersOf(
          asked,
          calls.filter(({ verb }) => verb !== 'sweep'),
        )
        expect(given.slice(0, -1)).toEqual(expected.slice(0, -1))
        // What several slots are told in one millisecond comes in any order.
        const ordered = slots === 1 ? (entries: unknown) => entries : sorted
        expect(ordered(given.at(-1))).toEqual(ordered(expected.at(-1)))
      }),
    )
  })

  test('finds what any text names, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const named = { kind: 'family' as const, id }
        await store.incr(named, id, LASTING)
        expect(await store.get([named])).toMatchObject([{ value: id }])
        expect(await store.get([{ kind: 'family', id: `${id}.` }])).toEqual([null])
      }),
    )
  })

  test('several processes: each prize has one winner, and no number is given twice', async () => {
    if (address === null) return
    const mark = crypto.randomUUID()
    const results = await race({ kind: 'redis', client: 'ioredis', at: address, prefix }, mark, 3)
    const prizes = [...nonces(mark)].sort()
    expect(results.flatMap(({ inserted }) => inserted).sort()).toEqual(prizes)
    expect(results.flatMap(({ swapped }) => swapped).sort()).toEqual(prizes)
    expect(results.flatMap(({ counted }) => counted).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 3 * prizes.length }, (_, index) => index + 1),
    )
    const { entries } = await store.feed({ after: null, limit: 1_000 })
    expect(entries).toHaveLength(prizes.length)
  })

  test('every stored text can be looked through', async () => {
    await store.insert(KEY, 'the value', {
      ...LASTING,
      indexes: ['the index'],
      notice: { text: 'the notice', until: NOW + 9 },
    })
    const texts = (await everyStoredText(command, prefix)).join('\n')
    for (const text of ['family:one', 'the value', 'the index', 'the notice']) {
      expect(texts).toContain(text)
    }
  })
})

function sorted(entries: unknown): readonly string[] {
  return [entries]
    .flat()
    .map((entry) => JSON.stringify(entry))
    .sort()
}

const server = await startRedis()
if (server === null) skipped('no redis-server in PATH: failing servers were not tested with Redis.')
afterAll(() => server?.stop())

describe.runIf(server !== null).each(Object.entries(REDIS_CLIENTS))(
  'redisStore by %s, when Redis fails',
  (_, open) => {
    let connection: RedisConnection
    let store: Store
    const failing = server as RedisServer // else nothing of this runs

    const tell = (...args: readonly string[]): PromiseLike<unknown> => connection.command(args, '')

    beforeAll(async () => {
      connection = await open(failing)
      store = redisStore(connection.command)
    })
    afterAll(async () => {
      await connection.close()
    })

    const writesReject = async (): Promise<void> => {
      for (const call of CALLS.filter(({ verb }) => verb !== 'get' && verb !== 'list')) {
        expect(await perform(store, asking(call), 5_000)).toMatchObject({ kind: 'unavailable' })
      }
    }

    test('a server without memory for writes: they reject, nothing of them happens, and reads go on', async () => {
      await tell('FLUSHALL') // of a server of our own
      await store.insert(KEY, 'value', LASTING)
      await tell('CONFIG', 'SET', 'maxmemory', '1')
      await writesReject()
      expect(await store.get([KEY])).toEqual([{ version: 1, value: 'value' }])
      expect((await store.feed({ after: null, limit: 9 })).entries).toEqual([])
      await tell('CONFIG', 'SET', 'maxmemory', '0')
      expect(await store.insert(KEY, 'other', LASTING)).toBe(false)
    })

    test('a server that was restarted knows no script: it is told them again', async () => {
      await tell('SCRIPT', 'FLUSH')
      const key = { kind: 'code', id: 'after the restart' } as const
      const writes = Array.from({ length: 20 }, () => store.insert(key, 'value', LASTING))
      expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(1)
    })

    test('what a write is rejected with holds nothing of what was written', async () => {
      await tell('SET', '{sallyport}code:taken', 'secret-already')
      await tell('RPUSH', '{sallyport}code:list', 'secret-already')
      for (const id of ['taken', 'list']) {
        const key = { kind: 'code', id } as const
        const failure = await Promise.resolve(store.insert(key, 'secret-value', LASTING)).catch(
          (cause: unknown) => cause,
        )
        expect(failure).toBeInstanceOf(Error)
        expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('secret')
      }
    })

    test('a replica: writes reject', async () => {
      await tell('REPLICAOF', '127.0.0.1', '1')
      await writesReject()
      await tell('REPLICAOF', 'NO', 'ONE')
      expect(await store.incr(EPOCH, 'value', LASTING)).toBe(1)
    })

    test('a user who may not publish can write: the announcement is a hint', async () => {
      await tell('ACL', 'SETUSER', 'default', 'resetchannels')
      const options = { ...LASTING, notice: { text: 'text', until: NOW + 9 } }
      expect(await store.insert({ kind: 'code', id: 'unheard' }, 'value', options)).toBe(true)
      await tell('ACL', 'SETUSER', 'default', 'allchannels')
    })

    test('the permissions that the guide names are enough', async () => {
      const guide = readFileSync(new URL('../../docs/guides/stores.md', import.meta.url), 'utf8')
      const rules = /^\*\*Permissions\.\*\* `([^`]+)`/m.exec(guide)?.[1]?.split(/\s+/) ?? []
      expect(rules.length).toBeGreaterThan(10)
      await tell('ACL', 'SETUSER', 'limited', 'on', 'nopass', 'resetchannels', ...rules)
      await tell('AUTH', 'limited', 'any')
      const options = { ...LASTING, indexes: ['s'], notice: { text: 'text', until: NOW + 9 } }
      for (const id of ['one', 'two']) await store.insert({ kind: 'code', id }, 'value', options)
      await store.cas({ kind: 'code', id: 'one' }, 1, 'value', { ...options, expiresAt: null })
      expect((await store.list('code', 's', { after: null, limit: 1 })).next).not.toBeNull()
      expect((await store.feed({ after: null, limit: 9 })).entries.length).toBeGreaterThan(2)
      expect(await store.sweep(NOW + 9)).toBeGreaterThan(2)
      await expect(tell('FLUSHALL')).rejects.toThrow('permissions')
      await tell('AUTH', 'default', 'any')
    })

    test('a server that stops answering: every verb is unavailable, and works again afterwards', async () => {
      failing.pause()
      const answers = await Promise.all(
        CALLS.map((call) => perform(store, asking(call), 500)),
      ).finally(() => failing.resume())
      for (const answer of answers) expect(answer).toMatchObject({ kind: 'unavailable' })
      await expect.poll(() => Promise.resolve(store.get([KEY])).catch(() => null)).not.toBeNull()
    })

    test('a connection that breaks while commands are under way: each is answered or rejected', async () => {
      const other = await open(failing)
      const writes = Array.from({ length: 200 }, (_, count) =>
        Promise.resolve(
          redisStore(other.command).insert({ kind: 'code', id: `${count} broken` }, 'v', LASTING),
        ).catch(() => null),
      )
      await tell('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      const answers = await Promise.all(writes)
      expect(answers.every((answer) => answer === true || answer === null)).toBe(true)
      await other.close()
    })

    test('a server that has gone: every verb rejects', async () => {
      const gone = await startRedis()
      if (gone === null) throw new Error('redis-server started before')
      const other = await open(gone)
      const lost = redisStore(other.command)
      await lost.insert(KEY, 'value', LASTING)
      await gone.stop()
      const answers = await Promise.all(CALLS.map((call) => perform(lost, asking(call), 5_000)))
      for (const answer of answers) expect(answer).toMatchObject({ kind: 'unavailable' })
      await other.close()
    })
  },
)

const CALLS: readonly StoreCall[] = [
  { verb: 'get', keys: [KEY] },
  { verb: 'insert', key: { kind: 'code', id: 'new' }, value: 'value', options: LASTING },
  { verb: 'cas', key: KEY, version: 1, value: 'value', options: LASTING },
  {
    verb: 'incr',
    key: EPOCH,
    value: 'value',
    options: { ...LASTING, notice: { text: 'text', until: NOW + 9 } },
  },
  { verb: 'list', kind: 'family', index: 'subject', options: { after: null, limit: 10 } },
]

function* asking(call: StoreCall): Generator<StoreCall, unknown, unknown> {
  return yield call
}
