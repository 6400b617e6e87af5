import { inspect } from 'node:util'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FeedPage, Store } from '../../src/lifecycle/store/store.js'
import {
  createPostgresTables,
  type PostgresQuery,
  postgresMigrations,
  postgresStore,
} from '../../src/stores/postgres.js'
import {
  aSchema,
  dropSchema,
  everyTextInPostgres,
  findPostgres,
  POSTGRES_CLIENTS,
  type PostgresConnection,
  STARTING_MILLISECONDS,
  startPGlite,
} from '../support/postgres.js'
import { answersOf, commands, ids } from './commands.js'
import { killed, nonces, race } from './race.js'

const NOW = 1_800_000_000
const lasting = { now: NOW, expiresAt: NOW + 600 }
const noted = { ...lasting, notice: { text: 'notice', until: NOW + 60 } }
const key = { kind: 'family', id: 'one' } as const
const url = await findPostgres()

const writes: Readonly<Record<string, (store: Store) => unknown>> = {
  insert: (store) => store.insert({ kind: 'code', id: 'two' }, 'new', { ...noted, indexes: ['a'] }),
  cas: (store) => store.cas(key, 1, 'new', noted),
  incr: (store) => store.incr(key, 'new', noted),
}
const reads: Readonly<Record<string, (store: Store) => unknown>> = {
  get: (store) => store.get([key]),
  list: (store) => store.list('family', 'a', { after: null, limit: 10 }),
  feed: (store) => store.feed({ after: null, limit: 10 }),
  sweep: (store) => store.sweep(NOW),
}

/** Everything behind a cursor. */
async function readOn(store: Store, after: string | null, limit = 100) {
  const texts: string[] = []
  for (let cursor = after; ; ) {
    const page: FeedPage = await store.feed({ after: cursor, limit })
    texts.push(...page.entries.map(({ text }) => text))
    cursor = page.cursor
    if (!page.more) return { texts, cursor }
  }
}

function announce(store: Store, text: string, until = NOW + 60) {
  return store.incr({ kind: 'epoch', id: text }, 'value', { ...lasting, notice: { text, until } })
}

/** What can be shown with one connection: in the server, or in this process where there is none. */
const places: readonly (readonly [string, () => Promise<PostgresConnection>])[] =
  url === null
    ? [['PGlite', startPGlite]]
    : Object.entries(POSTGRES_CLIENTS).map(([name, open]) => [name, async () => open(url, 4)])

