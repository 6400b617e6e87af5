import * as z from 'zod/mini'
import { checkedOptions } from '../../shared/options.js'
import type { Migration } from '../sql/migration.js'

/**
 * Runs one statement with its parameters `$1`, `$2`, ... and answers with its rows, each an object by column. May use another
 * connection each time. Rejects when the statement fails.
 */
export type PostgresQuery = (
  text: string,
  parameters: (string | null)[],
) => PromiseLike<readonly unknown[]>

export interface PostgresTableOptions {
  /**
   * Where the tables are: `sallyport` by default. 1 to 63 of `A-Z`, `a-z`, `0-9`, `_` and `-`, the first not a digit or `-`;
   * its case counts.
   */
  readonly schema?: string
}

/**
 * The tables of `postgresStore`, as SQL for your own migrations, with the schema's name filled in.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function postgresMigrations(options: PostgresTableOptions = {}): readonly Migration[] {
  const { schema = 'sallyport' } = checkedOptions('postgresMigrations', OPTIONS, options)
  return [{ version: 1, sql: firstVersion(`"${schema}"`) }]
}

/**
 * Makes the tables that are not there yet, in one transaction. Several processes may do so at once. Needs the right to create
 * schemas in the database, which the store itself does not.
 *
 * Rejects as the query does.
 *
 * @throws ConfigurationError `option_invalid`
 */
export async function createPostgresTables(
  query: PostgresQuery,
  options: PostgresTableOptions = {},
): Promise<void> {
  const migrations = postgresMigrations(options)
  // One statement, since the next may come to another connection. The lock, for `if not exists` alone fails when two make
  // the same at once; no notices, for some clients print them. No name has a dollar sign.
  await query(
    `do $sallyport$ begin
perform set_config('client_min_messages', 'warning', true);
perform pg_advisory_xact_lock(hashtext('sallyport'));
${migrations.map(({ sql }) => sql).join('\n')}
end $sallyport$`,
    [],
  )
}

// Texts are compared by their bytes: what another collation takes for equal, or sorts anew after an upgrade, is an id here.
// An index row has no room for a name and an id of full length, so names are kept as their hashes.
function firstVersion(schema: string): string {
  return `create schema if not exists ${schema};

create table if not exists ${schema}.records (
  kind text collate "C" not null,
  id text collate "C" not null,
  version bigint not null,
  value text collate "C" not null,
  expires_at bigint,
  primary key (kind, id)
);
create index if not exists records_expires_at
  on ${schema}.records (expires_at) where expires_at is not null;

create table if not exists ${schema}.listings (
  kind text collate "C" not null,
  name_hash bytea not null,
  id text collate "C" not null,
  expires_at bigint,
  primary key (kind, name_hash, id)
);
create index if not exists listings_expires_at
  on ${schema}.listings (expires_at) where expires_at is not null;

create table if not exists ${schema}.feed (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  version bigint not null,
  text text collate "C" not null,
  until bigint not null,
  primary key (xid, seq)
);
create index if not exists feed_until on ${schema}.feed (until);
`
}

/** Not only quoted: PostgreSQL cuts longer names off, and then two are one. */
export const SCHEMA: z.ZodMiniString = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/))

const OPTIONS = /* @__PURE__ */ z.strictObject({ schema: z.optional(SCHEMA) })
