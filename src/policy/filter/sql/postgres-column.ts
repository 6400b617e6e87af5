import type { WhereAttribute } from '../where.js'
import { invalid, type SqlColumnType, type SqlWriter } from './sql-writer.js'

/** A column as PostgreSQL has it. */
export interface PostgresColumn {
  /** Its name, quoted; of an enumeration, what makes a text of it. */
  readonly text: string
  /** What the caller has said of its type, if that is not the one that the attribute's kind has by default. */
  readonly type: SqlColumnType | null
  readonly holds: WhereAttribute['holds']
}

/** @throws ConfigurationError `option_invalid` for a type that the attribute's kind cannot be kept in */
export function postgresColumn(writer: SqlWriter, { name, holds }: WhereAttribute): PostgresColumn {
  const type = writer.columnType(name)
  const kind = typeof holds === 'string' ? holds : 'string'
  if (type !== null && kind !== KINDS[type]) {
    throw invalid(`'${name}' is a ${kind}, and is not kept in a column of type ${type}`)
  }
  const column = writer.column(name)
  return { text: type === 'enum' ? `${column}::text` : column, type, holds }
}

const KINDS: Readonly<Record<SqlColumnType, WhereAttribute['holds']>> = {
  uuid: 'string',
  enum: 'string',
  integer: 'number',
}
