import { unreachable } from '../../shared/result.js'
import type { AtomicCondition } from './combine-condition.js'
import type { AttributeOperand, Condition, ListOperand, Operand } from './condition.js'

/** The atomic parts of a condition, as often as they stand there. */
export function atomsOf(condition: Condition): readonly AtomicCondition[] {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return []
    case 'allOf':
    case 'anyOf':
      return condition.parts.flatMap(atomsOf)
    case 'not':
      return atomsOf(condition.part)
    default:
      return [condition]
  }
}

/** What an atomic part compares: attributes, values and lists. A role, relation or predicate has none in sight. */
export function operandsOf(atom: AtomicCondition): readonly (Operand | ListOperand)[] {
  switch (atom.kind) {
    case 'exists':
      return [atom.attribute]
    case 'in':
      return [atom.item, atom.list]
    case 'detail':
      return Object.values(atom.asked)
    case 'role':
    case 'relation':
    case 'predicate':
      return []
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return [atom.left, atom.right]
    default:
      return unreachable(atom)
  }
}

/** The attributes that an atomic part reads itself. */
export function attributesIn(atom: AtomicCondition): readonly AttributeOperand[] {
  return operandsOf(atom).filter((operand) => operand.kind === 'attribute')
}
