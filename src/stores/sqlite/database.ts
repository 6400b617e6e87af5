/** What we use of a connection: `better-sqlite3`, `node:sqlite`, `bun:sqlite` and `libsql` all have it. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement
  /** Runs one statement or several, and drops their rows. */
  exec(sql: string): unknown
}

/** A prepared statement, whose parameters are given by position. */
export interface SqliteStatement {
  all(...parameters: SqliteParameter[]): unknown[]
}

export type SqliteParameter = string | number | null

/** Ends a transaction that failed. The database may have ended it already, or be gone: what failed says so. */
export function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('rollback')
  } catch {}
}
