import * as z from 'zod/mini'
import type { RecordKey, Store, StoredRecord, WriteOptions } from '../lifecycle/store/store.js'
import { nextTurn } from '../runtime/event-loop.js'
import { checkedOptions, port, wholeNumber } from '../shared/options.js'
import { positionOf } from './cursor.js'
import { textIn, wholeIn } from './sql/row.js'
import {
  rollBack,
  type SqliteDatabase,
  type SqliteParameter,
  type SqliteStatement,
} from './sqlite/database.js'

export type { Migration } from './sql/migration.js'
export type { SqliteDatabase, SqliteParameter, SqliteStatement } from './sqlite/database.js'
export { createSqliteTables, sqliteMigrations } from './sqlite/tables.js'

export interface SqliteStoreOptions {
  /**
   * How long a call waits for the lock while another process writes: 2,000 by default, 0 to 60,000. The whole process waits,
   * for these clients answer at once.
   */
  readonly busyTimeoutMilliseconds?: number
}

/**
 * A store in an SQLite database: for one process or several on one machine, on a local disk. Answers at once, but for
 * `sweep`. Throws what the database throws.
 *
 * Sets up the connection: `busy_timeout`, `synchronous = full` (a write that was answered for survives a loss of power) and
 * `journal_mode = wal` (readers need not wait). Each write is a transaction of its own: inside one of yours it throws, for
 * your rollback would bring back what was used or revoked.
 *
 * Makes no tables: `createSqliteTables` does, or `sqliteMigrations` among your own.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): Store {
  const { busyTimeoutMilliseconds = 2_000 } = checkedOptions('sqliteStore', OPTIONS, {
    ...options,
    database,
  })
  setUp(database, busyTimeoutMilliseconds)
  const statements = new Map<string, SqliteStatement>()

  const rows = (sql: string, ...parameters: readonly SqliteParameter[]): readonly unknown[] => {
    // Some clients cut a text off there, and then two texts are one.
    if (parameters.some((each) => typeof each === 'string' && each.includes('\0'))) {
      throw new Error('SQLite cannot hold U+0000.')
    }
    const known = statements.get(sql)
    const statement = known ?? database.prepare(sql)
    if (known === undefined) statements.set(sql, statement)
    return statement.all(...parameters)
  }

  /** Does the work, which a failure leaves undone. */
  const atomically = <Result>(work: () => Result): Result => {
    // With `begin` alone the lock would come with the first write, and be refused if another process has written since.
    database.exec('begin immediate')
    try {
      const result = work()
      database.exec('commit')
      return result
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  /** The version that a statement has written, and the notice of it; null if it has written nothing. */
  const written = (sql: string, parameters: readonly SqliteParameter[], options: WriteOptions) => {
    const [row] = rows(sql, ...parameters)
    if (row === undefined) return null
    const version = wholeIn(row, 'version')
    const { notice } = options
    if (notice !== undefined) rows(INSERT_NOTICE, version, notice.text, notice.until)
    return version
  }

  const find = (keys: readonly RecordKey[]): ReadonlyMap<string, StoredRecord> => {
    const found = rows(selectRecords(keys.length), ...keys.flatMap(({ kind, id }) => [kind, id]))
    return new Map(
      found.map((row) => [
        `${textIn(row, 'kind')}\n${textIn(row, 'id')}`,
        { version: wholeIn(row, 'version'), value: textIn(row, 'value') },
      ]),
    )
  }

  return Object.freeze<Store>({
    get(keys) {
      if (keys.length === 0) return []
      const found = find(keys)
      return keys.map(({ kind, id }) => found.get(`${kind}\n${id}`) ?? null)
    },

    insert({ kind, id }, value, options) {
      const { now, expiresAt, indexes = [] } = options
      return atomically(() => {
        const version = written(INSERT_RECORD, [kind, id, value, expiresAt, now], options)
        if (version === null) return false
        for (const index of indexes) rows(INSERT_LISTING, kind, index, id, expiresAt)
        return true
      })
    },

    cas(key, version, value, options) {
      const parameters = [value, options.expiresAt, key.kind, key.id, version]
      return atomically(() => {
        const next = written(UPDATE_RECORD, parameters, options)
        if (next !== null) return { kind: 'swapped', version: next }
        const [current = null] = find([key]).values()
        return { kind: 'conflict', current }
      })
    },

    incr({ kind, id }, value, options) {
      const parameters = [kind, id, value, options.expiresAt]
      return atomically(() => {
        const version = written(UPSERT_RECORD, parameters, options)
        if (version === null) throw new Error('SQLite has written nothing.')
        return version
      })
    },

    list(kind, index, { after, limit }) {
      const found = rows(SELECT_LISTINGS, kind, index, after ?? '', limit + 1)
      const ids = found.slice(0, limit).map((row) => textIn(row, 'id'))
      return { ids, next: found.length > limit ? (ids.at(-1) ?? null) : null }
    },

    feed({ after, limit }) {
      // One transaction writes at a time, so that entries can be read in the order of their numbers.
      const [last] = rows(SELECT_SEQUENCE)
      const start = positionOf(after, last === undefined ? 0 : wholeIn(last, 'seq'))
      const found = rows(SELECT_FEED, start, limit + 1)
      const page = found.slice(0, limit)
      return {
        entries: page.map((row) => ({
          text: textIn(row, 'text'),
          until: wholeIn(row, 'until'),
          version: wholeIn(row, 'version'),
        })),
        cursor: String(page.length === 0 ? start : wholeIn(page.at(-1), 'seq')),
        more: found.length > limit,
      }
    },

    async sweep(now) {
      let forgotten = 0
      for (const [sql, counts] of SWEEPS) {
        for (let gone = BATCH; gone === BATCH; ) {
          gone = rows(sql, now, BATCH).length
          if (counts) forgotten += gone
          await nextTurn()
        }
      }
      return forgotten
    },
  })
}

function setUp(database: SqliteDatabase, busyTimeoutMilliseconds: number): void {
  database.exec(`pragma busy_timeout = ${busyTimeoutMilliseconds}`)
  database.exec('pragma synchronous = full')
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch {
      // The timeout is not kept for this statement if another process is here. Wait for the lock, and try again; without
      // this mode, which lasts once anybody has set it, the store is only slower.
      try {
        database.exec('begin immediate; commit')
      } catch {
        rollBack(database)
      }
    }
  }
}

