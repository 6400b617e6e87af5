import type { Scalar } from '../../condition/condition.js'
import type { WhereAttribute } from '../where.js'
import { isStorable, OPERATORS, type SqlLeaves } from './sql-leaves.js'
import type { SqlParameter, SqlWriter } from './sql-writer.js'

/**
 * PostgreSQL: columns have types. None is cast, each parameter is: then a column of another type than its attribute's makes
 * the query fail, and not the wrong rows come out. Lists are one parameter, an array.
 *
 * A text is compared once more by its bytes, since a column may have a collation for which several texts are one. The first
 * comparison is there for the index.
 */
export const POSTGRES: SqlLeaves = {
  quote: '"',
  longestName: 63,
  mostParameters: 65_535,
  placeholder: (number) => `$${number}`,

  exists: (writer, attribute) => isOfKind(writer, attribute, writer.column(attribute.name)),

  oneOf: (writer, attribute, values) =>
    amongst(writer, attribute, writer.column(attribute.name), values),

  noneOf(writer, attribute, values) {
    const column = writer.column(attribute.name)
    const isKind = isOfKind(writer, attribute, column)
    const others = valuesOf(writer, values, 'all')
    return `(${isKind} and ${byBytes(attribute, column)} <> ${others})`
  },

  ordered(writer, kind, attribute, value) {
    const column = writer.column(attribute.name)
    const isNumber = isOfKind(writer, attribute, column)
    return `(${isNumber} and ${column} ${OPERATORS[kind]} ${valuesOf(writer, [value], 'any')})`
  },

  compared(writer, kind, left, right) {
    const [one, other] = [writer.column(left.name), writer.column(right.name)]
    const kinds = `${isOfKind(writer, left, one)} and ${isOfKind(writer, right, other)}`
    // As the numbers that JavaScript would read. Of a column of another type the test for the kind has failed.
    const read = (column: string): string =>
      left.holds === 'number' ? `${column}::double precision` : byBytes(left, column)
    return `(${kinds} and ${read(one)} ${OPERATORS[kind]} ${read(other)})`
  },

  contains(writer, list, item, negated) {
    const column = writer.column(list.name)
    const among = negated ? `<> all(${column})` : `= any(${column})`
    if (typeof item === 'string') {
      return ifList(column, `${valuesOf(writer, [item], 'any')} collate "C" ${among}`)
    }
    const text = writer.column(item.name)
    const isText = isOfKind(writer, item, text)
    return `(${isText} and ${ifList(column, `${byBytes(item, text)} ${among}`)})`
  },
}

/** Never null, and an error if the column is of another type. */
function isOfKind(writer: SqlWriter, attribute: WhereAttribute, column: string): string {
  const isThere = `${byBytes(attribute, column)} is not null`
  switch (attribute.holds) {
    case 'string':
      return `(${isThere})`
    case 'strings':
      return ifList(column, 'true')
    case 'boolean':
      return `(${column} is not unknown)`
    case 'number': {
      // What is not a number is greater than infinity, in PostgreSQL.
      const bounded = `${column} > '-Infinity'::double precision and ${column} < 'Infinity'::double precision`
      return `(${isThere} and ${bounded})`
    }
    default: {
      const members = attribute.holds.filter(isStorable)
      if (members.length === 0) return 'false'
      return `(${isThere} and ${amongst(writer, attribute, column, members)})`
    }
  }
}

function amongst(
  writer: SqlWriter,
  attribute: WhereAttribute,
  column: string,
  values: readonly Scalar[],
): string {
  const others = valuesOf(writer, values, 'any')
  const equal = `${column} = ${others}`
  return isText(attribute)
    ? `(${equal} and ${byBytes(attribute, column)} = ${others})`
    : `(${equal})`
}

/** One value, or any or all of several of one kind. */
function valuesOf(writer: SqlWriter, values: readonly Scalar[], quantifier: 'any' | 'all'): string {
  const [first] = values
  const type = TYPES[typeof first as 'string' | 'number' | 'boolean']
  return values.length === 1 && first !== undefined
    ? `${writer.parameter(first)}::${type}`
    : // Of one kind, as all are that one attribute is compared with; and there are no lists of booleans.
      `${quantifier}(${writer.parameter(values as SqlParameter)}::${type}[])`
}

/** A condition on a list of texts: without nulls, and no table of them, which JavaScript would read as lists in a list. */
function ifList(column: string, condition: string): string {
  const isFlat = `${column} is not null and coalesce(array_ndims(${column}), 1) = 1`
  const isWhole = `array_position(${column}, null) is null`
  const all = condition === 'true' ? isWhole : `${isWhole} and ${condition}`
  return `case when ${isFlat} then ${all} else false end`
}

function byBytes(attribute: WhereAttribute, column: string): string {
  return isText(attribute) ? `${column} collate "C"` : column
}

function isText({ holds }: WhereAttribute): boolean {
  return holds === 'string' || typeof holds !== 'string'
}

const TYPES = { string: 'text', number: 'double precision', boolean: 'boolean' } as const
