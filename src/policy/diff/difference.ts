import type { Assumptions } from '../analysis/cases/assumptions.js'
import type { PolicyDecision } from '../decision.js'

/** What two policies make of the same request. Plain data, but for the `cause` of what is unavailable. */
export type PolicyDifference =
  | {
      readonly kind: 'difference'
      readonly action: string
      readonly type: string
      /**
       * - `widens`: more is permitted, or more attributes, or a refusal shows that the resource exists
       * - `narrows`: the other way round
       * - `changes`: neither, such as other attributes, or a refusal of another kind
       */
      readonly effect: 'widens' | 'narrows' | 'changes'
      /** The roles with which, each alone, the same request shows it; null stands for no role at all. */
      readonly roles: readonly (string | null)[]
      /** A request that shows it. */
      readonly example: ExampleRequest
      readonly before: ComparedDecision
      readonly after: ComparedDecision
    }
  | {
      /** There are too many cases to look at: nothing is known of this action, also not that it stays the same. */
      readonly kind: 'not_proved'
      readonly action: string
      readonly type: string
    }

/** A request, with what functions of the application are assumed to say. */
export interface ExampleRequest extends Assumptions {
  readonly action: string
  readonly type: string
  /** A claim, to be read by each policy's own vocabulary. */
  readonly grant: string | 'undelegated'
}

/** A decision, and the attributes that the action may touch: null if nothing is permitted, or if they cannot be told. */
export interface ComparedDecision {
  readonly decision: PolicyDecision
  readonly fields: readonly string[] | null
}
