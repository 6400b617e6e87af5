import { ConfigurationError } from '../../../errors.js'
import { utf8Bytes } from '../../../shared/bytes.js'
import { ownMember } from '../../../shared/own-members.js'

/** What a query is handed besides its text. Lists are for PostgreSQL only. */
export type SqlParameter = string | number | boolean | readonly string[] | readonly number[]

/** A column that is not of the type that its attribute's kind has by default. For PostgreSQL; SQLite does not care. */
export interface SqlColumn {
  /** Default: the attribute's name. */
  readonly name?: string
  readonly type: SqlColumnType
}

/**
 * - `uuid`, of a text
 * - `enum`, of a text: any enumeration of the database
 * - `integer`, of a number: `smallint`, `integer` or `bigint`, for an index on it to serve
 */
export type SqlColumnType = 'uuid' | 'enum' | 'integer'

/** How one database writes names and parameters. */
export interface SqlSyntax {
  readonly quote: '"' | '`'
  /** In bytes, or null if any. */
  readonly longestName: number | null
  readonly mostParameters: number
  /** The nth parameter of the whole query, from 1. */
  placeholder(number: number): string
}

/** Where the rows are. */
export interface SqlPlace {
  readonly table: string | null
  /** Columns by attribute; an attribute that is not here has a column of its own name. */
  readonly columns: object
  /** How many parameters the query has before these. */
  readonly offset: number
}

/** Collects the parameters of a text while it is written. A class, since it holds them meanwhile. */
export class SqlWriter {
  readonly parameters: SqlParameter[] = []
  private readonly syntax: SqlSyntax
  private readonly place: SqlPlace

  constructor(syntax: SqlSyntax, place: SqlPlace) {
    this.syntax = syntax
    this.place = place
  }

  /** Hands a value to the query, and returns what stands for it in the text. */
  parameter(value: SqlParameter): string {
    this.parameters.push(value)
    const number = this.place.offset + this.parameters.length
    if (number > this.syntax.mostParameters) {
      throw invalid(`a query has at most ${this.syntax.mostParameters} parameters`)
    }
    return this.syntax.placeholder(number)
  }

  /** The column of an attribute, quoted, and told from those of other tables if the caller named one. */
  column(attribute: string): string {
    const column = ownMember(this.place.columns, attribute)
    const name = isObject(column) ? ownMember(column, 'name') : column
    const quoted = this.quoted(name ?? attribute)
    return this.place.table === null ? quoted : `${this.quoted(this.place.table)}.${quoted}`
  }

  /** What the caller has said of a column's type. */
  columnType(attribute: string): SqlColumnType | null {
    const column = ownMember(this.place.columns, attribute)
    if (!isObject(column)) return null
    const type = ownMember(column, 'type')
    if (type === 'uuid' || type === 'enum' || type === 'integer') return type
    throw invalid(`the type of column '${attribute}' is uuid, enum or integer`)
  }

  private quoted(name: unknown): string {
    const { quote, longestName } = this.syntax
    if (typeof name !== 'string' || name === '' || name.includes('\0')) {
      throw invalid('a table or column is named by a text')
    }
    // PostgreSQL would cut it off and may then find another column.
    if (longestName !== null && utf8Bytes(name).length > longestName) {
      throw invalid(`'${name}' is longer than a name may be`)
    }
    return quote + name.replaceAll(quote, quote + quote) + quote
  }
}

/**
 * Joins conditions as a balanced tree: SQLite takes a chain of a thousand for a thousand levels, and refuses it.
 *
 * At least one condition; each is one that needs no parentheses of its own.
 */
export function joinedBy(operator: 'and' | 'or', conditions: readonly string[]): string {
  if (conditions.length <= CHAIN) return `(${conditions.join(` ${operator} `)})`
  const middle = Math.ceil(conditions.length / 2)
  const halves = [conditions.slice(0, middle), conditions.slice(middle)]
  return `(${halves.map((half) => joinedBy(operator, half)).join(` ${operator} `)})`
}

/** What cannot be written. */
export function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `toSql: ${problem}.`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const CHAIN = 8
