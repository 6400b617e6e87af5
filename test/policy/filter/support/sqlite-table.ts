import type { SqlCondition } from '../../../../src/policy/filter/sql/to-sql.js'
import type { ClosableDatabase } from '../../../support/sqlite.js'
import type { Column } from './rows.js'
import { randomRows } from './rows.js'
import type { RowTable } from './run-filters.js'

/** A table in SQLite, with values of every type in every column, and columns that were declared as something else. */
export function createSqliteTable(database: ClosableDatabase, seed: number): RowTable {
  database.exec(
    `create table things (row integer primary key, ${COLUMNS.map(({ name, declared }) => `${name} ${declared}`).join(', ')})`,
  )
  const insert = database.prepare(
    `insert into things (${COLUMNS.map(({ name }) => name).join(', ')}) values (${COLUMNS.map(() => '?').join(', ')}) returning row`,
  )
  for (const row of randomRows(seed, ROWS, COLUMNS, () => WRONG)) {
    insert.all(...row.map((value, index) => stored(value, COLUMNS[index]?.kind)))
  }
  // What JavaScript cannot write is written by SQLite itself.
  database.exec(`update things set n1 = 9e999, n2 = -9e999 where row % 31 = 0;
    update things set s0 = x'61', n3 = x'31', b1 = 1.0, b2 = 2, b3 = '1' where row % 29 = 0;
    update things set n0 = 9007199254740993, n1 = 9007199254740992, n2 = 9007199254740991,
      n3 = 9007199254740993, b0 = '1' where row % 11 = 0`)
  // Some clients read no integers beyond 2^53; those that do round them.
  const columns = COLUMNS.map(({ name }) =>
    name.startsWith('n')
      ? `iif(typeof(${name}) = 'integer', cast(${name} as real), ${name}) as ${name}`
      : name,
  )
  const read = database
    .prepare(`select ${columns.join(', ')} from things order by row`)
    .all() as Readonly<Record<string, unknown>>[] // rows of the table above
  const unread = new Map(
    COLUMNS.map(({ name }) => [name, rowsWhere(database, isUnreadable(name))] as const),
  )
  return {
    columns: COLUMNS,
    dialect: 'sqlite',
    mayLeaveOut: (row, column) => unread.get(column)?.has(row) === true,
    rows: read.map((row) =>
      Object.fromEntries(COLUMNS.map(({ name, kind }) => [name, asRead(row[name], kind)])),
    ),
    async select({ text, parameters }: SqlCondition) {
      const found = database
        .prepare(`select row from things where ${text} order by row`)
        .all(...(parameters as (string | number)[])) // no lists for SQLite
      return found.map((one) => Number((one as { readonly row: unknown }).row) - 1)
    },
    close: async () => database.close(),
  }
}

/** What the guide says is left out of comparisons: a list may then show fewer rows than points permit. */
function isUnreadable(name: string): string {
  return `instr(${name}, char(0)) > 0 or ${name} glob '*\\u[dD][89a-fA-F]*' or ${name} glob '*\\u0000*'`
}

function rowsWhere(database: ClosableDatabase, condition: string): ReadonlySet<number> {
  const found = database.prepare(`select row from things where ${condition}`).all()
  return new Set(found.map((one) => Number((one as { readonly row: unknown }).row) - 1))
}

/** As the guide says to store it. */
function stored(value: unknown, kind: Column['kind'] | undefined): string | number | null {
  if (typeof value === 'boolean') return Number(value)
  if (Array.isArray(value)) return JSON.stringify(value)
  return kind === 'strings' && typeof value === 'string' && !WRONG.includes(value)
    ? JSON.stringify([value])
    : (value as string | number | null)
}

/** As the guide says to read it. */
function asRead(value: unknown, kind: Column['kind']): unknown {
  if (kind === 'boolean') return value === 1 ? true : value === 0 ? false : value
  if (kind !== 'strings' || typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const ROWS = 160
const WRONG: readonly (string | number)[] = [
  ...['5', '0', 'a', 'A', '', '[', '[1]', '["a",null]', '["a",["b"]]', '{"a":"a"}', '"a"', 'null'],
  ...['[]', '[ "a" , "b" ]', ' ["a"]', '1.0', ' 1 '],
  ...['a\0', 'a\0b', '\0', '\ud800', '["a\\u0000"]', '["a\\u0000b","b"]', '["\\ud800"]', '["a"]\0'],
  ...['["\\uD83D\\uDE00"]', '["a\\\\u0000"]', '["\\\\\\u0000"]', '["\\udfff","a"]'],
  ...[0, 1, 2, 0.5, 5],
]
const column = (name: string, kind: Column['kind'], declared: string): Column => ({
  name,
  kind,
  declared,
})
const COLUMNS: readonly Column[] = [
  column('s0', 'string', 'text'),
  column('s1', 'string', 'text collate nocase'),
  column('s2', 'string', ''),
  column('s3', 'string', 'numeric'),
  column('s4', 'string', 'text collate rtrim'),
  column('s5', 'string', 'integer'),
  column('n0', 'number', 'integer'),
  column('n1', 'number', 'real'),
  column('n2', 'number', ''),
  column('n3', 'number', 'text'),
  column('n4', 'number', 'numeric'),
  column('n5', 'number', 'blob'),
  column('b0', 'boolean', 'boolean'),
  column('b1', 'boolean', 'integer'),
  column('b2', 'boolean', ''),
  column('b3', 'boolean', 'text'),
  column('l0', 'strings', 'text'),
  column('value', 'strings', 'text'),
  column('type', 'strings', ''),
  column('l3', 'strings', 'integer'),
]
