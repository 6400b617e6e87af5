import { ConfigurationError } from '../../../errors.js'
import { utf8Bytes } from '../../../shared/bytes.js'

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

/** A column as the caller has it. */
export interface NamedColumn {
  readonly name: string
  readonly type: SqlColumnType | null
}

/** Where the rows are. */
export interface SqlPlace {
  readonly table: string | null
  /** Columns by attribute; an attribute that is not here has a column of its own name. */
  readonly columns: ReadonlyMap<string, NamedColumn>
  /** How many parameters the query has before these. */
  readonly offset: number
}

/** Collects the parameters of a text while it is written. A class, since it holds them meanwhile. */
export class SqlWriter {
  readonly parameters: SqlParameter[] = []
  private readonly syntax: SqlSyntax
  private readonly place: SqlPlace

  /** @throws ConfigurationError `option_invalid` for a column's name that cannot be one */
  constructor(syntax: SqlSyntax, place: SqlPlace) {
    this.syntax = syntax
    this.place = place
    // Also those that this filter does not ask: another one would.
    for (const { name } of place.columns.values()) this.quoted(name)
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
    const quoted = this.quoted(this.place.columns.get(attribute)?.name ?? attribute)
    return this.place.table === null ? quoted : `${this.quoted(this.place.table)}.${quoted}`
  }

  /** What the caller has said of a column's type. */
  columnType(attribute: string): SqlColumnType | null {
    return this.place.columns.get(attribute)?.type ?? null
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

const CHAIN = 8
