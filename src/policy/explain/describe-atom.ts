import { printable } from '../../shared/printable.js'
import { unreachable } from '../../shared/result.js'
import type { AtomicCondition } from '../condition/combine-condition.js'
import type { ListOperand, Operand, Scalar } from '../condition/condition.js'

/** An atomic part of a condition as a reader would say it: `resource.state eq "live"`. Printable. */
export function describeAtom(atom: AtomicCondition): string {
  switch (atom.kind) {
    case 'exists':
      return `${describeOperand(atom.attribute)} exists`
    case 'in':
      return `${describeOperand(atom.item)} in ${describeOperand(atom.list)}`
    case 'role':
    case 'relation':
    case 'predicate':
      return `${atom.kind} ${describeScalar(atom.name)}`
    case 'detail': {
      const asked = Object.entries(atom.asked).map(
        ([name, operand]) => `${printable(name)} ${describeOperand(operand)}`,
      )
      return `detail ${describeScalar(atom.name)} with ${asked.join(', ') || 'nothing'}`
    }
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return `${describeOperand(atom.left)} ${atom.kind} ${describeOperand(atom.right)}`
    default:
      return unreachable(atom)
  }
}

function describeOperand(operand: Operand | ListOperand): string {
  switch (operand.kind) {
    case 'attribute':
      return printable(`${operand.of}.${operand.name}`)
    case 'value':
      return describeScalar(operand.value)
    case 'list': {
      const first = operand.values.slice(0, MOST_LISTED).map(describeScalar)
      const more = operand.values.length - first.length
      return `[${first.join(', ')}${more > 0 ? `, and ${more} more` : ''}]`
    }
    default:
      return unreachable(operand)
  }
}

/** A value of the policy, or one that was asked for: a text in quotes, the rest as it is. Printable. */
export function describeScalar(value: Scalar): string {
  return typeof value === 'string'
    ? `"${printable(value).replaceAll('"', '\\"')}"`
    : printable(String(value))
}

const MOST_LISTED = 8
