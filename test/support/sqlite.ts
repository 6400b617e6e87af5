import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import type { SqliteDatabase } from '../../src/stores/sqlite.js'

/** A client of SQLite that answers at once. */
export interface SqliteClient {
  readonly name: string
  open(path: string): ClosableDatabase
}

export interface ClosableDatabase extends SqliteDatabase {
  close(): void
}

/**
 * The clients that this runtime has: `libsql` everywhere, `node:sqlite` since Node 22.13. The others are proven by
 * `npm run runtimes`, for their packages do not install on every Node that we support.
 */
export const sqliteClients: readonly SqliteClient[] = [
  { name: 'libsql', open: (path) => new Libsql(path) },
  ...nodeSqlite(),
]

/** A folder for database files. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-sqlite-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Every text in every table, for tests that look for what must not be there, or try whether it opens a door. */
export function everyTextInSqlite(database: SqliteDatabase): readonly string[] {
  const tables = column(database, `select name from sqlite_master where type = 'table'`)
  return tables.flatMap((table) =>
    database
      .prepare(`select * from "${table}"`)
      .all()
      .flatMap((row) => Object.values(row as Readonly<Record<string, unknown>>)) // a row is an object in every client
      .filter((value) => typeof value === 'string'),
  )
}

function column(database: SqliteDatabase, sql: string): readonly string[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => String(Object.values(row as Readonly<Record<string, unknown>>)[0]))
}

function nodeSqlite(): readonly SqliteClient[] {
  const builtin = process.getBuiltinModule('node:sqlite') as
    | typeof import('node:sqlite')
    | undefined // what the types do not know: Node 20 has none
  if (builtin === undefined) return []
  return [{ name: 'node:sqlite', open: (path) => new builtin.DatabaseSync(path) }]
}