describe.each(places)('a store in PostgreSQL, by %s', (_name, open) => {
  let connection: PostgresConnection
  const schemas: string[] = []
  const query: PostgresQuery = (text, parameters) => connection.query(text, parameters)
  const tables = async () => {
    const schema = aSchema()
    schemas.push(schema)
    await createPostgresTables(query, { schema })
    return schema
  }
  const aStore = async () => postgresStore(query, { schema: await tables() })

  beforeAll(async () => {
    connection = await open()
  }, STARTING_MILLISECONDS)
  afterAll(async () => {
    for (const schema of schemas) await dropSchema(query, schema)
    await connection.close()
  })

  describe('makes its tables', () => {
    test('again and again, at once, and keeps what is in them', async () => {
      const schema = aSchema()
      schemas.push(schema)
      const make = () => createPostgresTables(query, { schema })
      await Promise.all([make(), make(), make(), make()])
      const store = postgresStore(query, { schema })
      await store.insert(key, 'value', lasting)
      await make()
      expect(await store.get([key])).toEqual([{ version: 1, value: 'value' }])
    })

    test('by SQL that can be run by hand, in the order of the versions', async () => {
      const schema = `Ärger"`.replace(/[^a-z]/gi, '_') + crypto.randomUUID()
      schemas.push(schema)
      const migrations = postgresMigrations({ schema })
      expect(migrations.map(({ version }) => version)).toEqual([1])
      for (const round of [1, 2]) {
        for (const { sql } of migrations) {
          for (const statement of sql.split(';')) await query(statement, [])
        }
        const store = postgresStore(query, { schema })
        expect(await store.insert(key, 'value', lasting)).toBe(round === 1)
      }
    })

    test('in a schema of the name `sallyport`, unless told another', () => {
      expect(postgresMigrations()).toEqual(postgresMigrations({ schema: 'sallyport' }))
      expect(postgresMigrations()[0]?.sql).toContain('"sallyport".records')
    })
  })

  test.each(Object.entries({ ...writes, ...reads }))(
    'rejects while its tables are missing: %s',
    async (_verb, use) => {
      await expect(use(postgresStore(query, { schema: aSchema() }))).rejects.toThrow('exist')
    },
  )

  describe('writes a record, its names and its notice together', () => {
    test.each(
      Object.entries(writes).flatMap(([verb, write]) =>
        (verb === 'insert' ? ['feed', 'listings'] : ['feed']).map(
          (table) => [verb, table, write] as const,
        ),
      ),
    )('or nothing: %s with trouble in %s', async (_verb, table, write) => {
      const schema = await tables()
      const store = postgresStore(query, { schema })
      await store.insert(key, 'value', lasting)
      const before = await everyTextInPostgres(query, schema)
      await query(`alter table "${schema}".${table} add constraint in_trouble check (false)`, [])
      await expect(write(store)).rejects.toThrow('in_trouble')
      expect(await everyTextInPostgres(query, schema)).toEqual(before)
      await query(`alter table "${schema}".${table} drop constraint in_trouble`, [])
      await write(store)
      expect((await readOn(store, null)).texts).toEqual(['notice'])
    })
  })

  test('rejects with what the client said, and nothing of what was sent', async () => {
    const schema = await tables()
    await query(`alter table "${schema}".records alter column expires_at set not null`, [])
    const store = postgresStore(query, { schema })
    const failure: unknown = await Promise.resolve(
      store.insert({ kind: 'family', id: 'an-id' }, 'a-value', { now: NOW, expiresAt: null }),
    ).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: expect.stringContaining('not-null') })
    expect(inspect(failure, { showHidden: true, depth: 9 })).not.toMatch(/an-id|a-value/)
  })

  test('lists by names and ids of full length, and takes a name twice', async () => {
    const store = await aStore()
    // Texts that no compression makes fit: three bytes each in UTF-8.
    const long = (seed: number) =>
      String.fromCodePoint(
        ...Array.from({ length: 512 }, (_, at) => 0x4e00 + ((at * seed) % 20_000)),
      )
    const named = { kind: 'family' as const, id: long(7_919) }
    const name = long(6_007)
    await store.insert(named, 'value', { ...lasting, indexes: [name, name, long(13)] })
    expect(await store.get([named])).toEqual([{ version: 1, value: 'value' }])
    expect(await store.list('family', name, { after: null, limit: 1 })).toEqual({
      ids: [named.id],
      next: null,
    })
  })

  test('rejects what PostgreSQL cannot hold', async () => {
    const store = await aStore()
    await expect(store.insert(key, 'value\0', lasting)).rejects.toThrow()
    expect(await store.get([key])).toEqual([null])
  })

  test('a sweep forgets more than one batch, and names, which it does not count', async () => {
    const schema = await tables()
    const store = postgresStore(query, { schema })
    await query(
      `insert into "${schema}".records select 'code', i, 1, 'value', ${NOW} from generate_series(1, 2201) as i`,
      [],
    )
    expect(await store.sweep(NOW - 1)).toBe(0)
    expect(await store.sweep(NOW)).toBe(2_201)
    await store.insert(key, 'value', { now: NOW, expiresAt: NOW + 1, indexes: ['a', 'b'] })
    expect(await store.sweep(NOW + 1)).toBe(1)
    expect(await everyTextInPostgres(query, schema)).toEqual([])
  })

  test('answers as the store in memory does, whatever it is asked', async () => {
    const store = await aStore()
    await fc.assert(
      fc.asyncProperty(commands, async (calls) => {
        const { given, expected } = await answersOf(store, calls)
        expect(given).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  test('finds what any text names, and nothing else', async () => {
    const store = await aStore()
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        const named = { kind: 'family' as const, id }
        await store.incr(named, id, { ...lasting, expiresAt: null })
        expect(await store.get([named])).toMatchObject([{ value: id }])
        expect(await store.get([{ kind: 'family', id: `${id}.` }])).toEqual([null])
      }),
      { numRuns: 50 },
    )
  })

  test.each([null, 'no cursor', '7', '1700000000000-0', '1:1', '/', '1:1://', '1:1:/1:1:/1', `'`])(
    'its feed starts for the cursor %j',
    async (cursor) => {
      const store = await aStore()
      await announce(store, 'one')
      expect((await readOn(store, cursor)).texts).toEqual(['one'])
    },
  )

  test('its feed starts over for a cursor from after a loss of data', async () => {
    const store = await aStore()
    await announce(store, 'one')
    const ahead = '999999999999:999999999999:'
    for (const cursor of [ahead, `${ahead}/${ahead}/999999999999/1`]) {
      const page = await readOn(store, cursor)
      expect(page.texts).toEqual(['one'])
      expect((await readOn(store, page.cursor)).texts).toEqual([])
    }
  })

  test('its feed brings each entry once to one reader, whatever the size of its pages', async () => {
    const store = await aStore()
    const expected: string[] = []
    const seen: string[] = []
    let cursor: string | null = null
    for (let round = 0; round < 6; round++) {
      for (let count = 0; count < round; count++) {
        expected.push(`${round} ${count}`)
        await announce(store, `${round} ${count}`)
      }
      const page = await readOn(store, cursor, 2)
      seen.push(...page.texts)
      cursor = page.cursor
    }
    expect(seen).toEqual(expected)
  })
})

