import pg from 'pg'
import type { SqlColumnType } from '../../../../src/policy/filter/sql/sql-writer.js'
import type { SqlCondition } from '../../../../src/policy/filter/sql/to-sql.js'
import { aSchema, dropSchema } from '../../../support/postgres.js'
import { type Column, MEMBERS, randomRows } from './rows.js'
import type { RowTable } from './run-filters.js'

/** A table in PostgreSQL, in a schema of its own, with columns of the types that an attribute may be kept in. */
export async function createPostgresTable(url: string, seed: number): Promise<RowTable> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const query = async (text: string, parameters: unknown[] = []): Promise<readonly unknown[]> =>
    (await client.query(text, parameters)).rows
  const schema = aSchema()
  const table = `"${schema}".things`
  await query(`create schema "${schema}"`)
  await query(
    `create collation "${schema}".blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  )
  const members = MEMBERS.map((member) => `'${member.replaceAll("'", "''")}'`)
  await query(`create type "${schema}".fixed as enum (${members.join(', ')})`)
  const declared = COLUMNS.map(({ name, declared: type }) =>
    `${name} ${type}`.replace(/blind|fixed/, (own) => `"${schema}".${own}`),
  )
  await query(`create table ${table} (row serial primary key, ${declared.join(', ')})`)
  const places = COLUMNS.map((_, index) => `$${index + 1}`).join(', ')
  const names = COLUMNS.map(({ name }) => name).join(', ')
  for (const row of randomRows(seed, ROWS, COLUMNS, wrongFor)) {
    await query(`insert into ${table} (${names}) values (${places})`, [...row])
  }
  await query(
    `update ${table} set n0 = 9007199254740993, n1 = 9007199254740992, n3 = 9007199254740992 where row % 11 = 0`,
  )
  await query(
    `update ${table} set l0 = '{{a,b},{a,b}}', l1 = '{a,NULL}', n2 = 'NaN', n0 = -9223372036854775808 where row % 23 = 0`,
  )
  const read = await query(`select * from ${table} order by row`)
  return {
    columns: COLUMNS,
    dialect: 'postgres',
    mayLeaveOut: () => false,
    rows: (read as Readonly<Record<string, unknown>>[]) // rows of the table above
      .map((row) =>
        Object.fromEntries(COLUMNS.map(({ name, kind }) => [name, asRead(row[name], kind)])),
      ),
    async select({ text, parameters }: SqlCondition) {
      // The query has a parameter of its own before those of the filter.
      const found = await query(
        `select row from ${table} where row > $1::integer and ${text} order by row`,
        [0, ...parameters],
      )
      return found.map((one) => Number((one as { readonly row: unknown }).row) - 1)
    },
    async close() {
      await dropSchema(query, schema)
      await client.end()
    },
  }
}

/** How clients read `bigint` and `numeric`: as texts, for the application to make numbers of. */
function asRead(value: unknown, kind: Column['kind']): unknown {
  return kind === 'number' && typeof value === 'string' ? Number(value) : value
}

function wrongFor({ kind, declared }: Column): readonly unknown[] {
  if (kind === 'strings') return [['a', null], [null], [], ['a', 'a']]
  return declared === 'double precision' ? ['NaN', 'Infinity', '-Infinity'] : []
}

const ROWS = 160
const column = (
  name: string,
  kind: Column['kind'],
  declared: string,
  type?: SqlColumnType,
): Column => ({ name, kind, declared, ...(type === undefined ? {} : { type }) })
const COLUMNS: readonly Column[] = [
  column('s0', 'string', 'text'),
  column('s1', 'string', 'text collate blind'),
  column('s2', 'string', 'varchar(80)'),
  column('s3', 'string', 'uuid', 'uuid'),
  column('s4', 'string', 'fixed', 'enum'),
  column('s5', 'string', 'text'),
  column('n0', 'number', 'bigint', 'integer'),
  column('n1', 'number', 'double precision'),
  column('n2', 'number', 'numeric'),
  column('n3', 'number', 'bigint'),
  column('n4', 'number', 'integer', 'integer'),
  column('n5', 'number', 'numeric'),
  column('b0', 'boolean', 'boolean'),
  column('b1', 'boolean', 'boolean'),
  column('b2', 'boolean', 'boolean'),
  column('b3', 'boolean', 'boolean'),
  column('l0', 'strings', 'text[]'),
  column('l1', 'strings', 'text[]'),
  column('l2', 'strings', 'varchar(80)[]'),
  column('l3', 'strings', 'text[]'),
]
