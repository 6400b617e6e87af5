import { ConfigurationError } from '../../errors.js'
import type { Attributes, AttributeTable, ValueOf } from './attributes.js'
import type {
  AttributeOperand,
  AttributeOwner,
  ComparisonKind,
  Condition,
  Operand,
  Scalar,
} from './condition.js'

/**
 * An attribute in a rule: `post.state.eq('live')`. Each method gives a condition as data. What may be compared with what
 * is checked by the compiler, and again when the policy is defined.
 */
export type AttributeExpression<Kind> = AttributeOperand & {
  /** Whether it is there, and not null. Unknown if it is not of its kind. */
  exists(): Condition
} & (ValueOf<Kind> extends readonly string[]
    ? ListMethods
    : ScalarMethods<ValueOf<Kind> & Scalar>) &
  (ValueOf<Kind> extends number ? OrderMethods : unknown)

interface ScalarMethods<Value extends Scalar> {
  eq(other: Comparable<Value>): Condition
  /** The opposite of `eq`: not true, but unknown, of what is missing. */
  ne(other: Comparable<Value>): Condition
  /** Whether it is one of these, or of a list that an attribute holds. */
  in(list: readonly Value[] | AttributeOf<readonly string[]>): Condition
}

interface OrderMethods {
  lt(other: Comparable<number>): Condition
  lte(other: Comparable<number>): Condition
  gt(other: Comparable<number>): Condition
  gte(other: Comparable<number>): Condition
}

interface ListMethods {
  /** Whether this is in the list. */
  has(item: Comparable<string>): Condition
}

type Comparable<Value extends Scalar> = Value | AttributeOf<Wide<Value>>

/** Two enumerations may be compared; a text and a number may not. */
type Wide<Value> = Value extends string ? string : Value extends number ? number : boolean

declare const held: unique symbol

/** An attribute that holds such a value. The type only says so; nothing of it is there at run time. */
interface AttributeOf<Value> extends AttributeOperand {
  readonly [held]?: (value: Value) => void
}

/** The attributes of one object, for rules. */
export type Expressions<Declared extends Attributes> = {
  readonly [Name in keyof Declared]-?: AttributeExpression<Declared[Name]> &
    (ValueOf<Declared[Name]> extends readonly string[]
      ? AttributeOf<readonly string[]>
      : AttributeOf<Wide<ValueOf<Declared[Name]>>>)
}

/** Every part must be true. At least one part. */
export function allOf(...parts: readonly [Condition, ...Condition[]]): Condition {
  return { kind: 'allOf', parts }
}

/** One part must be true. At least one part. */
export function anyOf(...parts: readonly [Condition, ...Condition[]]): Condition {
  return { kind: 'anyOf', parts }
}

/** The opposite. Of what is unknown, unknown. */
export function not(part: Condition): Condition {
  return { kind: 'not', part }
}

/** Whether a granted detail of this type covers these members: values, or attributes that hold them. */
export function detailCondition(
  name: string,
  asked: Readonly<Record<string, Scalar | AttributeOperand>>,
): Condition {
  const members = Object.entries(asked).map(([member, one]) => [member, operandOf(one)])
  return { kind: 'detail', name, asked: Object.fromEntries(members) }
}

/**
 * The attributes of one object as expressions. Asking for one that is not declared throws, where plain JavaScript would
 * give undefined and fail somewhere else.
 */
export function expressionsOf(of: AttributeOwner, table: AttributeTable): object {
  const expressions = new Map<string, object>()
  for (const name of table.keys())
    expressions.set(name, expressionOf({ kind: 'attribute', of, name }))
  return new Proxy(Object.freeze(Object.create(null) as object), {
    get(_target, name) {
      if (typeof name === 'symbol') return undefined
      const expression = expressions.get(name)
      if (expression !== undefined) return expression
      throw new ConfigurationError('policy_invalid', `The ${of} has no attribute '${name}'.`)
    },
  })
}

function expressionOf(attribute: AttributeOperand): object {
  const compare = (kind: ComparisonKind) => (other: Scalar | AttributeOperand) => ({
    kind,
    left: attribute,
    right: operandOf(other),
  })
  return Object.freeze({
    ...attribute,
    eq: compare('eq'),
    ne: compare('ne'),
    lt: compare('lt'),
    lte: compare('lte'),
    gt: compare('gt'),
    gte: compare('gte'),
    in: (list: readonly Scalar[] | AttributeOperand) => ({
      kind: 'in',
      item: attribute,
      list: isAttribute(list) ? plain(list) : { kind: 'list', values: list },
    }),
    has: (item: Scalar | AttributeOperand) => ({
      kind: 'in',
      item: operandOf(item),
      list: attribute,
    }),
    exists: () => ({ kind: 'exists', attribute }),
  })
}

function operandOf(other: Scalar | AttributeOperand): Operand {
  return isAttribute(other) ? plain(other) : { kind: 'value', value: other }
}

/** Without its methods: a condition is data. */
function plain({ kind, of, name }: AttributeOperand): AttributeOperand {
  return { kind, of, name }
}

function isAttribute(value: unknown): value is AttributeOperand {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'attribute'
  )
}
