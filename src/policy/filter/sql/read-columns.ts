import { ownMembers } from '../../../shared/own-members.js'
import { invalid, type NamedColumn, type SqlColumnType } from './sql-writer.js'

/**
 * The columns that a caller has named, by attribute. Whether a name can be one in this database is for `SqlWriter`.
 *
 * @param attributes of the type, or undefined if they are not known: then any name will do
 * @throws ConfigurationError `option_invalid` for an attribute that the type does not have, and for what is neither a name
 * nor a {@link SqlColumn}
 */
export function readColumns(
  given: unknown,
  attributes: readonly string[] | undefined,
): ReadonlyMap<string, NamedColumn> {
  const columns = new Map<string, NamedColumn>()
  for (const [attribute, column] of ownMembers('toSql: columns', given)) {
    if (attributes !== undefined && !attributes.includes(attribute)) {
      throw invalid(`columns names '${attribute}', which is no attribute of the type`)
    }
    columns.set(
      attribute,
      typeof column === 'string'
        ? { name: column, type: null }
        : readColumn(attribute, ownMembers(`toSql: columns.${attribute}`, column)),
    )
  }
  return columns
}

function readColumn(attribute: string, members: ReadonlyMap<string, unknown>): NamedColumn {
  for (const member of members.keys()) {
    if (member !== 'name' && member !== 'type') {
      throw invalid(`column '${attribute}' has a name and a type, and no '${member}'`)
    }
  }
  const { name = attribute, type } = { name: members.get('name'), type: members.get('type') }
  if (typeof name !== 'string') throw invalid(`the name of column '${attribute}' is a text`)
  if (!isColumnType(type)) {
    throw invalid(`the type of column '${attribute}' is uuid, enum or integer`)
  }
  return { name, type }
}

function isColumnType(type: unknown): type is SqlColumnType {
  return type === 'uuid' || type === 'enum' || type === 'integer'
}
