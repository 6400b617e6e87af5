import * as z from 'zod/mini'
import type {
  InsertOptions,
  RecordKey,
  Store,
  StoredRecord,
  WriteOptions,
} from '../lifecycle/store/store.js'
import { checkedOptions, functionOption } from '../shared/options.js'
import { withoutParameters } from './postgres/failure.js'
import { cursorOf, type FeedPlace, placeOf, START } from './postgres/feed.js'
import { type PostgresQuery, type PostgresTableOptions, SCHEMA } from './postgres/tables.js'
import { textIn, wholeIn } from './sql/row.js'

export {
  createPostgresTables,
  type PostgresQuery,
  type PostgresTableOptions,
  postgresMigrations,
} from './postgres/tables.js'
export type { Migration } from './sql/migration.js'

export interface PostgresStoreOptions extends PostgresTableOptions {
  /**
   * A channel to notify of each entry in the feed, for whoever listens to it: 1 to 63 of `a-z`, `0-9` and `_`, the first not a
   * digit. None by default.
   */
  readonly channel?: string
}

/**
 * A store in a PostgreSQL database (13 or later, in UTF-8): for any number of processes and machines. Rejects when the query
 * does, with what that said and nothing of what was sent; whether that write happened is then unknown.
 *
 * Each write is one statement, with its entry in the feed, so that any pool will do, also one that gives each transaction
 * another connection. Needs the isolation level that PostgreSQL has by default, `read committed`: with stricter ones some
 * writes that meet on one record fail.
 *
 * Makes no tables: `createPostgresTables` does, or `postgresMigrations` among your own.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function postgresStore(query: PostgresQuery, options: PostgresStoreOptions = {}): Store {
  const checked = checkedOptions('postgresStore', OPTIONS, { ...options, query })
  const { schema = 'sallyport', channel } = checked
  const [records, listings, feed] = [
    `"${schema}".records`,
    `"${schema}".listings`,
    `"${schema}".feed`,
  ]

  const asked = async (text: string, values: (string | null)[]): Promise<unknown> => {
    try {
      return await query(text, values)
    } catch (cause) {
      throw withoutParameters(cause)
    }
  }

  const rows = async (text: string, { values }: Parameters): Promise<readonly unknown[]> => {
    const answer = await asked(text, values)
    if (!Array.isArray(answer)) throw new Error("The query function's answer is no list of rows.")
    return answer
  }

  /**
   * The version that a statement has written, and with it the notice and the names; null if it has written nothing.
   *
   * INVARIANT: one statement, so that all of it happens or nothing.
   */
  const write = async (
    { kind, id }: RecordKey,
    statement: string,
    bind: Parameters,
    { notice, expiresAt, indexes = [] }: InsertOptions,
  ): Promise<number | null> => {
    const parts = [`written as (${statement} returning version)`]
    if (notice !== undefined) {
      parts.push(`noted as (
  insert into ${feed} (version, text, until)
  select version, ${bind.text(notice.text)}, ${bind.whole(notice.until)} from written)`)
    }
    if (indexes.length > 0) {
      const names = indexes.map((name) => `(${bind.text(name)})`).join(', ')
      parts.push(`listed as (
  insert into ${listings} (kind, name_hash, id, expires_at)
  select ${bind.text(kind)}, sha256(convert_to(name, 'UTF8')), ${bind.text(id)}, ${bind.whole(expiresAt)}
  from written, (values ${names}) as given (name) group by name
  on conflict (kind, name_hash, id) do update set expires_at = excluded.expires_at)`)
    }
    const woken =
      notice === undefined || channel === undefined ? '' : `, pg_notify('${channel}', '')::text`
    const [row] = await rows(
      `with ${parts.join(', ')} select version::text${woken} from written`,
      bind,
    )
    return row === undefined ? null : wholeIn(row, 'version')
  }

  const find = async (keys: readonly RecordKey[]): Promise<ReadonlyMap<string, StoredRecord>> => {
    const bind = new Parameters()
    const wanted = keys.map(
      ({ kind, id }) => `(kind = ${bind.text(kind)} and id = ${bind.text(id)})`,
    )
    const found = await rows(
      `select kind, id, version::text, value from ${records} where ${wanted.join(' or ')}`,
      bind,
    )
    return new Map(
      found.map((row) => [
        `${textIn(row, 'kind')}\n${textIn(row, 'id')}`,
        { version: wholeIn(row, 'version'), value: textIn(row, 'value') },
      ]),
    )
  }

  /** What the feed has beyond a place, and where that leaves a reader. */
  const readOn = async ({ seen, underWay }: FeedPlace, limit: number) => {
    const bind = new Parameters()
    const snapshot = `${bind.text(seen)}::pg_snapshot`
    // One bound and no more: with a second, weaker one the index may be read from there.
    const begin =
      underWay === null
        ? `xid >= pg_snapshot_xmin(${snapshot})`
        : `(xid, seq) > (${bind.text(underWay.xid)}::xid8, ${bind.text(underWay.seq)}::bigint)`
    // A standby does not know which transactions are under way, only which one is the first.
    return rows(
      `with now as (
  select case when pg_is_in_recovery()
      then xmin::text || ':' || xmin::text || ':'
      else snapshot::text end as snapshot,
    (pg_snapshot_xmax(${snapshot}) > pg_snapshot_xmax(snapshot))::int::text as is_ahead
  from (select pg_current_snapshot() as snapshot, pg_snapshot_xmin(pg_current_snapshot()) as xmin) as taken
)
select now.*, entry.* from now left join lateral (
  select xid::text, seq::text, version::text, text, until::text from ${feed}
  where ${begin} and not pg_visible_in_snapshot(xid, ${snapshot})
  order by feed.xid, feed.seq limit ${bind.whole(limit + 1)}
) as entry on true`,
      bind,
    )
  }

  return Object.freeze<Store>({
    async get(keys) {
      if (keys.length === 0) return []
      const found = await find(keys)
      return keys.map(({ kind, id }) => found.get(`${kind}\n${id}`) ?? null)
    },

    async insert(key, value, options) {
      const bind = new Parameters()
      const statement = `${insertInto(records, bind, key, value, options)}
  set version = 1, value = excluded.value, expires_at = excluded.expires_at
  where held.expires_at <= ${bind.whole(options.now)}`
      return (await write(key, statement, bind, options)) !== null
    },

    async cas(key, version, value, options) {
      const bind = new Parameters()
      const statement = `update ${records}
  set version = version + 1, value = ${bind.text(value)}, expires_at = ${bind.whole(options.expiresAt)}
  where kind = ${bind.text(key.kind)} and id = ${bind.text(key.id)} and version = ${bind.whole(version)}`
      const next = await write(key, statement, bind, options)
      if (next !== null) return { kind: 'swapped', version: next }
      // A statement of its own: in the same one a select sees what was there before the race.
      const [current = null] = (await find([key])).values()
      return { kind: 'conflict', current }
    },

    async incr(key, value, options) {
      const bind = new Parameters()
      const statement = `${insertInto(records, bind, key, value, options)}
  set version = held.version + 1, value = excluded.value, expires_at = excluded.expires_at`
      const version = await write(key, statement, bind, options)
      if (version === null) throw new Error('PostgreSQL has written nothing.')
      return version
    },

    async list(kind, index, { after, limit }) {
      const bind = new Parameters()
      const found = await rows(
        `select id from ${listings}
where kind = ${bind.text(kind)} and name_hash = sha256(convert_to(${bind.text(index)}, 'UTF8'))
  and id > ${bind.text(after ?? '')} order by id limit ${bind.whole(limit + 1)}`,
        bind,
      )
      const ids = found.slice(0, limit).map((row) => textIn(row, 'id'))
      return { ids, next: found.length > limit ? (ids.at(-1) ?? null) : null }
    },

    async feed({ after, limit }) {
      let place = placeOf(after)
      let found = await readOn(place, limit)
      // The cursor is from after a loss of data, and what the reader has not seen may have any id.
      if (wholeIn(found[0], 'is_ahead') === 1) {
        place = START
        found = await readOn(place, limit)
      }
      const entries = found.filter((row) => !isEmpty(row)).slice(0, limit)
      const snapshot = place.underWay?.snapshot ?? textIn(found[0], 'snapshot')
      const more = found.length > limit
      const last = entries.at(-1)
      return {
        entries: entries.map((row) => ({
          text: textIn(row, 'text'),
          until: wholeIn(row, 'until'),
          version: wholeIn(row, 'version'),
        })),
        cursor: cursorOf(
          more
            ? {
                seen: place.seen,
                underWay: { snapshot, xid: textIn(last, 'xid'), seq: textIn(last, 'seq') },
              }
            : { seen: snapshot, underWay: null },
        ),
        more,
      }
    },

    async sweep(now) {
      let forgotten = 0
      for (const [table, column] of [
        [records, 'expires_at'],
        [feed, 'until'],
        [listings, 'expires_at'],
      ] as const) {
        for (let gone = BATCH; gone === BATCH; ) {
          const bind = new Parameters()
          // Whoever holds a row just now is about to make it last longer, or sweeps too.
          const [row] = await rows(
            `with run_out as (
  select ctid from ${table} where ${column} <= ${bind.whole(now)}
  limit ${bind.whole(BATCH)} for update skip locked
), gone as (
  delete from ${table} where ctid = any (array(select ctid from run_out)) returning 1
) select count(*)::text as gone from gone`,
            bind,
          )
          gone = wholeIn(row, 'gone')
          if (table !== listings) forgotten += gone
        }
      }
      return forgotten
    },
  })
}

