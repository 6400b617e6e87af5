import type { AtomicCondition } from '../condition/combine-condition.js'
import type { Scalar } from '../condition/condition.js'
import type { Truth } from '../condition/truth.js'

/**
 * How one decision came about. Plain data: it can be logged, kept, and replayed with {@link replay}.
 *
 * It holds names and truths, what the policy itself says, and no value of any attribute of principal, resource or context
 * unless it was asked for with `values`.
 */
export interface PolicyTrace {
  readonly version: string
  readonly action: string
  readonly type: string
  /** `not_covered` ends it: nothing behind is looked at then, and nothing loaded. */
  readonly scope: 'undelegated' | 'covered' | 'not_covered'
  /** `not_asked` of a type without tenants, and if the scope has ended it; `failed` if reading it threw. */
  readonly tenant: 'not_asked' | 'own' | 'differs' | 'failed'
  /** `not_asked` in a policy without roles, and if the scope has ended it; `failed` if reading the roles threw. */
  readonly role: 'not_asked' | 'held' | 'missing' | 'failed'
  /**
   * Every rule that speaks of the action: denies, allows, fields, each by name. Also if tenant or role have refused; none if
   * one of them failed.
   */
  readonly rules: readonly TracedRule[]
  /** The attributes without which something could not be told: `resource.state`, by code units. */
  readonly missing: readonly string[]
  /** The scope that shows a resource of this type, if refusals are to be hidden from whoever may not see it. */
  readonly conceal: string | null
  /** How it was decided whether the resource may be seen; null if nobody asked. */
  readonly sight: PolicyTrace | null
}

export interface TracedRule {
  readonly name: string
  readonly effect: 'allow' | 'deny' | 'fields'
  readonly truth: KnownTruth
  /** A deny applies if it is true or an attribute is missing, the others only if true. */
  readonly applies: boolean
  readonly when: TracedCondition
}

/** A condition and what each part of it came to. Every part is asked, also where the whole was settled before. */
export type TracedCondition =
  | { readonly kind: 'always' | 'never'; readonly truth: KnownTruth }
  | {
      readonly kind: 'allOf' | 'anyOf'
      readonly truth: KnownTruth
      readonly parts: readonly TracedCondition[]
    }
  | { readonly kind: 'not'; readonly truth: KnownTruth; readonly part: TracedCondition }
  | {
      readonly kind: 'atom'
      readonly truth: KnownTruth
      /** As it stands in the rule. */
      readonly atom: AtomicCondition
      /** The attributes that are missing, null or not what they were declared as. */
      readonly missing: readonly string[]
      /** What the attributes held, if values were asked for. Missing ones are left out. */
      readonly values?: Readonly<Record<string, Scalar | readonly string[]>>
    }

/** An explanation waits for what has to be loaded. */
export type KnownTruth = Exclude<Truth, 'pending'>
