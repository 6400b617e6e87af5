import type { AttributeTable, CheckedAttribute } from '../condition/attributes.js'
import { compileCondition, type Situation } from '../condition/compile-condition.js'
import type { RowFilter } from './filter.js'
import type { Where, WhereAttribute } from './where.js'

/**
 * A filter as a function: for rows that are in memory already, and for tests.
 *
 * Reads own members of plain objects, as `decide` does, and never throws. Do not run it over one page of a larger list: a
 * page of ten would come out as one of three, and its gaps tell what is hidden.
 */
export function toPredicate(filter: RowFilter): (row: unknown) => boolean {
  if (filter.kind !== 'where') return () => filter.kind === 'all'
  const resource = new Map<string, CheckedAttribute>()
  for (const { name, holds } of attributesOf(filter.where)) resource.set(name, checked(holds))
  const test = compileCondition(filter.where, { resource, principal: NONE, context: NONE })
  return (row) => test({ ...NOBODY, resource: row }) === 'true'
}

/** Every mention of an attribute. */
function attributesOf(where: Where): readonly WhereAttribute[] {
  switch (where.kind) {
    case 'allOf':
    case 'anyOf':
      return where.parts.flatMap(attributesOf)
    case 'not':
      return attributesOf(where.part)
    case 'exists':
      return [where.attribute]
    case 'in':
      return [where.item, where.list].filter((one) => one.kind === 'attribute')
    default:
      return [where.left, where.right].filter((one) => one.kind === 'attribute')
  }
}

function checked(holds: WhereAttribute['holds']): CheckedAttribute {
  return typeof holds === 'string'
    ? { kind: holds, members: null, optional: true }
    : { kind: 'string', members: new Set(holds), optional: true }
}

const NONE: AttributeTable = new Map()

/** What a filter does not ask about. */
const NOBODY: Omit<Situation, 'resource'> = {
  principal: undefined,
  context: undefined,
  roles: new Set<string>(),
  related: () => 'missing',
  holds: () => 'missing',
}
