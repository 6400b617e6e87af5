/** What a rule asks, as data: it can be written down, read back, listed, analysed and turned into a query. */

/** A condition over a principal, a resource and the context of a request. Frozen once checked. */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }
  | Comparison
  | {
      /** Whether a text, number or boolean is one of a list. */
      readonly kind: 'in'
      readonly item: Operand
      readonly list: AttributeOperand | ListOperand
    }
  | {
      /** Whether an attribute is there: not null and not missing. Unknown of what is not of its kind. */
      readonly kind: 'exists'
      readonly attribute: AttributeOperand
    }
  | { readonly kind: 'allOf' | 'anyOf'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | {
      /** Whether the principal has a role, itself or through one that extends it. */
      readonly kind: 'role'
      readonly name: string
    }
  | {
      /** Whether principal and resource are related, as a loader of the application says. */
      readonly kind: 'relation'
      readonly name: string
    }
  | {
      /**
       * Whether an authorization detail that was granted (RFC 9396) covers one of this type with these members. It can be
       * asked, but not turned into a query.
       */
      readonly kind: 'detail'
      readonly name: string
      readonly asked: Readonly<Record<string, Operand>>
    }
  | {
      /** A function of the application. It can be asked, but not turned into a query. */
      readonly kind: 'predicate'
      readonly name: string
    }

/**
 * `eq` and `ne` compare texts, numbers or booleans of the same kind; the others numbers. A side that is missing, null or of
 * another kind makes it unknown: `ne` is `not eq`, so it is not true of what is not there.
 */
export interface Comparison {
  readonly kind: ComparisonKind
  readonly left: Operand
  readonly right: Operand
}

export type ComparisonKind = 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'

export type Operand = AttributeOperand | ValueOperand

export interface AttributeOperand {
  readonly kind: 'attribute'
  readonly of: AttributeOwner
  readonly name: string
}

/** Whose attribute it is. The context always has `now`, seconds since the epoch, and the principal its `tenant`. */
export type AttributeOwner = 'resource' | 'principal' | 'context'

export interface ValueOperand {
  readonly kind: 'value'
  readonly value: Scalar
}

export interface ListOperand {
  readonly kind: 'list'
  readonly values: readonly Scalar[]
}

/** Numbers are finite. */
export type Scalar = string | number | boolean

export const COMPARISONS: ReadonlySet<string> = new Set<ComparisonKind>([
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
])
