import type { Scalar } from '../condition/condition.js'
import type { Where, WhereAttribute } from './where.js'

/**
 * A condition while it is made smaller. The question is always where it is certain to be true, so that there are two values
 * and not three: what is unknown is `false`. Nothing is negated but leaves.
 */
export type Part = Constant | ValueSet | Leaf | Unlisted | Several

export interface Constant {
  readonly kind: 'constant'
  readonly value: boolean
  /** Of two parts the same only if they say the same. A text with its brackets and quotes in pairs, as all keys are. */
  readonly key: string
}

/** An attribute is of its kind and among these values, or of its kind and not among them. */
export interface ValueSet {
  readonly kind: 'set'
  readonly attribute: WhereAttribute
  readonly values: ReadonlySet<Scalar>
  readonly excluded: boolean
  readonly key: string
}

/** What nothing else is known of. */
interface Leaf {
  readonly kind: 'leaf'
  readonly where: Where
  readonly key: string
}

/** A relation whose list has not been asked for yet. */
interface Unlisted {
  readonly kind: 'relation'
  readonly name: string
  readonly key: string
}

export interface Several {
  readonly kind: 'allOf' | 'anyOf'
  readonly parts: readonly Part[]
  readonly key: string
}

export const ALWAYS: Constant = Object.freeze({ kind: 'constant', value: true, key: 'always' })
export const NEVER: Constant = Object.freeze({ kind: 'constant', value: false, key: 'never' })

export function constant(value: boolean): Part {
  return value ? ALWAYS : NEVER
}

export function leaf(where: Where): Part {
  return { kind: 'leaf', where, key: JSON.stringify(where) }
}

export function unlisted(name: string, wanted: boolean): Part {
  return { kind: 'relation', name, key: JSON.stringify([name, wanted]) }
}

/**
 * The set of an attribute's values. Where there is a fixed number of them, as in an enumeration, a set that leaves some out
 * is one that has the others.
 */
export function valueSet(
  attribute: WhereAttribute,
  values: Iterable<Scalar>,
  excluded: boolean,
): Part {
  const domain = domainOf(attribute)
  if (domain === null) return madeSet(attribute, new Set(values), excluded)
  const given = new Set(values)
  return madeSet(attribute, new Set(domain.filter((one) => given.has(one) !== excluded)), false)
}

/** Whether all hold, or one of them, of one attribute. At least one set. */
export function mergedSets(kind: 'allOf' | 'anyOf', sets: readonly ValueSet[]): Part {
  const [first] = sets
  if (first === undefined || sets.length === 1) return first ?? NEVER
  // One holds where not all are left: then sets and what they leave out change places.
  const flip = kind === 'anyOf'
  const outside = new Set<Scalar>()
  let inside: readonly Scalar[] | null = null
  for (const { values, excluded } of sets) {
    if (excluded !== flip) for (const value of values) outside.add(value)
    else inside = inside === null ? [...values] : inside.filter((value) => values.has(value))
  }
  if (inside === null) return valueSet(first.attribute, outside, !flip)
  return valueSet(
    first.attribute,
    inside.filter((value) => !outside.has(value)),
    flip,
  )
}

/** Every value that an attribute may hold, or null if that is no fixed number. */
function domainOf({ holds }: WhereAttribute): readonly Scalar[] | null {
  if (holds === 'boolean') return BOOLEANS
  return typeof holds === 'string' ? null : holds
}

function madeSet(attribute: WhereAttribute, values: ReadonlySet<Scalar>, excluded: boolean): Part {
  if (values.size === 0 && !excluded) return NEVER
  const key = JSON.stringify([attribute.name, excluded, [...values]])
  return { kind: 'set', attribute, values, excluded, key }
}

const BOOLEANS: readonly Scalar[] = [false, true]
