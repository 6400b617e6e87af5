import { unreachable } from '../../../shared/result.js'
import type { Scalar } from '../../condition/condition.js'
import type { RowFilter } from '../filter.js'
import type { Where, WhereAttribute, WhereComparison, WhereIn } from '../where.js'
import { POSTGRES } from './postgres-leaves.js'
import { readColumns } from './read-columns.js'
import { isStorable, type SqlLeaves } from './sql-leaves.js'
import { invalid, joinedBy, type SqlColumn, type SqlParameter, SqlWriter } from './sql-writer.js'
import { SQLITE } from './sqlite-leaves.js'

export type SqlDialect = 'sqlite' | 'postgres'

export interface SqlOptions<Dialect extends SqlDialect = SqlDialect> {
  readonly dialect: Dialect
  /**
   * The columns of attributes that are named otherwise, or of another type: `{ author: 'author_id', id: { type: 'uuid' } }`.
   * Default: an attribute's own name, and the type of its kind.
   */
  readonly columns?: Readonly<Record<string, string | SqlColumn>>
  /** The table or its alias, for a query that joins several. Default: columns stand alone. */
  readonly table?: string
  /** How many parameters the query has before these: PostgreSQL numbers them. Default 0. */
  readonly offset?: number
}

/** A condition that can stand beside others in a `where`, and what it is to be run with. */
export interface SqlCondition<Dialect extends SqlDialect = SqlDialect> {
  readonly text: string
  /** In the order of the text. For PostgreSQL some are lists. */
  readonly parameters: readonly (Dialect extends 'sqlite' ? string | number : SqlParameter)[]
}

/**
 * A filter as a condition for an SQL query, true of exactly those rows that `decide` would permit as resources.
 *
 * Every value is a parameter, every name is quoted, and a list is one parameter however long. Columns have to hold what
 * `decide` is given of a row; the guide about lists says what that is in each database.
 *
 * ```ts
 * if (filter.kind === 'scope' || filter.kind === 'unavailable') return refuse(filter)
 * const { text, parameters } = toSql(filter, { dialect: 'postgres', offset: 1 })
 * await query(`select * from posts where id > $1 and ${text} order by id limit 20`, [after, ...parameters])
 * ```
 *
 * @throws ConfigurationError `option_invalid` for a name that cannot be one, for a column of an attribute that the type does
 * not have (where `filter.attributes` says which it has), and for more parameters than a query may have
 */
export function toSql<Dialect extends SqlDialect>(
  filter: RowFilter,
  options: SqlOptions<Dialect>,
): SqlCondition<Dialect> {
  const leaves = LEAVES.get(options.dialect)
  if (leaves === undefined) throw invalid('dialect is sqlite or postgres')
  const { table = null, offset = 0 } = options
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalid('offset is a whole number')
  const attributes = filter.kind === 'where' ? filter.attributes : undefined
  const columns = readColumns(options.columns === undefined ? {} : options.columns, attributes)
  const writer = new SqlWriter(leaves, { columns, table, offset })
  if (filter.kind !== 'where') return { text: String(filter.kind === 'all'), parameters: [] }
  const text = write(filter.where, leaves, writer)
  // SQLite's leaves write lists as JSON, and booleans as numbers.
  return { text, parameters: writer.parameters as SqlCondition<Dialect>['parameters'] }
}

function write(where: Where, leaves: SqlLeaves, writer: SqlWriter): string {
  switch (where.kind) {
    case 'allOf':
    case 'anyOf':
      return joinedBy(
        where.kind === 'allOf' ? 'and' : 'or',
        where.parts.map((part) => write(part, leaves, writer)),
      )
    case 'exists':
      return leaves.exists(writer, where.attribute)
    case 'in':
      return membership(where, false, leaves, writer)
    case 'not':
      return where.part.kind === 'in'
        ? membership(where.part, true, leaves, writer)
        : leaves.absent(writer, where.part.attribute)
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return comparison(where, leaves, writer)
    default:
      return unreachable(where)
  }
}

function comparison(
  { kind, left, right }: WhereComparison,
  leaves: SqlLeaves,
  writer: SqlWriter,
): string {
  if (right.kind === 'attribute') return leaves.compared(writer, kind, left, right)
  const { value } = right
  if (kind === 'eq' || kind === 'ne') return among(left, [value], kind === 'ne', leaves, writer)
  // Only numbers are ordered.
  return leaves.ordered(writer, kind, left, value as number)
}

function membership(
  { item, list }: WhereIn,
  negated: boolean,
  leaves: SqlLeaves,
  writer: SqlWriter,
): string {
  // A value among values has been folded, so that this is an attribute.
  if (list.kind === 'list') {
    return among(item as WhereAttribute, list.values, negated, leaves, writer)
  }
  if (item.kind === 'attribute') return leaves.contains(writer, list, item, negated)
  const text = item.value as string // lists are of texts, and so is what is looked for
  if (isStorable(text)) return leaves.contains(writer, list, text, negated)
  return negated ? leaves.storable(writer, list) : 'false'
}

/** What cannot be sent is left out, and is taken for nothing that a column has; then the column must not have such a text. */
function among(
  attribute: WhereAttribute,
  given: readonly Scalar[],
  negated: boolean,
  leaves: SqlLeaves,
  writer: SqlWriter,
): string {
  const values = given.filter(isStorable)
  if (values.length === 0) return negated ? leaves.storable(writer, attribute) : 'false'
  return negated
    ? leaves.noneOf(writer, attribute, values)
    : leaves.oneOf(writer, attribute, values)
}

const LEAVES: ReadonlyMap<string, SqlLeaves> = new Map([
  ['sqlite', SQLITE],
  ['postgres', POSTGRES],
])
