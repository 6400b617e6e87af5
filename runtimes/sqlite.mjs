// The contract of stores, kept by `sqliteStore` with the client of SQLite that is named: one line of JSON.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteTables, sqliteStore } from '../dist/stores/sqlite.js'
import { createStoreContract } from '../dist/testing/index.js'

const CLIENTS = {
  'better-sqlite3': async () => (await import('better-sqlite3')).default,
  'bun:sqlite': async () => (await import('bun:sqlite')).Database,
  'node:sqlite': async () => (await import('node:sqlite')).DatabaseSync,
}

const Database = await CLIENTS[process.argv[2]]()
console.log(JSON.stringify(await contract((path) => new Database(path))))

/** Runs every case on one file, to which each connection is another. */
async function contract(open) {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'))
  const databases = [open(join(folder, 'contract.db'))]
  const answers = {}
  const failures = []
  createSqliteTables(databases[0])
  const connect = () => {
    databases.push(open(join(folder, 'contract.db')))
    return sqliteStore(databases.at(-1))
  }
  for (const { name, run } of createStoreContract(1_800_000_000)) {
    try {
      await run(connect)
      answers[name] = 'kept'
    } catch (error) {
      answers[name] = 'broken'
      failures.push(`${name}: ${error.message}`)
    }
  }
  for (const database of databases) database.close()
  rmSync(folder, { recursive: true })
  return { answers, failures }
}
