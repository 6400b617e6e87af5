import type { Scalar } from '../../condition/condition.js'
import { type PostgresColumn, postgresColumn } from './postgres-column.js'
import { isStorable, OPERATORS, type SqlLeaves } from './sql-leaves.js'
import { joinedBy, type SqlParameter, type SqlWriter } from './sql-writer.js'

/**
 * PostgreSQL: columns have types. None is cast unless the caller says so, and each parameter is: then a column of another type
 * than its attribute's makes the query fail, and not the wrong rows come out. Lists are one parameter, an array.
 *
 * A text is compared once more by its bytes, since a column may have a collation for which several texts are one. The first
 * comparison is there for the index.
 */
export const POSTGRES: SqlLeaves = {
  quote: '"',
  longestName: 63,
  mostParameters: 65_535,
  placeholder: (number) => `$${number}`,

  exists: (writer, attribute) => isOfKind(writer, postgresColumn(writer, attribute)),

  absent: (writer, attribute) => `(${writer.column(attribute.name)} is null)`,

  // It could not be stored.
  storable: (writer, attribute) => isOfKind(writer, postgresColumn(writer, attribute)),

  oneOf: (writer, attribute, values) => amongst(writer, postgresColumn(writer, attribute), values),

  noneOf(writer, attribute, values) {
    const column = postgresColumn(writer, attribute)
    return `(${isOfKind(writer, column)} and not ${amongst(writer, column, values)})`
  },

  ordered(writer, kind, attribute, value) {
    const column = postgresColumn(writer, attribute)
    const isNumber = isOfKind(writer, column)
    const compared =
      column.type === 'integer' && Math.abs(value) <= Number.MAX_SAFE_INTEGER
        ? `${OPERATORS[kind]} ${valuesOf(writer, [WHOLE[kind](value)], 'bigint')}`
        : `${OPERATORS[kind]} ${valuesOf(writer, [value], 'double precision')}`
    return `(${isNumber} and ${column.text} ${compared})`
  },

  compared(writer, kind, left, right) {
    const [one, other] = [postgresColumn(writer, left), postgresColumn(writer, right)]
    const kinds = `${isOfKind(writer, one)} and ${isOfKind(writer, other)}`
    return `(${kinds} and ${read(one)} ${OPERATORS[kind]} ${read(other)})`
  },

  contains(writer, list, item, negated) {
    const { text: column } = postgresColumn(writer, list)
    const among = negated ? `<> all(${column})` : `= any(${column})`
    if (typeof item === 'string') {
      return ifList(column, `${valuesOf(writer, [item], 'text')} collate "C" ${among}`)
    }
    const own = postgresColumn(writer, item)
    return `(${isOfKind(writer, own)} and ${ifList(column, `${read(own)} ${among}`)})`
  },
}

/** Never null, and an error if the column is of another type. */
function isOfKind(writer: SqlWriter, column: PostgresColumn): string {
  const { text, holds } = column
  const isThere = `${read(column)} is not null`
  switch (holds) {
    case 'string':
      return `(${isThere})`
    case 'strings':
      return ifList(text, 'true')
    case 'boolean':
      return `(${text} is not unknown)`
    case 'number': {
      // What is not a number is greater than infinity, in PostgreSQL.
      const bounded = `${text} > '-Infinity'::double precision and ${text} < 'Infinity'::double precision`
      return column.type === 'integer'
        ? `(${text} is not null)`
        : `(${text} is not null and ${bounded})`
    }
    default: {
      const members = holds.filter(isStorable)
      if (members.length === 0) return 'false'
      return `(${isThere} and ${amongst(writer, column, members)})`
    }
  }
}

/** Of a column that is not null, never null. */
function amongst(writer: SqlWriter, column: PostgresColumn, values: readonly Scalar[]): string {
  const { text, type, holds } = column
  switch (type) {
    case 'uuid': {
      // One spelling only is what a client reads.
      const possible = values.filter((value) => UUID.test(String(value)))
      return possible.length === 0 ? 'false' : `(${text} = ${valuesOf(writer, possible, 'uuid')})`
    }
    case 'integer': {
      const safe = values.filter(Number.isSafeInteger)
      // Beyond 2^53 several integers are read as one number.
      const large = values.filter((value) => Math.abs(Number(value)) > Number.MAX_SAFE_INTEGER)
      const conditions: string[] = []
      if (safe.length > 0) conditions.push(`${text} = ${valuesOf(writer, safe, 'bigint')}`)
      if (large.length > 0) {
        conditions.push(`${text} = ${valuesOf(writer, large, 'double precision')}`)
      }
      return conditions.length === 0 ? 'false' : joinedBy('or', conditions)
    }
    default: {
      if (holds === 'number') return `(${text} = ${valuesOf(writer, values, 'double precision')})`
      if (holds === 'boolean') return `(${text} = ${valuesOf(writer, values, 'boolean')})`
      const others = valuesOf(writer, values, 'text')
      return `(${text} = ${others} and ${read(column)} = ${others})`
    }
  }
}

/** One value, or any of several. */
function valuesOf(writer: SqlWriter, values: readonly Scalar[], type: string): string {
  const [first] = values
  return values.length === 1 && first !== undefined
    ? `${writer.parameter(first)}::${type}`
    : // Of one kind, as all are that one attribute is compared with; and there are no lists of booleans.
      `any(${writer.parameter(values as SqlParameter)}::${type}[])`
}

/** A condition on a list of texts: without nulls, and no table of them, which JavaScript would read as lists in a list. */
function ifList(column: string, condition: string): string {
  const isFlat = `${column} is not null and coalesce(array_ndims(${column}), 1) = 1`
  const isWhole = `array_position(${column}, null) is null`
  const all = condition === 'true' ? isWhole : `${isWhole} and ${condition}`
  return `case when ${isFlat} then ${all} else false end`
}

/** A column as JavaScript reads and compares it: numbers rounded, texts by their bytes. */
function read({ text, type, holds }: PostgresColumn): string {
  if (holds === 'number') return `${text}::double precision`
  if (holds === 'boolean') return text
  return type === 'uuid' ? `${text}::text collate "C"` : `${text} collate "C"`
}

/** The integer that is to integers what this number is. */
const WHOLE = {
  eq: Math.trunc,
  ne: Math.trunc,
  lt: Math.ceil,
  gte: Math.ceil,
  lte: Math.floor,
  gt: Math.floor,
} as const
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
