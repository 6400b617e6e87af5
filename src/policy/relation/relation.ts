import type { Eventual } from '../../shared/eventual.js'
import type { Scalar } from '../condition/condition.js'

/**
 * A relation between principal and resource that only the application can look up: member of, shared with, reports to.
 * It relates the value of one attribute of each.
 *
 * At least one of `load` and `list` is needed. Without `list` a list of what a principal may do cannot be made.
 */
export interface Relation<Type extends string = string> {
  /** The resource type that it is about. */
  readonly type: Type
  /** The principal's attribute. */
  readonly principal: string
  /** The resource's attribute. */
  readonly resource: string
  /**
   * Whether each pair is related, in the order of the pairs. Asked once for all pairs that one request needs at the same
   * time, each pair once. What it throws, a list of another length, and anything but true and false mean that it cannot be
   * told.
   */
  readonly load?: (pairs: readonly RelationPair[]) => Eventual<readonly boolean[]>
  /** Every resource value that this principal value is related to. More than 100,000 mean that it cannot be told. */
  readonly list?: (principal: Scalar) => Eventual<readonly Scalar[]>
}

export interface RelationPair {
  readonly principal: Scalar
  readonly resource: Scalar
}
