import type { Scalar } from '../../condition/condition.js'
import type { WhereAttribute } from '../where.js'
import { isStorable, OPERATORS, type SqlLeaves } from './sql-leaves.js'
import { joinedBy, type SqlWriter } from './sql-writer.js'

/**
 * SQLite: any column may hold a value of any type, whatever the table says, and a comparison may convert one side to what
 * the column's declaration suggests. So `typeof` is asked each time. Lists are one parameter, as JSON.
 *
 * A boolean is stored as 1 or 0, a list of texts as a JSON array.
 */
export const SQLITE: SqlLeaves = {
  // A name in double quotes that is no column is taken for a text, by many builds.
  quote: '`',
  longestName: null,
  mostParameters: 32_766,
  placeholder: () => '?',

  exists: (writer, attribute) => isOfKind(writer, attribute, writer.column(attribute.name)),

  absent(writer, { name, holds }) {
    const column = writer.column(name)
    const isNull = `(${column} is null)`
    // JSON has a null of its own.
    return holds === 'strings'
      ? `case when ${isJson(column)} then json_type(${column}) = 'null' else ${isNull} end`
      : isNull
  },

  oneOf(writer, attribute, values) {
    const column = writer.column(attribute.name)
    return `(${typeTest(attribute, column)} and ${amongst(writer, column, values)})`
  },

  noneOf(writer, attribute, values) {
    const column = writer.column(attribute.name)
    const kind = isOfKind(writer, attribute, column)
    const isRead = typeof values[0] === 'string' ? ` and ${isReadAsStored(column)}` : ''
    return `(${kind}${isRead} and not ${amongst(writer, column, values)})`
  },

  storable(writer, attribute) {
    const column = writer.column(attribute.name)
    if (attribute.holds === 'strings') {
      // Pairs are escaped like their halves, and taken for them here.
      const noHalf = `${escapesOf(column)} not glob '*\\u[dD][89a-fA-F]*'`
      const noZero = hasNoEscapedZero(column)
      return ifList(column, `${isReadAsStored(column)} and ${noZero} and ${noHalf}`)
    }
    return `(${isOfKind(writer, attribute, column)} and ${isReadAsStored(column)})`
  },

  ordered(writer, kind, attribute, value) {
    const column = writer.column(attribute.name)
    const isNumber = isOfKind(writer, attribute, column)
    const compared = `${exactly(column, value)} ${OPERATORS[kind]} ${writer.parameter(value)}`
    return `(${isNumber} and ${compared})`
  },

  compared(writer, kind, left, right) {
    const [one, other] = [writer.column(left.name), writer.column(right.name)]
    const kinds = `${isOfKind(writer, left, one)} and ${isOfKind(writer, right, other)}`
    // As the numbers that JavaScript would read; and, by `+`, whatever the columns were declared as.
    const read = (column: string): string =>
      left.holds === 'number' ? `cast(${column} as real)` : `+${column}`
    const areTexts = left.holds !== 'number' && left.holds !== 'boolean'
    const areRead =
      kind === 'ne' && areTexts ? ` and ${isReadAsStored(one)} and ${isReadAsStored(other)}` : ''
    return `(${kinds}${areRead} and ${read(one)} ${OPERATORS[kind]} ${read(other)} collate binary)`
  },

  contains(writer, list, item, negated) {
    const column = writer.column(list.name)
    const isRead = negated
      ? `${hasNoEscapedZero(column)} and ${isReadAsStored(column)}`
      : hasNoEscapedZero(column)
    const among = `${negated ? 'not in' : 'in'} (select value from ${itemsOf(column)})`
    if (typeof item === 'string') {
      return ifList(column, `${isRead} and ${writer.parameter(item)} collate binary ${among}`)
    }
    const text = writer.column(item.name)
    const isText = `${isOfKind(writer, item, text)} and ${isReadAsStored(text)}`
    return `(${isText} and ${ifList(column, `${isRead} and +${text} collate binary ${among}`)})`
  },
}

/**
 * A text that every client reads as it is stored. Some cut it off at U+0000, and some have stored half of a surrogate pair,
 * which they read as U+FFFD: such a text may be equal to another in JavaScript and not here. `glob` takes those halves for
 * U+FFFD as well.
 */
