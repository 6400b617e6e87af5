import { unreachable } from '../../shared/result.js'
import { type AttributeTable, attributeOf, type CheckedAttribute } from './attributes.js'
import { type AtomicCondition, combineCondition } from './combine-condition.js'
import type {
  AttributeOperand,
  AttributeOwner,
  Comparison,
  ComparisonKind,
  Condition,
  ListOperand,
  Operand,
} from './condition.js'
import { type Truth, truthOf } from './truth.js'

/** What a condition is asked of: plain objects, read by own members only. */
export interface Situation {
  readonly principal: unknown
  readonly resource: unknown
  readonly context: unknown
  /** The principal's roles, with those that they extend. */
  readonly roles: ReadonlySet<string>
  /** What is known of a relation: `pending` if it has to be loaded first, which is remembered. */
  related(name: string): Truth
  /** What a function of the application says. */
  holds(name: string): Truth
  /** Whether a detail that was granted covers this. Left out, nothing is known of any. */
  detailed?(name: string, asked: object): Truth
  /** Told what a part has thrown, so that an operator can be told. */
  failed?(cause: unknown): void
}

/** A condition, ready to be asked. Never throws. */
export type Test = (situation: Situation) => Truth

/** Compiles a checked condition to functions: names are looked up now, not at each request. */
export function compileCondition(
  condition: Condition,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Test {
  return combineCondition<Situation>(condition, (part) => guarded(compileAtom(part, attributes)))
}

/**
 * A resource may have getters, and those may throw: then that part cannot be told. Each part by itself, or the order in
 * which parts are written would decide whether one that throws is ever reached.
 */
function guarded(test: Test): Test {
  return (situation) => {
    try {
      return test(situation)
    } catch (cause) {
      situation.failed?.(cause)
      return 'failed'
    }
  }
}

function compileAtom(
  condition: AtomicCondition,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Test {
  switch (condition.kind) {
    case 'exists':
      return existence(condition.attribute, attributes)
    case 'in':
      return membership(
        readerOf(condition.item, attributes),
        condition.list.kind === 'list' ? condition.list : readerOf(condition.list, attributes),
      )
    case 'role': {
      const { name } = condition
      return ({ roles }) => truthOf(roles.has(name))
    }
    case 'relation': {
      const { name } = condition
      return (situation) => situation.related(name)
    }
    case 'detail':
      return detailed(condition.name, condition.asked, attributes)
    case 'predicate': {
      const { name } = condition
      return (situation) => situation.holds(name)
    }
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return comparison(condition, attributes)
    default:
      return unreachable(condition)
  }
}

function detailed(
  name: string,
  asked: Readonly<Record<string, Operand>>,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Test {
  const readers = Object.entries(asked).map(
    ([member, operand]) => [member, readerOf(operand, attributes)] as const,
  )
  return (situation) => {
    const members = readers.map(([member, read]) => [member, read(situation)] as const)
    if (members.some(([, value]) => value === undefined)) return 'missing'
    return situation.detailed?.(name, Object.fromEntries(members)) ?? 'missing'
  }
}

/**
 * Something else than was declared is neither there nor not there. A date that a driver hands out as a text must not lift
 * the ban that asks whether it is set.
 */
function existence(
  attribute: AttributeOperand,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Test {
  const { of, name } = attribute
  const isOfKind = kindTest(attributes[of].get(name))
  return (situation) => {
    const value = attributeOf(situation[of], name)
    if (value === undefined || value === null) return 'false'
    return isOfKind(value) ? 'true' : 'missing'
  }
}

/** The value of an operand, or undefined if it is missing, null or not of its kind. */
type Reader = (situation: Situation) => unknown

function readerOf(
  operand: Operand,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Reader {
  if (operand.kind === 'value') return () => operand.value
  const { of, name } = operand
  const isOfKind = kindTest(attributes[of].get(name))
  const checked = (value: unknown): unknown => (isOfKind(value) ? value : undefined)
  switch (of) {
    case 'resource':
      return ({ resource }) => checked(attributeOf(resource, name))
    case 'principal':
      return ({ principal }) => checked(attributeOf(principal, name))
    case 'context':
      return ({ context }) => checked(attributeOf(context, name))
  }
}

/** Whether a value is what its attribute was declared as. A text outside an enumeration is not. */
export function kindTest(attribute: CheckedAttribute | undefined): (value: unknown) => boolean {
  if (attribute === undefined) return () => false
  const { kind, members } = attribute
  if (kind === 'number') return Number.isFinite
  if (kind === 'strings') {
    return (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')
  }
  if (members !== null) return (value) => typeof value === 'string' && members.has(value)
  return (value) => typeof value === kind
}

function comparison(
  { kind, left, right }: Comparison,
  attributes: Readonly<Record<AttributeOwner, AttributeTable>>,
): Test {
  const readLeft = readerOf(left, attributes)
  const readRight = readerOf(right, attributes)
  const compare = COMPARE[kind]
  return (situation) => {
    const one = readLeft(situation)
    if (one === undefined) return 'missing'
    const other = readRight(situation)
    if (other === undefined) return 'missing'
    // The kinds were compared when the condition was checked; these operators ask no more of them.
    return compare(one as number, other as number) ? 'true' : 'false'
  }
}

/** What comparisons ask of two that are known, and of one kind. */
export const COMPARE: Readonly<Record<ComparisonKind, (left: number, right: number) => boolean>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
}

function membership(readItem: Reader, list: ListOperand | Reader): Test {
  if (typeof list === 'function') {
    return (situation) => {
      const item = readItem(situation)
      const items = list(situation)
      // Its kind, a list of texts, was tested as it was read.
      if (item === undefined || items === undefined) return 'missing'
      return truthOf((items as readonly unknown[]).includes(item))
    }
  }
  const values: ReadonlySet<unknown> = new Set(list.values)
  return (situation) => {
    const item = readItem(situation)
    return item === undefined ? 'missing' : truthOf(values.has(item))
  }
}
