/** rate-limiter-flexible's limiters in the throttle, on real databases, each through two clients at once. */
import { Redis } from 'ioredis'
import pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AttemptLimiter } from '../../../src/lifecycle/throttle/attempt-limiter.js'
import { memoryLimiter } from '../../../src/lifecycle/throttle/memory-limiter.js'
import { createThrottle, type Throttle } from '../../../src/lifecycle/throttle/throttle.js'
import { aPrefix, findRedis, skipped, startRedis } from '../../support/redis.js'

const redis = await findRedis()
const postgres = await findPostgres()

/** Two clients of one database. */
interface Clients {
  /** The same limiter through each of them. */
  limiters(name: string, attempts: number): readonly [AttemptLimiter, AttemptLimiter]
  /** All that the database keeps for them, as one text. */
  dump(): Promise<string>
  close(): Promise<void>
}

const DURATION = 900
const LIMITERS: Readonly<Record<string, (() => Promise<Clients>) | null>> = {
  async memoryLimiter() {
    return inMemory((attempts) => memoryLimiter({ attempts, per: DURATION }))
  },
  async RateLimiterMemory() {
    return inMemory((points) => new RateLimiterMemory({ points, duration: DURATION }))
  },
  'RateLimiterRedis by ioredis':
    redis &&
    (async () => {
      const clients = [new Redis(redis), new Redis(redis)] as const
      return onRedis(
        (client) => ({ storeClient: clients[client] }),
        (name, ...args) => clients[0].call(name, ...args),
        () => clients.map((client) => client.disconnect()),
      )
    }),
  'RateLimiterRedis by node-redis':
    redis &&
    (async () => {
      const clients = [createClient({ socket: redis }), createClient({ socket: redis })] as const
      for (const client of clients) await client.connect()
      return onRedis(
        (client) => ({ storeClient: clients[client], useRedisPackage: true }),
        (...args) => clients[0].sendCommand(args),
        () => clients.map((client) => client.destroy()),
      )
    }),
  'RateLimiterPostgres by pg': postgres === null ? null : () => onPostgres(postgres),
}

const chosen = Object.entries(LIMITERS).flatMap(([name, open]) => (open ? [{ name, open }] : []))

describe.each(chosen)('a throttle of $name', ({ open }) => {
  let clients: Clients
  beforeAll(async () => {
    clients = await open()
  })
  afterAll(() => clients.close())

  /** The same throttle in two processes, as it were. */
  const throttles = async (
    name: string,
    limits: Readonly<Partial<Record<'source' | 'accountAndSource' | 'account', number>>>,
  ): Promise<readonly [Throttle, Throttle]> => {
    const made = Object.entries(limits).map(
      ([limit, attempts]) => [limit, clients.limiters(`${name}_${limit}`, attempts)] as const,
    )
    const through = (client: 0 | 1) =>
      createThrottle({
        ...Object.fromEntries(made.map(([limit, limiters]) => [limit, limiters[client]])),
        timeoutMilliseconds: 10_000,
      })
    return [through(0), through(1)]
  }
  const attempt = async (throttle: Throttle, kind: 'failed' | 'proven', account = 'alice') =>
    throttle.attempt(
      { source: '203.0.113.7', account },
      async () => ({ kind }),
      (result) => result.kind,
    )

  it.each(['source', 'accountAndSource', 'account'] as const)(
    'checks exactly the limit of a hundred attempts at once, counted by %s',
    async (limit) => {
      const both = await throttles('parallel', { [limit]: 10 })
      const check = vi.fn(async () => ({ kind: 'failed' as const }))
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          both[index % 2 === 0 ? 0 : 1].attempt(
            { source: '203.0.113.7', account: 'alice' },
            check,
            ({ kind }) => kind,
          ),
        ),
      )
      expect(check).toHaveBeenCalledTimes(10)
      expect(answers.filter(({ kind }) => kind === 'throttled')).toHaveLength(90)
    },
  )

  it('asks to wait for what is left of the window', async () => {
    const [one, other] = await throttles('wait', { source: 1 })
    await attempt(one, 'failed')
    expect(await attempt(other, 'failed')).toEqual({
      kind: 'throttled',
      limit: 'source',
      retryAfterSeconds: expect.toSatisfy(
        (wait: number) => wait > DURATION - 30 && wait <= DURATION,
      ),
    })
  })

  it('takes a success back, and forgets the failures of its account from there alone', async () => {
    const [one, other] = await throttles('success', { source: 6, accountAndSource: 2 })
    const kinds: string[] = []
    for (let round = 0; round < 4; round++) {
      kinds.push((await attempt(one, 'failed')).kind, (await attempt(other, 'proven')).kind)
    }
    expect(kinds).toEqual([
      'failed',
      'proven',
      'failed',
      'proven',
      'failed',
      'proven',
      'failed',
      'proven',
    ])
    // The four failures are still the source's.
    await attempt(one, 'failed', 'bob')
    await attempt(one, 'failed', 'carol')
    expect(await attempt(other, 'proven')).toMatchObject({ kind: 'throttled', limit: 'source' })
  })

  it('keeps no name, which may be a password, and lets a source be found', async () => {
    const [throttle] = await throttles('names', { source: 9, accountAndSource: 9, account: 9 })
    await attempt(throttle, 'failed', 'correct horse battery staple')
    await attempt(throttle, 'failed', 'n\u0000ul \ud800 \u2603')
    await attempt(throttle, 'failed', 'x'.repeat(10_000))
    const dump = await clients.dump()
    expect(dump).toContain('203.0.113.7')
    expect(dump).not.toMatch(/horse|staple|xxxx/)
  })
})

