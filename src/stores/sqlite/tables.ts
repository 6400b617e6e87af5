import type { Migration } from '../sql/migration.js'
import { rollBack, type SqliteDatabase } from './database.js'

/** The tables of `sqliteStore`, as SQL for your own migrations. */
export const sqliteMigrations: readonly Migration[] = /* @__PURE__ */ Object.freeze([
  {
    version: 1,
    sql: `create table if not exists sallyport_records (
  kind text not null,
  id text not null,
  version integer not null,
  value text not null,
  expires_at integer,
  primary key (kind, id)
) strict;
create index if not exists sallyport_records_expires_at
  on sallyport_records (expires_at) where expires_at is not null;

create table if not exists sallyport_listings (
  kind text not null,
  name text not null,
  id text not null,
  expires_at integer,
  primary key (kind, name, id)
) strict, without rowid;
create index if not exists sallyport_listings_expires_at
  on sallyport_listings (expires_at) where expires_at is not null;

create table if not exists sallyport_feed (
  seq integer primary key autoincrement,
  version integer not null,
  text text not null,
  until integer not null
) strict;
create index if not exists sallyport_feed_until on sallyport_feed (until);
`,
  },
])

/**
 * Makes the tables that are not there yet, in one transaction. Several processes may do so at once.
 *
 * Throws what the database throws.
 */
export function createSqliteTables(database: SqliteDatabase): void {
  database.exec('begin immediate')
  try {
    for (const { sql } of sqliteMigrations) database.exec(sql)
    database.exec('commit')
  } catch (error) {
    rollBack(database)
    throw error
  }
}
