/** A place in each store that nobody else uses, and that is empty again afterwards. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createPostgresTables } from '../../../src/stores/postgres.js'
import { createSqliteTables } from '../../../src/stores/sqlite.js'
import type { StoreAddress } from '../../stores/race.js'
import { aSchema, dropSchema, findPostgres, POSTGRES_CLIENTS } from '../../support/postgres.js'
import { aPrefix, deleteKeys, findRedis, REDIS_CLIENTS } from '../../support/redis.js'
import { sqliteClients, temporaryFolder } from '../../support/sqlite.js'

export const STORES = ['sqlite', 'redis', 'postgres'] as const
export type StoreName = (typeof STORES)[number]

export interface Place {
  readonly address: StoreAddress
  remove(): Promise<void>
}

/** Null, said loudly, where there is no such server. */
export async function aPlace(store: StoreName): Promise<Place | null> {
  switch (store) {
    case 'sqlite': {
      const folder = temporaryFolder()
      const path = join(folder.path, `${randomBytes(4).toString('hex')}.db`)
      const client = sqliteClients[0]
      if (client === undefined) throw new Error('no client of SQLite')
      const database = client.open(path)
      createSqliteTables(database)
      database.close()
      return {
        address: { kind: 'sqlite', client: client.name, path },
        remove: async () => folder.remove(),
      }
    }
    case 'redis': {
      const at = await findRedis()
      if (at === null) return null
      const prefix = aPrefix()
      return {
        address: { kind: 'redis', client: 'ioredis', at, prefix },
        async remove() {
          const { command, close } = await REDIS_CLIENTS.ioredis(at)
          await deleteKeys(command, prefix)
          await close()
        },
      }
    }
    case 'postgres': {
      const url = await findPostgres()
      if (url === null) return null
      const schema = aSchema()
      const { query, close } = POSTGRES_CLIENTS.pg(url)
      await createPostgresTables(query, { schema })
      await close()
      return {
        address: { kind: 'postgres', url, schema },
        async remove() {
          const connection = POSTGRES_CLIENTS.pg(url)
          await dropSchema(connection.query, schema)
          await connection.close()
        },
      }
    }
  }
}