describe('a throttle on a Redis that stops answering', () => {
  it('is unavailable within its time, and counts on when it is back', async () => {
    const server = await startRedis()
    if (server === null) {
      skipped('No redis-server in PATH: no throttle on a Redis that stops answering was tested.')
      return
    }
    const client = new Redis({ ...server, maxRetriesPerRequest: 0, commandTimeout: 200 })
    client.on('error', () => {})
    const source = new RateLimiterRedis({ storeClient: client, points: 1, duration: 60 })
    const throttle = createThrottle({ source, timeoutMilliseconds: 500 })
    const check = vi.fn(() => ({ kind: 'failed' as const }))
    const attempt = () => throttle.attempt({ source: '::' }, check, ({ kind }) => kind)
    try {
      expect(await attempt()).toEqual({ kind: 'failed' })
      server.pause()
      expect(await attempt()).toMatchObject({ kind: 'unavailable', reason: 'throttle_unavailable' })
      server.resume()
      await vi.waitFor(async () => expect((await attempt()).kind).toBe('throttled'), 5_000)
      expect(check).toHaveBeenCalledTimes(1)
    } finally {
      client.disconnect()
      await server.stop()
    }
  })
})

/** As `findRedis`: `SALLYPORT_TEST_POSTGRES`, else the one on this machine, else null, said loudly. */
async function findPostgres(): Promise<string | null> {
  const named = process.env['SALLYPORT_TEST_POSTGRES']
  const url = named ?? 'postgres://postgres@127.0.0.1:5432/test'
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    return url
  } catch (cause) {
    if (named !== undefined) throw new Error('No PostgreSQL at SALLYPORT_TEST_POSTGRES.', { cause })
    return skipped('No PostgreSQL at 127.0.0.1:5432: no throttle on it was tested.')
  } finally {
    await client.end().catch(() => {})
  }
}

function inMemory(make: (attempts: number) => AttemptLimiter): Clients {
  const made: AttemptLimiter[] = []
  const keys: string[] = []
  return {
    limiters(_name, attempts) {
      const limiter = make(attempts)
      made.push(limiter)
      const noting: AttemptLimiter = {
        consume: (key) => {
          keys.push(key)
          return limiter.consume(key)
        },
        reward: (key) => limiter.reward(key),
        delete: (key) => limiter.delete(key),
      }
      return [noting, noting]
    },
    dump: async () => keys.join('\n'),
    close: async () => {},
  }
}

function onRedis(
  clientOptions: (client: 0 | 1) => { storeClient: unknown; useRedisPackage?: boolean },
  command: (name: string, ...args: string[]) => Promise<unknown>,
  close: () => unknown,
): Clients {
  const prefix = aPrefix()
  const keys = async () => (await command('KEYS', `${prefix}*`)) as readonly string[] // what KEYS answers
  return {
    limiters(name, points) {
      const through = (client: 0 | 1) =>
        new RateLimiterRedis({
          ...clientOptions(client),
          keyPrefix: `${prefix}_${name}`,
          points,
          duration: DURATION,
        })
      return [through(0), through(1)]
    },
    async dump() {
      const texts = (await keys()).map(async (key) => `${key} ${await command('GET', key)}`)
      return (await Promise.all(texts)).join('\n')
    },
    async close() {
      for (const key of await keys()) await command('DEL', key)
      close()
    },
  }
}

async function onPostgres(url: string): Promise<Clients> {
  const schema = `test-${crypto.randomUUID()}`
  const pools = [0, 1].map(() => new pg.Pool({ connectionString: url, max: 4 }))
  const [one, other] = pools
  if (one === undefined || other === undefined) throw new Error('two pools')
  await one.query(`create schema "${schema}"`)
  // One table for all: the limiters tell their keys apart by prefix.
  const limiterOf = (
    storeClient: pg.Pool,
    keyPrefix: string,
    points: number,
  ): RateLimiterPostgres =>
    new RateLimiterPostgres({
      storeClient,
      schemaName: schema,
      tableName: 'limits',
      tableCreated: true,
      keyPrefix,
      points,
      duration: DURATION,
    })
  await new Promise<void>((resolve, reject) => {
    new RateLimiterPostgres(
      { storeClient: one, schemaName: schema, tableName: 'limits', points: 1, duration: 1 },
      (error) => (error === undefined ? resolve() : reject(error)),
    )
  })
  return {
    limiters: (name, points) => [limiterOf(one, name, points), limiterOf(other, name, points)],
    dump: async () => JSON.stringify((await one.query(`select * from "${schema}".limits`)).rows),
    async close() {
      await one.query(`drop schema "${schema}" cascade`)
      for (const pool of pools) await pool.end()
    },
  }
}