describe.runIf(url !== null)('a store in PostgreSQL, with several connections', () => {
  const address = url ?? ''
  const schema = aSchema()
  const pool = POSTGRES_CLIENTS.pg(address, 4)
  const store = postgresStore(pool.query, { schema })

  beforeAll(() => createPostgresTables(pool.query, { schema }))
  afterAll(async () => {
    await dropSchema(pool.query, schema)
    await pool.close()
  })

  /** A connection that holds a transaction open until it is told to end it. */
  async function slowTransaction() {
    const client = new pg.Client({ connectionString: address })
    await client.connect()
    await client.query('begin')
    const query: PostgresQuery = async (text, parameters) =>
      (await client.query(text, parameters)).rows
    return {
      store: postgresStore(query, { schema }),
      savepoint: () => client.query('savepoint inner_one'),
      async end(how: 'commit' | 'rollback'): Promise<void> {
        await client.query(how)
        await client.end()
      },
    }
  }

  describe('its feed', () => {
    test('brings what a slow transaction wrote, to who has read all that came later', async () => {
      const start = (await readOn(store, null)).cursor
      const slow = await slowTransaction()
      await announce(slow.store, 'slow')
      await announce(store, 'later')
      const meanwhile = await readOn(store, start)
      expect(meanwhile.texts).toEqual(['later'])
      await slow.end('commit')
      await announce(store, 'last')
      expect((await readOn(store, meanwhile.cursor)).texts).toEqual(['slow', 'last'])
    })

    test('does so as well when it wrote behind a savepoint, and between two others', async () => {
      const start = (await readOn(store, null)).cursor
      const [first, second, third] = [
        await slowTransaction(),
        await slowTransaction(),
        await slowTransaction(),
      ]
      await announce(first.store, 'of the first')
      await second.savepoint()
      await announce(second.store, 'of the second')
      await announce(third.store, 'of the third')
      await first.end('commit')
      await third.end('commit')
      const meanwhile = await readOn(store, start, 1)
      expect(meanwhile.texts).toEqual(['of the first', 'of the third'])
      await second.end('commit')
      expect((await readOn(store, meanwhile.cursor, 1)).texts).toEqual(['of the second'])
    })

    test('never brings what was rolled back', async () => {
      const start = (await readOn(store, null)).cursor
      const slow = await slowTransaction()
      await announce(slow.store, 'rolled back')
      await announce(store, 'stays')
      await slow.end('rollback')
      expect((await readOn(store, start)).texts).toEqual(['stays'])
    })

    test('brings what is committed in the middle of a reading, by its end or with the next', async () => {
      const start = (await readOn(store, null)).cursor
      const slow = await slowTransaction()
      await announce(slow.store, 'lowest')
      for (const text of ['a', 'b', 'c']) await announce(store, text)
      const page = await store.feed({ after: start, limit: 2 })
      expect(page.entries.map(({ text }) => text)).toEqual(['a', 'b'])
      await slow.end('commit')
      const rest = await readOn(store, page.cursor, 2)
      expect(rest.texts).toEqual(['c'])
      expect((await readOn(store, rest.cursor, 2)).texts).toEqual(['lowest'])
    })

    test('is read from its indexes, however long it is and whatever a transaction keeps open', async () => {
      const slow = await slowTransaction()
      await announce(slow.store, 'slow')
      await slow.end('commit')
      const start = (await readOn(store, null)).cursor
      const plan = await explained((query) =>
        postgresStore(query, { schema }).feed({ after: start, limit: 10 }),
      )
      expect(plan.join('\n')).toMatch(/Index (Only )?Scan using feed_pkey/)
      expect(plan.join('\n')).toMatch(/Index Cond: \(xid >= '\d+'::xid8\)$/m)
      expect(plan.join('\n')).not.toMatch(/Seq Scan|Sort/)
    })
  })

  /** The plans of what a store asks, without the help of small tables: a sequential scan only where nothing else is left. */
  async function explained(use: (query: PostgresQuery) => unknown): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: address })
    await client.connect()
    await client.query('set enable_seqscan = off')
    const plans: string[] = []
    try {
      await use(async (text, parameters) => {
        const { rows } = await client.query(`explain ${text}`, parameters)
        plans.push(...rows.map((row: { readonly 'QUERY PLAN': string }) => row['QUERY PLAN']))
        return (await client.query(text, parameters)).rows
      })
      return plans
    } finally {
      await client.end()
    }
  }

  test('finds everything else by its indexes too', async () => {
    const plans = await explained(async (query) => {
      const asked = postgresStore(query, { schema })
      await asked.get([key, { kind: 'code', id: 'two' }])
      await asked.cas(key, 7, 'value', lasting)
      await asked.list('family', 'a', { after: null, limit: 10 })
      await asked.sweep(1)
    })
    expect(plans.length).toBeGreaterThan(20)
    expect(plans.join('\n')).not.toMatch(/Seq Scan|Sort/)
  })

  test('tells the loser of a race what the winner has written', async () => {
    await store.insert({ kind: 'code', id: 'raced' }, 'start', lasting)
    const slow = await slowTransaction()
    const raced = { kind: 'code', id: 'raced' } as const
    expect(await slow.store.cas(raced, 1, 'winner', lasting)).toMatchObject({ kind: 'swapped' })
    const losing = store.cas(raced, 1, 'loser', lasting)
    await slow.end('commit')
    expect(await losing).toEqual({ kind: 'conflict', current: { version: 2, value: 'winner' } })
  })

  test('lets an insert wait for one that may be rolled back', async () => {
    const wanted = { kind: 'used', id: 'wanted' } as const
    const slow = await slowTransaction()
    expect(await slow.store.insert(wanted, 'first', lasting)).toBe(true)
    const second = store.insert(wanted, 'second', lasting)
    await slow.end('rollback')
    expect(await second).toBe(true)
    expect(await store.get([wanted])).toEqual([{ version: 1, value: 'second' }])
  })

  test('sweeps around what somebody holds', async () => {
    const [held, free] = [
      { kind: 'used', id: 'held' },
      { kind: 'used', id: 'free' },
    ] as const
    const past = { now: 1, expiresAt: 2 }
    await store.insert(held, 'value', past)
    await store.insert(free, 'value', past)
    const slow = await slowTransaction()
    await slow.store.incr(held, 'kept', lasting)
    await store.sweep(2)
    expect(await store.get([free])).toEqual([null])
    await slow.end('commit')
    await store.sweep(2)
    expect(await store.get([held])).toEqual([{ version: 2, value: 'kept' }])
  })

  test('notifies its channel of each notice, and of nothing else', async () => {
    const channel = 'sallyport_test'
    const listener = new pg.Client({ connectionString: address })
    await listener.connect()
    const heard: string[] = []
    listener.on('notification', (message) => heard.push(message.channel))
    await listener.query(`listen ${channel}`)
    const loud = postgresStore(pool.query, { schema, channel })
    const woken = { kind: 'used', id: 'woken' } as const
    await loud.insert(woken, 'value', noted)
    await loud.insert(woken, 'value', noted)
    await loud.cas(woken, 1, 'value', lasting)
    await loud.cas(woken, 2, 'value', noted)
    await announce(store, 'silent')
    // A notification comes ahead of the answer to whatever is asked after it.
    await listener.query('select 1')
    await listener.end()
    expect(heard).toEqual([channel, channel])
  })

  test.each(Object.entries({ ...writes, ...reads }))(
    'rejects when its connection is cut, and works with the next: %s',
    async (_verb, use) => {
      const cut = POSTGRES_CLIENTS.pg(address, 1)
      const asked = postgresStore(cut.query, { schema })
      const [row] = await cut.query('select pg_backend_pid()::text as pid', [])
      const { pid } = row as { readonly pid: string } // the column that was asked for
      const hanging = expect(cut.query('select pg_sleep(60)', [])).rejects.toThrow()
      const pending = use(asked)
      await pool.query('select pg_terminate_backend($1::int)', [pid])
      await hanging
      await pending
      await cut.close()
      await expect(use(asked)).rejects.toThrow()
    },
  )

  test('a process that is killed in the middle has written all that it was told of, with its notices', async () => {
    const { cursor } = await readOn(store, null)
    for (const afterWrites of [1, 13, 40]) {
      const mark = crypto.randomUUID()
      const written = await killed({ kind: 'postgres', url: address, schema }, mark, afterWrites)
      expect(written.length).toBeGreaterThanOrEqual(afterWrites)
      const listed = async () => (await store.list('code', mark, { after: null, limit: 1_000 })).ids
      const ids = await listed()
      expect(ids).toEqual(expect.arrayContaining([...written]))
      const noticed = (await readOn(store, cursor)).texts.filter((text) => text.startsWith(mark))
      expect(noticed).toEqual(expect.arrayContaining([...ids]))
      // What the server was doing for it may have ended in between, with all that belongs to it.
      expect(await listed()).toEqual(expect.arrayContaining(noticed))
      // At most the one write whose answer it did not live to see.
      expect(noticed.length).toBeLessThanOrEqual(written.length + 1)
      expect(await store.insert({ kind: 'code', id: `after ${mark}` }, 'value', lasting)).toBe(true)
    }
  })

  test('several processes: each prize has one winner, and no number is given twice', async () => {
    const mark = crypto.randomUUID()
    const { cursor } = await readOn(store, null)
    const results = await race({ kind: 'postgres', url: address, schema }, mark, 3)
    const prizes = [...nonces(mark)].sort()
    expect(results.flatMap(({ inserted }) => inserted).sort()).toEqual(prizes)
    expect(results.flatMap(({ swapped }) => swapped).sort()).toEqual(prizes)
    expect(results.flatMap(({ counted }) => counted).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 3 * prizes.length }, (_, index) => index + 1),
    )
    expect((await readOn(store, cursor, 7)).texts.length).toBe(prizes.length)
  })
})