/**
 * Parameters as every client and connection pool passes them on: as texts, whose types the statement says. (Clients differ
 * in how they take numbers, arrays and JSON.)
 */
class Parameters {
  readonly values: (string | null)[] = []

  text(value: string): string {
    return `$${this.values.push(value)}::text`
  }

  whole(value: number | null): string {
    return `$${this.values.push(value === null ? null : String(value))}::bigint`
  }
}

function insertInto(
  records: string,
  bind: Parameters,
  { kind, id }: RecordKey,
  value: string,
  { expiresAt }: WriteOptions,
): string {
  return `insert into ${records} as held (kind, id, version, value, expires_at)
  values (${bind.text(kind)}, ${bind.text(id)}, 1, ${bind.text(value)}, ${bind.whole(expiresAt)})
  on conflict (kind, id) do update`
}

/** The row that brings the snapshot when there is no entry. */
function isEmpty(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'xid' in row && row.xid === null
}

const BATCH = 1_000

const OPTIONS = /* @__PURE__ */ z.strictObject({
  query: /* @__PURE__ */ functionOption<PostgresQuery>(),
  schema: z.optional(SCHEMA),
  channel: z.optional(
    /* @__PURE__ */ z.string().check(/* @__PURE__ */ z.regex(/^[a-z_][a-z0-9_]{0,62}$/)),
  ),
})
