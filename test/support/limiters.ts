/** Limiters for a throttle: ours, and rate-limiter-flexible's on real databases, each through two clients. */
import { Redis } from 'ioredis'
import pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRedis } from 'rate-limiter-flexible'
import { createClient } from 'redis'
import type { AttemptLimiter } from '../../src/lifecycle/throttle/attempt-limiter.js'
import { memoryLimiter } from '../../src/lifecycle/throttle/memory-limiter.js'
import { aSchema, findPostgres } from './postgres.js'
import { aPrefix, findRedis } from './redis.js'

const redis = await findRedis()
const postgres = await findPostgres()

/** Two clients of one database. */
export interface LimiterClients {
  /** The same limiter through each of them. */
  limiters(name: string, attempts: number): readonly [AttemptLimiter, AttemptLimiter]
  /** All that the database keeps for them, as one text. */
  dump(): Promise<string>
  close(): Promise<void>
}

/** The window of all of them, in seconds. */
export const DURATION = 900
const LIMITERS: Readonly<Record<string, (() => Promise<LimiterClients>) | null>> = {
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

/** Those that this machine can run; what it cannot is said loudly. */
export const LIMITER_CLIENTS: readonly {
  readonly name: string
  readonly open: () => Promise<LimiterClients>
}[] = Object.entries(LIMITERS).flatMap(([name, open]) => (open ? [{ name, open }] : []))

function inMemory(make: (attempts: number) => AttemptLimiter): LimiterClients {
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
): LimiterClients {
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

async function onPostgres(url: string): Promise<LimiterClients> {
  const schema = aSchema()
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