describe('a store in PostgreSQL', () => {
  const start = postgresStore as (query: unknown, options?: unknown) => Store
  const query = () => Promise.resolve([])

  test.each([
    ['no function', { query: () => [] }, {}],
    ['an option that nobody knows', query, { tables: 'x' }],
    ['a schema without a name', query, { schema: '' }],
    ['a schema that would have to be quoted with care', query, { schema: 'a"; drop table x; --' }],
    ['a schema with a dollar sign', query, { schema: 'a$sallyport$' }],
    ['a schema that begins with a digit', query, { schema: '1a' }],
    ['a schema of 64 characters', query, { schema: 'a'.repeat(64) }],
    ['a channel that has to be quoted', query, { channel: 'Loud' }],
    ['a channel that ends the text', query, { channel: `a'` }],
    ['a channel of 64 characters', query, { channel: 'a'.repeat(64) }],
  ])('does not start with %s', (_name, first, options) => {
    expect(() => start(first, options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  test('starts with a schema and a channel of 63 characters', () => {
    expect(start(query, { schema: 'A'.repeat(63), channel: 'a'.repeat(63) })).toBeDefined()
  })

  test.each([
    ['a whole result instead of its rows', { rows: [] }],
    ['nothing', undefined],
  ])('takes %s for no answer', async (_name, answer) => {
    const store = start(() => Promise.resolve(answer))
    for (const use of Object.values({ ...writes, ...reads })) {
      await expect(use(store)).rejects.toThrow('no list of rows')
    }
  })

  test.each([[[[]]], [[{ version: 'x' }]], [[{ version: null }]], [[null]]])(
    'takes %j for no answer',
    async (answer) => {
      const store = start(() => Promise.resolve(answer))
      for (const use of Object.values({ ...writes, ...reads })) {
        await expect(use(store)).rejects.toThrow("The database's answer")
      }
    },
  )

  test('throws nothing at once, also where the query does', async () => {
    const store = start(() => {
      throw new Error('the pool is closed')
    })
    for (const use of Object.values({ ...writes, ...reads })) {
      await expect(use(store)).rejects.toThrow('the pool is closed')
    }
  })

  test.each([
    ['nothing', undefined, 'The client of PostgreSQL rejected.'],
    [
      'a code alone',
      Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      'The client of PostgreSQL rejected (ECONNREFUSED)',
    ],
    ['a long message', new Error('x'.repeat(5_000)), 'x'.repeat(300)],
  ])('says so for a client that rejects with %s', async (_name, cause, message) => {
    const store = postgresStore(() => Promise.reject(cause))
    await expect(store.get([key])).rejects.toMatchObject({ message })
  })
})
