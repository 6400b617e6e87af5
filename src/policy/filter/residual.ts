import { unreachable } from '../../shared/result.js'
import { attributeOf, type CheckedAttribute } from '../condition/attributes.js'
import { COMPARE, kindTest } from '../condition/compile-condition.js'
import type {
  AttributeOperand,
  Comparison,
  ComparisonKind,
  Condition,
  Operand,
  Scalar,
} from '../condition/condition.js'
import type { PolicyModel, TypeModel } from '../definition/policy-model.js'
import { every, some } from './combine.js'
import { constant, leaf, NEVER, type Part, unlisted, valueSet } from './part.js'
import type { WhereAttribute, WhereIn } from './where.js'

/** What is known before any row is looked at. */
export interface Known {
  readonly model: PolicyModel
  readonly type: TypeModel
  readonly principal: unknown
  readonly context: unknown
  readonly roles: ReadonlySet<string>
  /** The resource values that the principal is related to; undefined while they are not known. */
  listed(relation: string): readonly unknown[] | undefined
}

/**
 * For which rows a condition is certain to be true, or certain to be false.
 *
 * Negation goes inwards (De Morgan, which holds among three values as well), so that unknown need not be told from what is
 * not wanted: both are never. May throw what a getter of principal or context throws.
 */
export function residualOf(condition: Condition, wanted: boolean, known: Known): Part {
  switch (condition.kind) {
    case 'always':
      return constant(wanted)
    case 'never':
      return constant(!wanted)
    case 'allOf':
    case 'anyOf': {
      const parts = condition.parts.map((part) => residualOf(part, wanted, known))
      return (condition.kind === 'allOf') === wanted ? every(parts) : some(parts)
    }
    case 'not':
      return residualOf(condition.part, !wanted, known)
    case 'role':
      return constant(known.roles.has(condition.name) === wanted)
    case 'exists':
      return existence(condition.attribute, wanted, known)
    case 'in':
      return membership(condition, wanted, known)
    case 'relation':
      return relation(condition.name, wanted, known)
    case 'predicate':
    case 'detail':
      // `assertListable` has refused it.
      throw new Error(`${condition.kind} '${condition.name}' cannot be turned into a filter`)
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return comparison(
        wanted ? condition : { ...condition, kind: OPPOSITE[condition.kind] },
        known,
      )
    default:
      return unreachable(condition)
  }
}

/** An attribute that each row has its own of, as a part of what is written. */
export function columnOf(name: string, { type }: Pick<Known, 'type'>): WhereAttribute {
  const declared = type.attributes.get(name)
  // The condition was checked against this table; `never` would be the answer to a name that is not there.
  const { kind, members } = declared ?? NOTHING
  const holds = members === null ? kind : Object.freeze([...members].sort())
  return Object.freeze({ kind: 'attribute', of: 'resource', name, holds })
}

/** A value that is known, undefined for one that is unknown whatever the row, or an attribute of the row. */
type Read = WhereAttribute | { readonly kind: 'known'; readonly value: unknown }

function read(operand: Operand, known: Known): Read {
  if (operand.kind === 'value') return { kind: 'known', value: operand.value }
  const { of, name } = operand
  if (of === 'resource') return columnOf(name, known)
  const declared = known.model[of].get(name)
  const value = attributeOf(known[of], name)
  return { kind: 'known', value: kindTest(declared)(value) ? value : undefined }
}

function existence(attribute: AttributeOperand, wanted: boolean, known: Known): Part {
  const { of, name } = attribute
  if (of !== 'resource' && (attributeOf(known[of], name) ?? null) === null) return constant(!wanted)
  const one = read(attribute, known)
  // Something of another kind neither exists nor does not.
  if (one.kind === 'known') return one.value === undefined ? NEVER : constant(wanted)
  if (isScalar(one) && wanted) return valueSet(one, [], true)
  const where = Object.freeze({ kind: 'exists', attribute: one } as const)
  return leaf(wanted ? where : Object.freeze({ kind: 'not', part: where }))
}

