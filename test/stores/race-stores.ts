import type { Store } from '../../src/lifecycle/store/store.js'
import { postgresStore } from '../../src/stores/postgres.js'
import { redisStore } from '../../src/stores/redis.js'
import { sqliteStore } from '../../src/stores/sqlite.js'
import { POSTGRES_CLIENTS } from '../support/postgres.js'
import { REDIS_CLIENTS } from '../support/redis.js'
import { sqliteClients } from '../support/sqlite.js'
import type { StoreAddress } from './race.js'

/** Opens a store by its address, with a connection of this process. */
export async function openStore(
  address: StoreAddress,
): Promise<{ readonly store: Store; close(): unknown }> {
  switch (address.kind) {
    case 'sqlite': {
      const client = sqliteClients.find(({ name }) => name === address.client)
      if (client === undefined) throw new Error(`there is no client ${address.client}`)
      const database = client.open(address.path)
      return {
        store: sqliteStore(database, { busyTimeoutMilliseconds: 20_000 }),
        close: () => database.close(),
      }
    }
    case 'postgres': {
      const { query, close } = POSTGRES_CLIENTS.pg(address.url, 2)
      return { store: postgresStore(query, { schema: address.schema }), close }
    }
    case 'redis': {
      const { command, close } = await REDIS_CLIENTS[address.client](address.at)
      return { store: redisStore(command, { prefix: address.prefix }), close }
    }
  }
}
