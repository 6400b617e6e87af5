import type { AttributeTable } from '../condition/attributes.js'
import type { DetailType } from '../detail/define-detail.js'
import type { Relation } from '../relation/relation.js'
import type { FieldRule, PolicyRule, Predicate } from './policy-definition.js'

/**
 * A policy as checked data, with everything by name. Frozen, shared by all that reads it, and by what decides: its maps and
 * sets refuse to be written to, but not to code of your own process that borrows `Map.prototype.set` to do so.
 */
export interface PolicyModel {
  /** The scopes of the vocabulary: what may be an action. */
  readonly actions: ReadonlySet<string>
  readonly principal: AttributeTable
  readonly context: AttributeTable
  readonly types: ReadonlyMap<string, TypeModel>
  /** Null if roles restrict nothing. */
  readonly roles: ReadonlyMap<string, RoleModel> | null
  readonly relations: ReadonlyMap<string, Relation>
  readonly predicates: ReadonlyMap<string, Predicate>
  readonly details: ReadonlyMap<string, DetailType>
  /** By name, in the order of code units: the order in which they were written means nothing. */
  readonly rules: readonly PolicyRule[]
  readonly fieldRules: readonly FieldRule[]
}

export interface TypeModel {
  readonly name: string
  readonly attributes: AttributeTable
  readonly tenant: string | null
  readonly conceal: string | null
}

export interface RoleModel {
  readonly name: string
  readonly extends: readonly string[]
  /** As declared. */
  readonly grants: readonly string[]
  /** Itself and all that it extends. */
  readonly includes: ReadonlySet<string>
  /** Every scope that it or one of those has, implications followed. */
  readonly covered: ReadonlySet<string>
}
