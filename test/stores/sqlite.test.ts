import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { createSqliteTables, sqliteMigrations, sqliteStore } from '../../src/stores/sqlite.js'
import {
  type ClosableDatabase,
  everyTextInSqlite,
  sqliteClients,
  temporaryFolder,
} from '../support/sqlite.js'
import { answersOf, commands, ids } from './commands.js'
import { killed, nonces, race } from './race.js'

const NOW = 1_800_000_000
const lasting = { now: NOW, expiresAt: NOW + 600 }
const key = { kind: 'family', id: 'one' } as const
const folder = temporaryFolder()
let files = 0

afterAll(() => folder.remove())

describe.each(sqliteClients)('a store in SQLite, by $name', ({ name, open }) => {
  const aFile = () => {
    files += 1
    return `${folder.path}/${files}.db`
  }
  const aDatabase = (path = aFile()): ClosableDatabase => {
    const database = open(path)
    createSqliteTables(database)
    return database
  }
  const noted = { ...lasting, notice: { text: 'notice', until: NOW + 60 } }
  const writes: Readonly<Record<string, (store: Store) => unknown>> = {
    insert: (store) => store.insert({ kind: 'code', id: 'two' }, 'new', noted),
    cas: (store) => store.cas(key, 1, 'new', noted),
    incr: (store) => store.incr(key, 'new', noted),
  }
  const noticesOf = async (store: Store) =>
    (await store.feed({ after: null, limit: 1_000 })).entries.map(({ text }) => text)
  const feedOf = (store: Store) => store.feed({ after: null, limit: 100 })

  describe('sets up its connection', () => {
    test('so that it waits, loses nothing with the power, and lets readers read', () => {
      const database = aDatabase()
      sqliteStore(database, { busyTimeoutMilliseconds: 1_234 })
      const pragmas = ['busy_timeout', 'synchronous', 'journal_mode'].map((pragma) =>
        Object.values(database.prepare(`pragma ${pragma}`).all()[0] as object).at(0),
      )
      expect(pragmas).toEqual([1_234, 2, 'wal'])
    })

    test('also while another one writes', () => {
      const path = aFile()
      const writer = open(path)
      writer.exec('create table other (a integer)')
      writer.exec('begin immediate')
      const database = open(path)
      const store = sqliteStore(database, { busyTimeoutMilliseconds: 1 })
      writer.exec('commit')
      createSqliteTables(database)
      expect(store.insert(key, 'value', lasting)).toBe(true)
    })

    test('and does not start on one that is closed', () => {
      const database = aDatabase()
      database.close()
      expect(() => sqliteStore(database)).toThrow()
    })
  })

  describe('makes its tables', () => {
    test('again and again, and keeps what is in them', async () => {
      const database = aDatabase()
      const store = sqliteStore(database)
      await store.insert(key, 'value', lasting)
      createSqliteTables(database)
      expect(store.get([key])).toEqual([{ version: 1, value: 'value' }])
    })

    test('by SQL that can be run by hand, in the order of the versions', () => {
      const database = open(aFile())
      for (const { sql } of sqliteMigrations) database.exec(sql)
      expect(sqliteStore(database).insert(key, 'value', lasting)).toBe(true)
      expect(sqliteMigrations.map(({ version }) => version)).toEqual([1])
    })

    test('or none of them if one fails', () => {
      const database = open(aFile())
      database.exec('create view sallyport_feed as select 1')
      expect(() => createSqliteTables(database)).toThrow()
      expect(everyTextInSqlite(database)).toEqual([])
      expect(() => sqliteStore(database).get([key])).toThrow('no such table')
    })
  })

  describe('throws, and answers nothing,', () => {
    test('while its tables are missing, and answers once they are there', () => {
      const database = open(aFile())
      const store = sqliteStore(database)
      expect(() => store.get([key])).toThrow('no such table')
      expect(() => store.insert(key, 'value', lasting)).toThrow('no such table')
      expect(() => store.list('family', 'x', { after: null, limit: 1 })).toThrow('no such table')
      expect(() => feedOf(store)).toThrow('no such table')
      createSqliteTables(database)
      expect(store.insert(key, 'value', lasting)).toBe(true)
    })

    test('when its connection is closed', async () => {
      const database = aDatabase()
      const store = sqliteStore(database)
      await store.insert(key, 'value', lasting)
      database.close()
      expect(() => store.get([key])).toThrow()
      for (const write of Object.values(writes)) expect(() => write(store)).toThrow()
      expect(() => feedOf(store)).toThrow()
      await expect(store.sweep(NOW)).rejects.toThrow()
    })

    test.each(Object.entries(writes))(
      'when another one keeps the lock: %s',
      async (_name, write) => {
        const path = aFile()
        const other = aDatabase(path)
        const store = sqliteStore(open(path), { busyTimeoutMilliseconds: 1 })
        await store.insert(key, 'value', lasting)
        other.exec('begin immediate')
        expect(() => write(store)).toThrow('locked')
        expect(store.get([key])).toEqual([{ version: 1, value: 'value' }])
        other.exec('rollback')
        expect(() => write(store)).not.toThrow()
      },
    )

    test.each(Object.entries(writes))('inside a transaction of yours: %s', async (_name, write) => {
      const database = aDatabase()
      const store = sqliteStore(database)
      await store.insert(key, 'value', lasting)
      database.exec('create table yours (a text); begin')
      database.exec(`insert into yours values ('kept')`)
      expect(() => write(store)).toThrow('transaction')
      database.exec('commit')
      expect(everyTextInSqlite(database)).toContain('kept')
      expect(store.get([key])).toEqual([{ version: 1, value: 'value' }])
    })

    test('for a text that a client would cut off', () => {
      const store = sqliteStore(aDatabase())
      expect(() => store.insert(key, 'value\0more', lasting)).toThrow('U+0000')
      expect(() => store.get([{ kind: 'family', id: 'one\0more' }])).toThrow('U+0000')
      expect(store.get([key])).toEqual([null])
    })
  })

  describe('writes a record and its notice together', () => {
    test.each(Object.entries(writes))('or neither: %s', async (_name, write) => {
      const database = aDatabase()
      const store = sqliteStore(database)
      await store.insert(key, 'value', lasting)
      const before = everyTextInSqlite(database)
      database.exec(
        `create trigger full before insert on sallyport_feed begin select raise(abort, 'disk full'); end`,
      )
      expect(() => write(store)).toThrow('disk full')
      expect(everyTextInSqlite(database)).toEqual(before)
      database.exec('drop trigger full')
      write(store)
      expect(feedOf(store)).toMatchObject({ entries: [{ text: 'notice' }] })
    })

    test('or neither, for the names that list it', () => {
      const database = aDatabase()
      const store = sqliteStore(database)
      database.exec(
        `create trigger full before insert on sallyport_listings begin select raise(abort, 'disk full'); end`,
      )
      expect(() => store.insert(key, 'value', { ...noted, indexes: ['a'] })).toThrow('disk full')
      expect(everyTextInSqlite(database)).toEqual([])
    })
  })

  describe('its feed', () => {
    const announce = (store: Store, text: string, until = NOW + 60) =>
      store.incr({ kind: 'epoch', id: text }, 'value', { ...lasting, notice: { text, until } })

    test('starts over for a cursor from after a loss of data', async () => {
      const store = sqliteStore(aDatabase())
      await announce(store, 'one')
      const { cursor } = await feedOf(store)
      const restored = sqliteStore(aDatabase())
      expect(restored.feed({ after: cursor, limit: 10 })).toMatchObject({ entries: [] })
      await announce(store, 'two')
      await announce(restored, 'other')
      const ahead = (await feedOf(store)).cursor
      expect(restored.feed({ after: ahead, limit: 10 })).toMatchObject({
        entries: [{ text: 'other' }],
      })
      expect(restored.feed({ after: 'no cursor of ours', limit: 10 })).toMatchObject({
        entries: [{ text: 'other' }],
      })
    })

    test('numbers nothing as what was forgotten', async () => {
      const store = sqliteStore(aDatabase())
      await announce(store, 'one', NOW)
      const { cursor } = await feedOf(store)
      await store.sweep(NOW)
      await announce(store, 'two')
      expect(store.feed({ after: cursor, limit: 10 })).toMatchObject({ entries: [{ text: 'two' }] })
    })
  })

  test('a sweep forgets more than one batch, and other work goes on in between', async () => {
    const database = aDatabase()
    const store = sqliteStore(database)
    database.exec(`insert into sallyport_records
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 2201)
      select 'code', i, 1, 'value', ${NOW} from n`)
    let turns = 0
    const count = () => {
      turns += 1
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    expect(await store.sweep(NOW - 1)).toBe(0)
    expect(await store.sweep(NOW)).toBe(2_201)
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(2)
    expect(everyTextInSqlite(database)).toEqual([])
  })

  test('a sweep forgets names, whose records it does not count', async () => {
    const database = aDatabase()
    const store = sqliteStore(database)
    await store.insert(key, 'value', {
      now: NOW,
      expiresAt: NOW + 1,
      indexes: ['alice', 'a client'],
    })
    expect(await store.sweep(NOW + 1)).toBe(1)
    expect(everyTextInSqlite(database)).toEqual([])
  })

  test('takes numbers as bigints from a client that gives them so', () => {
    const database = aDatabase()
    const store = sqliteStore({
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        const statement = database.prepare(sql)
        return {
          all: (...parameters) =>
            statement
              .all(...parameters)
              .map((row) =>
                Object.fromEntries(
                  Object.entries(row as object).map(([column, value]) => [
                    column,
                    typeof value === 'number' ? BigInt(value) : value,
                  ]),
                ),
              ),
        }
      },
    })
    expect(store.incr(key, 'value', noted)).toBe(1)
    expect(store.get([key])).toEqual([{ version: 1, value: 'value' }])
    expect(feedOf(store)).toMatchObject({ entries: [{ until: NOW + 60, version: 1 }] })
  })

  test.each([[[[1]]], [[{ version: 1.5 }]], [[{ version: '' }]], [[{}]], [[null]]])(
    'takes %j for no answer',
    (answer) => {
      const store = sqliteStore({ exec: () => undefined, prepare: () => ({ all: () => answer }) })
      expect(() => store.insert(key, 'value', lasting)).toThrow("The database's answer")
    },
  )

  test('reads and writes by its indexes alone', async () => {
    const database = aDatabase()
    const seen = new Set<string>()
    const store = sqliteStore({
      exec: (sql) => database.exec(sql),
      prepare(sql) {
        seen.add(sql)
        return database.prepare(sql)
      },
    })
    await store.get([key, { kind: 'code', id: 'two' }])
    for (const write of Object.values(writes)) write(store)
    await store.insert({ kind: 'family', id: 'x' }, 'value', { ...lasting, indexes: ['alice'] })
    await store.list('family', 'alice', { after: null, limit: 1 })
    await feedOf(store)
    void store.sweep(NOW)
    const plans = [...seen].map((sql) => {
      const parameters = Array.from(sql.matchAll(/\?/g), () => 1)
      return database
        .prepare(`explain query plan ${sql}`)
        .all(...parameters)
        .map((step) => String((step as { readonly detail: unknown }).detail)) // SQLite's column
    })
    expect(plans.length).toBeGreaterThan(8)
    for (const step of plans.flat()) {
      expect(step).not.toMatch(/^SCAN (?!sqlite_sequence)|TEMP B-TREE/)
    }
  })

  test('answers as the store in memory does, whatever it is asked', async () => {
    const store = sqliteStore(aDatabase())
    await fc.assert(
      fc.asyncProperty(commands, async (calls) => {
        const { given, expected } = await answersOf(store, calls)
        expect(given).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('finds what any text names, and nothing else', async () => {
    const database = aDatabase()
    const store = sqliteStore(database)
    database.exec('pragma synchronous = off')
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const named = { kind: 'family' as const, id }
        await store.incr(named, id, { ...lasting, expiresAt: null })
        expect(store.get([named])).toMatchObject([{ value: id }])
        expect(store.get([{ kind: 'family', id: `${id}.` }])).toEqual([null])
      }),
    )
  })

  test('a process that is killed in the middle has written all that it was told of, with its notices', async () => {
    const path = aFile()
    const store = sqliteStore(aDatabase(path))
    for (const afterWrites of [1, 13, 40]) {
      const mark = crypto.randomUUID()
      const written = await killed({ kind: 'sqlite', client: name, path }, mark, afterWrites)
      expect(written.length).toBeGreaterThanOrEqual(afterWrites)
      const listed = async () => (await store.list('code', mark, { after: null, limit: 1_000 })).ids
      const ids = await listed()
      expect(ids).toEqual(expect.arrayContaining([...written]))
      const noticed = (await noticesOf(store)).filter((text) => text.startsWith(mark))
      expect(noticed).toEqual(expect.arrayContaining([...ids]))
      // What the server was doing for it may have ended in between, with all that belongs to it.
      expect(await listed()).toEqual(expect.arrayContaining(noticed))
      // At most the one write whose answer it did not live to see.
      expect(noticed.length).toBeLessThanOrEqual(written.length + 1)
      expect(await store.insert({ kind: 'code', id: `after ${mark}` }, 'value', lasting)).toBe(true)
    }
  })

  test('several processes on one file: each prize has one winner, and no number is given twice', async () => {
    const path = aFile()
    const database = aDatabase(path)
    const store = sqliteStore(database)
    const mark = crypto.randomUUID()
    const results = await race({ kind: 'sqlite', client: name, path }, mark, 3)
    const prizes = [...nonces(mark)].sort()
    expect(results.flatMap(({ inserted }) => inserted).sort()).toEqual(prizes)
    expect(results.flatMap(({ swapped }) => swapped).sort()).toEqual(prizes)
    expect(results.flatMap(({ counted }) => counted).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 3 * prizes.length }, (_, index) => index + 1),
    )
    expect(feedOf(store)).toMatchObject({ entries: { length: prizes.length } })
  })
})

describe('a store in SQLite', () => {
  test.each([
    ['no database', undefined, {}],
    ['a promise of one', Promise.resolve(), {}],
    ['an option that nobody knows', { prepare() {}, exec() {} }, { timeout: 5 }],
    ['a negative time', { prepare() {}, exec() {} }, { busyTimeoutMilliseconds: -1 }],
    ['a fraction', { prepare() {}, exec() {} }, { busyTimeoutMilliseconds: 0.5 }],
    ['more than a minute', { prepare() {}, exec() {} }, { busyTimeoutMilliseconds: 60_001 }],
  ])('does not start with %s', (_name, database, options) => {
    const start = sqliteStore as (database: unknown, options: unknown) => unknown
    expect(() => start(database, options)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
