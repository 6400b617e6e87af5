import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import postgres from 'postgres'
import type { PostgresQuery } from '../../src/stores/postgres.js'

/** A connection, or a pool of them, of one client. */
export interface PostgresConnection {
  readonly query: PostgresQuery
  close(): Promise<void>
}

/**
 * A PostgreSQL to test with: `SALLYPORT_TEST_POSTGRES` (a URL), else the one on 127.0.0.1:5432 with a database `test` that
 * `postgres` may use without a password. Null, said loudly, where there is none; with `SALLYPORT_REQUIRE_SERVICES` set that is
 * an error.
 *
 * It may be a developer's: make schemas of random names, and drop them.
 */
export async function findPostgres(): Promise<string | null> {
  const named = process.env['SALLYPORT_TEST_POSTGRES']
  const url = named ?? 'postgres://postgres@127.0.0.1:5432/test'
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.query('select 1')
    return url
  } catch (cause) {
    if (named !== undefined)
      throw new Error('Nothing answers at SALLYPORT_TEST_POSTGRES.', { cause })
    const why = 'No PostgreSQL at 127.0.0.1:5432: no races, crashes or real clients were tested.'
    if (process.env['SALLYPORT_REQUIRE_SERVICES'] !== undefined) throw new Error(why, { cause })
    process.stderr.write(`SKIPPED: ${why}\n`)
    return null
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The clients that the store is promised to work with, as the guide says to use them. */
export const POSTGRES_CLIENTS = {
  pg(url: string, connections = 1): PostgresConnection {
    const pool = new pg.Pool({ connectionString: url, max: connections })
    pool.on('error', () => undefined) // a server that ends an idle connection: the next query makes another
    return {
      query: async (text, parameters) => (await pool.query(text, parameters)).rows,
      close: () => pool.end(),
    }
  },
  'postgres.js'(url: string, connections = 1): PostgresConnection {
    const sql = postgres(url, { max: connections, onnotice: () => undefined })
    return {
      query: (text, parameters) => sql.unsafe(text, parameters),
      close: () => sql.end(),
    }
  },
} satisfies Readonly<Record<string, (url: string, connections?: number) => PostgresConnection>>

/** How long PGlite may take to start, on a machine that has much else to do. */
export const STARTING_MILLISECONDS = 60_000

/** PostgreSQL inside this process, with one connection for all. */
export async function startPGlite(): Promise<PostgresConnection> {
  const database = await PGlite.create()
  return {
    query: async (text, parameters) => (await database.query(text, parameters)).rows,
    close: () => database.close(),
  }
}

/** A name that nobody else has. */
export function aSchema(): string {
  return `test-${crypto.randomUUID()}`
}

export async function dropSchema(query: PostgresQuery, schema: string): Promise<void> {
  await query(
    `do $$ begin
  perform set_config('client_min_messages', 'warning', true);
  drop schema if exists "${schema}" cascade;
end $$`,
    [],
  )
}

/** Every text in every table of a schema, for tests that look for what must not be there, or try whether it opens a door. */
export async function everyTextInPostgres(
  query: PostgresQuery,
  schema: string,
): Promise<readonly string[]> {
  const tables = await query(
    'select tablename from pg_catalog.pg_tables where schemaname = $1::text order by 1',
    [schema],
  )
  const found: string[] = []
  for (const table of tables) {
    const { tablename } = table as { readonly tablename: unknown } // the column that was asked for
    for (const row of await query(`select * from "${schema}"."${tablename}"`, [])) {
      // A row is an object in every client.
      for (const value of Object.values(row as Readonly<Record<string, unknown>>)) {
        if (typeof value === 'string') found.push(value)
      }
    }
  }
  return found
}