function isReadAsStored(column: string): string {
  const others = `replace(${column}, char(65533), '')`
  return `(${hasNoZero(column)} and ${others} not glob '*' || char(65533) || '*')`
}

function hasNoZero(column: string): string {
  return `instr(${column}, char(0)) = 0`
}

/** No item of a list has an escaped U+0000, at which older versions of SQLite cut a text off. */
function hasNoEscapedZero(column: string): string {
  return `instr(${escapesOf(column)}, '\\u0000') = 0`
}

/** JSON without escaped backslashes: each that is left begins an escape. */
function escapesOf(column: string): string {
  return `replace(${column}, '\\\\', ' ')`
}

/** Never null. */
function isOfKind(writer: SqlWriter, attribute: WhereAttribute, column: string): string {
  const type = typeTest(attribute, column)
  switch (attribute.holds) {
    case 'string':
    case 'strings':
      return type
    case 'number':
      // Infinity less itself is null.
      return `(${type} and (${column} - ${column}) is 0)`
    case 'boolean':
      return `(${type} and ${column} in (0, 1))`
    default: {
      const members = attribute.holds.filter(isStorable)
      return members.length === 0 ? 'false' : `(${type} and ${amongst(writer, column, members)})`
    }
  }
}

/** What is stored is of the type that its kind is stored as. Never null. */
function typeTest({ holds }: WhereAttribute, column: string): string {
  if (holds === 'strings') return ifList(column, 'true')
  const types = holds === 'number' || holds === 'boolean' ? `in ('integer', 'real')` : `= 'text'`
  return `typeof(${column}) ${types}`
}

/** Whether a column has one of these values, if it is known to be of their type. */
function amongst(writer: SqlWriter, column: string, values: readonly Scalar[]): string {
  const [first] = values
  if (first === undefined) return 'false'
  if (typeof first === 'number') return amongstNumbers(writer, column, values)
  if (values.length > 1) return `(${column} collate binary in (${listOf(writer, values)}))`
  const value = typeof first === 'boolean' ? Number(first) : first
  return `(${column} = ${writer.parameter(value)} collate binary)`
}

/**
 * Integers in one parameter. Others each in its own, for SQLite does not read every fraction in JSON as the number that
 * JavaScript wrote.
 */
function amongstNumbers(writer: SqlWriter, column: string, values: readonly Scalar[]): string {
  const safe = values.filter(Number.isSafeInteger)
  const conditions = values
    .filter((value) => typeof value === 'number')
    .filter((value) => safe.length === 1 || !Number.isSafeInteger(value))
    .map((value) => `${exactly(column, value)} = ${writer.parameter(value)}`)
  if (safe.length > 1) conditions.push(`${column} in (${listOf(writer, safe)})`)
  return joinedBy('or', conditions)
}

function listOf(writer: SqlWriter, values: readonly Scalar[]): string {
  return `select value from json_each(${writer.parameter(JSON.stringify(values))})`
}

/**
 * A column for a comparison with this number. Up to 2^53 the column itself, so that an index serves; beyond that an integer
 * has to be rounded first, as it is when JavaScript reads it.
 */
function exactly(column: string, value: number): string {
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? column : `cast(${column} as real)`
}

/** A condition on a list of texts; of anything else false. `case` keeps the order: `json_each` fails of what is no JSON. */
function ifList(column: string, condition: string): string {
  const isList = `json_type(${column}) = 'array' and not exists (select 1 from ${itemsOf(column)} where type <> 'text')`
  const all = condition === 'true' ? isList : `${isList} and ${condition}`
  return `case when ${isJson(column)} then ${all} else false end`
}

function isJson(column: string): string {
  // What comes after U+0000 is not looked at by `json_valid`.
  return `typeof(${column}) = 'text' and ${hasNoZero(column)} and json_valid(${column})`
}

/** By way of a query of its own, or a column that is named `value` would be taken for that of `json_each`. */
function itemsOf(column: string): string {
  return `(select ${column} as list) as held, json_each(held.list)`
}
