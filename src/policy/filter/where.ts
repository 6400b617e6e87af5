import type { AttributeKind } from '../condition/attributes.js'
import type {
  AttributeOperand,
  ComparisonKind,
  Scalar,
  ValueOperand,
} from '../condition/condition.js'

/**
 * Which rows: a {@link Condition} over attributes of the resource and values, and of fewer forms than there are conditions.
 * Nothing in it asks about a principal, a role or a relation, and `not` stands only before `in` and `exists`.
 *
 * A row is meant if it is true. Since no part is negated as a whole, whoever translates it may take unknown for false
 * wherever it comes up: each leaf has to be true exactly where it is certain.
 */
export type Where =
  | { readonly kind: 'allOf' | 'anyOf'; readonly parts: readonly Where[] }
  | WhereComparison
  | WhereIn
  | WhereExists
  | {
      /**
       * Of a value that is missing or of another kind `not in` is not true either; `not exists` is true of null and of what is
       * missing, and not of another kind.
       */
      readonly kind: 'not'
      readonly part: WhereIn | WhereExists
    }

/** `lt`, `lte`, `gt` and `gte` compare numbers only. */
export interface WhereComparison {
  readonly kind: ComparisonKind
  readonly left: WhereAttribute
  readonly right: WhereAttribute | ValueOperand
}

/**
 * Either an attribute in a list of values, of its own kind, each once and at least two, or a text in an attribute that is a
 * list of texts.
 */
export interface WhereIn {
  readonly kind: 'in'
  readonly item: WhereAttribute | ValueOperand
  readonly list: WhereAttribute | { readonly kind: 'list'; readonly values: readonly Scalar[] }
}

/** The attribute is there and of its kind. */
export interface WhereExists {
  readonly kind: 'exists'
  readonly attribute: WhereAttribute
}

/** An attribute of the resource, and what it was declared to hold. Whatever else it holds makes a comparison unknown. */
export interface WhereAttribute extends AttributeOperand {
  readonly of: 'resource'
  readonly holds: Exclude<AttributeKind, `${string}?`>
}
