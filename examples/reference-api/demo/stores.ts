/** Where the demo keeps the lifecycle of tokens: in memory, in SQLite, in a Redis or a PostgreSQL of yours. */
import { randomBytes } from 'node:crypto'
import type { Store } from 'sallyport'
import { memoryStore } from 'sallyport/stores/memory'
import { createPostgresTables, postgresStore } from 'sallyport/stores/postgres'
import { redisStore } from 'sallyport/stores/redis'
import { createSqliteTables, sqliteStore } from 'sallyport/stores/sqlite'

export interface DemoStore {
  readonly store: Store
  /** Leaves nothing behind. */
  close(): Promise<void>
}

export async function openMemory(): Promise<DemoStore> {
  return { store: memoryStore(), close: async () => {} }
}

/**
 * What opens the store of this name: `memory`, `sqlite`, or the URL of a Redis or a PostgreSQL. Null if it is none.
 *
 * Each opening has a place of its own there, which it removes when it is closed.
 */
export function storeOpener(name: string): (() => Promise<DemoStore>) | null {
  if (name === 'memory') return openMemory
  if (name === 'sqlite') return openSqlite
  if (/^rediss?:\/\//.test(name)) return () => openRedis(name)
  if (/^postgres(ql)?:\/\//.test(name)) return () => openPostgres(name)
  return null
}

async function openSqlite(): Promise<DemoStore> {
  const { default: Database } = await import('libsql') // or node:sqlite, better-sqlite3, bun:sqlite
  const database = new Database(':memory:')
  createSqliteTables(database)
  return { store: sqliteStore(database), close: async () => void database.close() }
}

async function openRedis(url: string): Promise<DemoStore> {
  const { createClient } = await import('redis') // or ioredis, iovalkey, valkey-glide
  const client = createClient({ url })
  client.on('error', (error: Error) => console.error(error.message))
  await client.connect()
  const prefix = `sallyport-demo-${randomBytes(6).toString('hex')}`
  return {
    store: redisStore((args) => client.sendCommand([...args]), { prefix }),
    async close() {
      for await (const keys of client.scanIterator({ MATCH: `*${prefix}*`, COUNT: 1_000 })) {
        for (const key of [keys].flat()) await client.unlink(key)
      }
      client.destroy()
    },
  }
}

async function openPostgres(url: string): Promise<DemoStore> {
  const { default: pg } = await import('pg') // or postgres.js, PGlite
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  pool.on('error', (error: Error) => console.error(error.message))
  const query = async (text: string, parameters: (string | null)[]) =>
    (await pool.query(text, parameters)).rows
  const schema = `sallyport_demo_${randomBytes(6).toString('hex')}`
  await createPostgresTables(query, { schema })
  return {
    store: postgresStore(query, { schema }),
    async close() {
      await pool.query(`drop schema "${schema}" cascade`)
      await pool.end()
    },
  }
}
