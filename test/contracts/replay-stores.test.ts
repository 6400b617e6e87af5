import { afterAll, beforeAll, describe, test } from 'vitest'
import { memoryReplayStore } from '../../src/lifecycle/replay/memory-replay-store.js'
import type { ReplayStore } from '../../src/lifecycle/replay/replay-store.js'
import { storedReplays } from '../../src/lifecycle/replay/stored-replays.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createPostgresTables, postgresStore } from '../../src/stores/postgres.js'
import { redisStore } from '../../src/stores/redis.js'
import { createSqliteTables, sqliteStore } from '../../src/stores/sqlite.js'
import { createReplayStoreContract } from '../../src/testing/replay-store-contract.js'
import { findPostgres, POSTGRES_CLIENTS } from '../support/postgres.js'
import { aPrefix, deleteKeys, findRedis, REDIS_CLIENTS } from '../support/redis.js'
import { sqliteClients, temporaryFolder } from '../support/sqlite.js'

interface Connections {
  connect(): ReplayStore
  end(): unknown
}

const [redis, postgres] = [await findRedis(), await findPostgres()]

/** Makes a store, and answers with what opens connections to it and what ends them. To add yours, add it here. */
const stores: Readonly<Record<string, () => Promise<Connections> | Connections>> = {
  memoryReplayStore() {
    const store = memoryReplayStore()
    return { connect: () => store, end: () => undefined }
  },

  'storedReplays in memory'() {
    const store = storedReplays(memoryStore())
    return { connect: () => store, end: () => undefined }
  },

  ...Object.fromEntries(
    sqliteClients.map(({ name, open }) => [
      `storedReplays in SQLite, by ${name}`,
      () => {
        const folder = temporaryFolder()
        const databases = Array.from({ length: 4 }, () => open(`${folder.path}/replays.db`))
        for (const database of databases) createSqliteTables(database)
        return {
          connect: byTurns(databases.map((database) => storedReplays(sqliteStore(database)))),
          end() {
            for (const database of databases) database.close()
            folder.remove()
          },
        }
      },
    ]),
  ),

  ...(redis === null
    ? {}
    : {
        async 'storedReplays in Redis'() {
          const prefix = aPrefix()
          const connections = await Promise.all(
            Object.values(REDIS_CLIENTS).map((open) => open(redis)),
          )
          return {
            connect: byTurns(
              connections.map(({ command }) => storedReplays(redisStore(command, { prefix }))),
            ),
            async end() {
              const [first] = connections
              if (first !== undefined) await deleteKeys(first.command, prefix)
              for (const connection of connections) await connection.close()
            },
          }
        },
      }),

  ...(postgres === null
    ? {}
    : {
        async 'storedReplays in PostgreSQL'() {
          const schema = `replays_${crypto.randomUUID().replaceAll('-', '')}`
          const connections = Object.values(POSTGRES_CLIENTS).map((open) => open(postgres, 4))
          const [first] = connections
          if (first !== undefined) await createPostgresTables(first.query, { schema })
          return {
            connect: byTurns(
              connections.map(({ query }) => storedReplays(postgresStore(query, { schema }))),
            ),
            async end() {
              await first?.query(`drop schema "${schema}" cascade`, [])
              for (const connection of connections) await connection.close()
            },
          }
        },
      }),
}

function byTurns(stores: readonly ReplayStore[]): () => ReplayStore {
  let turn = 0
  return () => {
    const store = stores[turn++ % stores.length]
    if (store === undefined) throw new Error('there is no connection')
    return store
  }
}

describe.each(Object.entries(stores))('the contract of replay stores: %s', (_name, make) => {
  let connections: Connections
  beforeAll(async () => {
    connections = await make()
  })
  afterAll(() => connections.end())

  for (const { name, run } of createReplayStoreContract(1_800_000_000)) {
    test(name, () => run(connections.connect))
  }
})