const BATCH = 1_000

// Parameters are plain question marks: one client takes numbered ones for names.

function selectRecords(count: number): string {
  const wanted = Array.from({ length: count }, () => '(kind = ? and id = ?)').join(' or ')
  return `select kind, id, version, value from sallyport_records where ${wanted}`
}

const INSERT_RECORD = `insert into sallyport_records as held (kind, id, version, value, expires_at)
values (?, ?, 1, ?, ?)
on conflict (kind, id) do update
  set version = 1, value = excluded.value, expires_at = excluded.expires_at
  where held.expires_at <= ?
returning version`

const UPDATE_RECORD = `update sallyport_records set version = version + 1, value = ?, expires_at = ?
where kind = ? and id = ? and version = ?
returning version`

const UPSERT_RECORD = `insert into sallyport_records as held (kind, id, version, value, expires_at)
values (?, ?, 1, ?, ?)
on conflict (kind, id) do update
  set version = held.version + 1, value = excluded.value, expires_at = excluded.expires_at
returning version`

const INSERT_LISTING = `insert into sallyport_listings (kind, name, id, expires_at) values (?, ?, ?, ?)
on conflict (kind, name, id) do update set expires_at = excluded.expires_at
returning id`

const INSERT_NOTICE = `insert into sallyport_feed (version, text, until) values (?, ?, ?)
returning seq`

const SELECT_LISTINGS = `select id from sallyport_listings
where kind = ? and name = ? and id > ? order by id limit ?`

const SELECT_SEQUENCE = `select seq from sqlite_sequence where name = 'sallyport_feed'`

const SELECT_FEED = `select seq, version, text, until from sallyport_feed
where seq > ? order by seq limit ?`

/** Each with whether what it forgets is told. */
const SWEEPS = [
  [
    `delete from sallyport_records where rowid in
  (select rowid from sallyport_records where expires_at <= ? limit ?)
returning 1`,
    true,
  ],
  [
    `delete from sallyport_feed where seq in
  (select seq from sallyport_feed where until <= ? limit ?)
returning 1`,
    true,
  ],
  [
    `delete from sallyport_listings where (kind, name, id) in
  (select kind, name, id from sallyport_listings where expires_at <= ? limit ?)
returning 1`,
    false,
  ],
] as const

const OPTIONS = /* @__PURE__ */ z.strictObject({
  database: /* @__PURE__ */ port<SqliteDatabase>('prepare', 'exec'),
  busyTimeoutMilliseconds: z.optional(wholeNumber(0, 60_000)),
})
