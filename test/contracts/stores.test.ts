import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createPostgresTables, postgresStore } from '../../src/stores/postgres.js'
import { createSqliteTables, sqliteStore } from '../../src/stores/sqlite.js'
import { createStoreContract } from '../../src/testing/store-contract.js'
import {
  aSchema,
  dropSchema,
  findPostgres,
  POSTGRES_CLIENTS,
  STARTING_MILLISECONDS,
  startPGlite,
} from '../support/postgres.js'
import { sqliteClients, temporaryFolder } from '../support/sqlite.js'

const postgresUrl = await findPostgres()

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
  async 'postgresStore, by PGlite'() {
    const { query, close } = await startPGlite()
    await createPostgresTables(query)
    const store = postgresStore(query)
    return { connect: () => store, end: close }
  },
  ...(postgresUrl === null
    ? {}
    : Object.fromEntries(
        Object.entries(POSTGRES_CLIENTS).map(([name, open]) => [
          `postgresStore, by ${name}`,
          async () => {
            const schema = aSchema()
            const connections = [open(postgresUrl)]
            for (const { query } of connections) await createPostgresTables(query, { schema })
            const connect = () => {
              const connection = open(postgresUrl)
              connections.push(connection)
              return postgresStore(connection.query, { schema })
            }
            const end = async () => {
              for (const { query } of connections.slice(0, 1)) await dropSchema(query, schema)
              for (const { close } of connections) await close()
            }
            return { connect, end }
          },
        ]),
      )),
}

interface Connections {
  connect(): Store | Promise<Store>
  end(): unknown
}

describe.each(Object.entries(stores))('the contract of stores: %s', (_name, make) => {
  let connections: Connections
  beforeAll(async () => {
    connections = await make()
  }, STARTING_MILLISECONDS)
  afterAll(() => connections.end())

  for (const { name, run } of createStoreContract(1_800_000_000)) {
    test(name, () => run(connections.connect))
  }
})
