import type { ComparisonKind, Scalar } from '../../condition/condition.js'
import type { WhereAttribute } from '../where.js'
import type { SqlSyntax, SqlWriter } from './sql-writer.js'

/**
 * How one database asks what cannot be taken apart further. Each text is one condition that needs no parentheses around it,
 * and is true of exactly the rows that the docstring says; of others it may be false or null, unless it says otherwise.
 * Every text given is storable.
 */
export interface SqlLeaves extends SqlSyntax {
  /** It holds what it was declared to. Never null. */
  exists(writer: SqlWriter, attribute: WhereAttribute): string
  /** It holds nothing at all. */
  absent(writer: SqlWriter, attribute: WhereAttribute): string
  /** It holds one of these values. At least one. */
  oneOf(writer: SqlWriter, attribute: WhereAttribute, values: readonly Scalar[]): string
  /** It holds what it was declared to, but none of these. At least one. */
  noneOf(writer: SqlWriter, attribute: WhereAttribute, values: readonly Scalar[]): string
  /** It holds what it was declared to, of texts, and is certain to be no text that is not storable, nor to have one in it. */
  storable(writer: SqlWriter, attribute: WhereAttribute): string
  /** A number is less, or greater. */
  ordered(writer: SqlWriter, kind: ComparisonKind, left: WhereAttribute, right: number): string
  /** Two attributes of one kind hold what they were declared to, and compare so. */
  compared(
    writer: SqlWriter,
    kind: ComparisonKind,
    left: WhereAttribute,
    right: WhereAttribute,
  ): string
  /**
   * A text is in an attribute that is a list of texts; or, negated, it is not, although both are what they were declared to
   * be.
   */
  contains(
    writer: SqlWriter,
    list: WhereAttribute,
    item: WhereAttribute | string,
    negated: boolean,
  ): string
}

export const OPERATORS: Readonly<Record<ComparisonKind, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
}

/**
 * Whether this can be sent, to be compared. No text of PostgreSQL has U+0000, and clients of SQLite cut a text off there; half
 * of a surrogate pair becomes U+FFFD on the way. Sent nevertheless, two texts would be one.
 */
export function isStorable(value: Scalar): boolean {
  return typeof value !== 'string' || !(value.includes('\0') || /\p{Surrogate}/u.test(value))
}