function comparison({ kind, left, right }: Comparison, known: Known): Part {
  const one = read(left, known)
  const other = read(right, known)
  if (one.kind === 'known') {
    if (one.value === undefined) return NEVER
    if (other.kind !== 'known') return withValue(MIRRORED[kind], other, one.value)
    // Of one kind, as the condition was checked, or unknown.
    return constant(
      other.value !== undefined && COMPARE[kind](one.value as number, other.value as number),
    )
  }
  if (other.kind === 'known') return withValue(kind, one, other.value)
  if (one.name !== other.name) return leaf(Object.freeze({ kind, left: one, right: other }))
  // Equal to itself it is wherever it is known.
  return COMPARE[kind](0, 0) ? valueSet(one, [], true) : NEVER
}

function withValue(kind: ComparisonKind, left: WhereAttribute, value: unknown): Part {
  if (value === undefined) return NEVER
  // A value of a known kind, which was compared with the attribute's when the condition was checked.
  const scalar = value as Scalar
  if (kind === 'eq' || kind === 'ne') return valueSet(left, [scalar], kind === 'ne')
  const right = Object.freeze({ kind: 'value', value: scalar } as const)
  return leaf(Object.freeze({ kind, left, right }))
}

function membership(
  { item, list }: Extract<Condition, { kind: 'in' }>,
  wanted: boolean,
  known: Known,
): Part {
  const one = read(item, known)
  const among: Read =
    list.kind === 'list' ? { kind: 'known', value: list.values } : read(list, known)
  if (one.kind === 'known' && one.value === undefined) return NEVER
  if (among.kind === 'known') {
    if (among.value === undefined) return NEVER
    // A list of the condition, or one that `read` has found to be a list of texts.
    const values = among.value as readonly Scalar[]
    if (one.kind === 'known') return constant(values.includes(one.value as Scalar) === wanted)
    return valueSet(one, values, !wanted)
  }
  const where: WhereIn = Object.freeze({
    kind: 'in',
    // A text, as `read` has found.
    item: one.kind === 'known' ? Object.freeze({ kind: 'value', value: one.value as Scalar }) : one,
    list: among,
  })
  return leaf(wanted ? where : Object.freeze({ kind: 'not', part: where }))
}

function relation(name: string, wanted: boolean, known: Known): Part {
  const declared = known.model.relations.get(name)
  if (declared === undefined) return NEVER
  if (relatingValue(name, known) === undefined) return NEVER
  const values = known.listed(name)
  if (values === undefined) return unlisted(name, wanted)
  const attribute = columnOf(declared.resource, known)
  const isValue = kindTest(known.type.attributes.get(declared.resource))
  // What the attribute cannot hold is related to no row.
  return valueSet(attribute, values.filter(isValue) as readonly Scalar[], !wanted)
}

/** What a relation is asked about: the principal's value, or undefined if it has none. */
export function relatingValue(
  name: string,
  { model, principal }: Pick<Known, 'model' | 'principal'>,
): Scalar | undefined {
  const attribute = model.relations.get(name)?.principal
  if (attribute === undefined) return undefined
  const value = attributeOf(principal, attribute)
  // Relations are between attributes that are no lists, and this tests for the kind.
  return kindTest(model.principal.get(attribute))(value) ? (value as Scalar) : undefined
}

function isScalar({ holds }: WhereAttribute): boolean {
  return holds !== 'strings'
}

const NOTHING: CheckedAttribute = { kind: 'string', members: new Set(), optional: true }

/** What is true of two that are known if and only if the other is not. */
const OPPOSITE: Readonly<Record<ComparisonKind, ComparisonKind>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'gte',
  gte: 'lt',
  gt: 'lte',
  lte: 'gt',
}

/** The same with its sides exchanged. */
const MIRRORED: Readonly<Record<ComparisonKind, ComparisonKind>> = {
  eq: 'eq',
  ne: 'ne',
  lt: 'gt',
  gt: 'lt',
  lte: 'gte',
  gte: 'lte',
}
