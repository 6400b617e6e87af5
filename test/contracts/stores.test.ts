import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createSqliteTables, sqliteStore } from '../../src/stores/sqlite.js'
import { createStoreContract } from '../../src/testing/store-contract.js'
import { sqliteClients, temporaryFolder } from '../support/sqlite.js'

/** Makes a store, and answers with what opens connections to it and what ends them. To add yours, add it here. */
const stores: Readonly<Record<string, () => Promise<Connections> | Connections>> = {
  memoryStore() {
    const store = memoryStore()
    return { connect: () => store, end: () => undefined }
  },
  ...Object.fromEntries(
    sqliteClients.map(({ name, open }) => [
      `sqliteStore, by ${name}`,
      () => {
        const folder = temporaryFolder()
        const databases = [open(`${folder.path}/contract.db`)]
        for (const database of databases) createSqliteTables(database)
        const connect = () => {
          const database = open(`${folder.path}/contract.db`)
          databases.push(database)
          return sqliteStore(database)
        }
        const end = () => {
          for (const database of databases) database.close()
          folder.remove()
        }
        return { connect, end }
      },
    ]),
  ),
}

interface Connections {
  connect(): Store | Promise<Store>
  end(): unknown
}

describe.each(Object.entries(stores))('the contract of stores: %s', (_name, make) => {
  let connections: Connections
  beforeAll(async () => {
    connections = await make()
  })
  afterAll(() => connections.end())

  for (const { name, run } of createStoreContract(1_800_000_000)) {
    test(name, () => run(connections.connect))
  }
})
