import type { Store } from 'sallyport'
import { memoryStore } from 'sallyport/stores/memory'
import { createPostgresTables, postgresStore } from 'sallyport/stores/postgres'
import { redisStore } from 'sallyport/stores/redis'
import { createSqliteTables, sqliteStore } from 'sallyport/stores/sqlite'
import { findPostgres, POSTGRES_CLIENTS } from '../../test/support/postgres.js'
import {
  aPrefix,
  deleteKeys,
  findRedis,
  REDIS_CLIENTS,
  type RedisClientName,
} from '../../test/support/redis.js'
import { sqliteClients, temporaryFolder } from '../../test/support/sqlite.js'
import type { StorePart } from '../names.js'

/** A store to measure, and the least that its database can do. */
export interface Place {
  readonly store: Store
  /** Replaces the value behind a key that has this version, with the database's own means and nothing around it. */
  readonly bareSwap: (key: string, version: number, value: string) => unknown
  /** Whether it answers with what `bareSwap` answers with if it has swapped. */
  readonly swapped: (answer: unknown) => boolean
  /** Puts a first version there for `bareSwap`. */
  readonly put: (key: string, value: string) => unknown
  readonly close: () => unknown
}

/** Opens a place; null, said loudly, if this machine does not have it. */
export const PLACES: Readonly<Record<StorePart, () => Promise<Place | null> | Place | null>> = {
  memory() {
    const held = new Map<string, { version: number; value: string }>()
    return {
      store: memoryStore(),
      put: (key, value) => held.set(key, { version: 1, value }),
      bareSwap(key, version, value) {
        if (held.get(key)?.version !== version) return false
        held.set(key, { version: version + 1, value })
        return true
      },
      swapped: (answer) => answer === true,
      close: () => undefined,
    }
  },
  'sqlite-memory': () => inSqlite(':memory:', 'off'),
  'sqlite-normal': () => inSqlite('file', 'normal'),
  'sqlite-full': () => inSqlite('file', 'full'),
  'node-redis': () => inRedis('node-redis'),
  ioredis: () => inRedis('ioredis'),
  iovalkey: () => inRedis('iovalkey'),
  'valkey-glide': () => inRedis('valkey-glide'),
  pg: () => inPostgres('pg'),
  'postgres.js': () => inPostgres('postgres.js'),
}

/** With the newest client that this Node has. */
function inSqlite(
  where: ':memory:' | 'file',
  synchronous: 'off' | 'normal' | 'full',
): Place | null {
  const client = sqliteClients.at(-1)
  if (client === undefined) return null
  const folder = temporaryFolder()
  const database = client.open(where === 'file' ? `${folder.path}/bench.db` : where)
  createSqliteTables(database)
  const store = sqliteStore(database)
  database.exec('create table bare (key text primary key, version integer, value text) strict')
  database.exec(`pragma synchronous = ${synchronous}`)
  const insert = database.prepare('insert into bare values (?, 1, ?)')
  const update = database.prepare(
    'update bare set version = version + 1, value = ? where key = ? and version = ? returning version',
  )
  return {
    store,
    put: (key, value) => insert.all(key, value),
    bareSwap: (key, version, value) => update.all(value, key, version),
    swapped: (answer) => Array.isArray(answer) && answer.length === 1,
    close() {
      database.close()
      folder.remove()
    },
  }
}

async function inRedis(name: RedisClientName): Promise<Place | null> {
  const address = await findRedis()
  if (address === null) return null
  const { command, close } = await REDIS_CLIENTS[name](address)
  const prefix = aPrefix()
  const nameOf = (key: string): string => `{${prefix}}bare:${key}`
  return {
    store: redisStore(command, { prefix }),
    put: (key, value) => command(['HSET', nameOf(key), 'version', '1', 'value', value], ''),
    bareSwap: (key, version, value) =>
      command(['EVAL', BARE_SWAP, '1', nameOf(key), String(version), value], nameOf(key)),
    swapped: (answer) => answer === 1,
    async close() {
      await deleteKeys(command, prefix)
      await close()
    },
  }
}

/** Three commands, and an end as every record has one. */
const BARE_SWAP = `if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1] + 1, 'value', ARGV[2])
redis.call('EXPIRE', KEYS[1], 1000)
return 1`

async function inPostgres(name: keyof typeof POSTGRES_CLIENTS): Promise<Place | null> {
  const url = await findPostgres()
  if (url === null) return null
  const { query, close } = POSTGRES_CLIENTS[name](url, CONNECTIONS)
  const schema = `bench_${crypto.randomUUID().replaceAll('-', '')}`
  await createPostgresTables(query, { schema })
  await query(
    `create table "${schema}".bare (key text primary key, version bigint, value text)`,
    [],
  )
  const insert = `insert into "${schema}".bare values ($1, 1, $2)`
  const update = `update "${schema}".bare set version = version + 1, value = $1
    where key = $2 and version = $3 returning version`
  return {
    store: postgresStore(query, { schema }),
    put: (key, value) => query(insert, [key, value]),
    bareSwap: (key, version, value) => query(update, [value, key, String(version)]),
    swapped: (answer) => Array.isArray(answer) && answer.length === 1,
    async close() {
      await query(`drop schema "${schema}" cascade`, [])
      await close()
    },
  }
}

/** Of a pool, as many as pg opens by itself. */
const CONNECTIONS = 10
