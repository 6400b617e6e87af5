import type { RequestView } from '../credential/request-view.js'
import type { GateSetup } from './checked-options.js'
import type { CheckedRule } from './checked-rule.js'

/** One request before one gate and one rule, at one moment: what every step of `decide` may look at. */
export interface Hearing {
  readonly setup: GateSetup
  readonly rule: CheckedRule
  readonly request: RequestView
  /** Handed to the rule's callbacks. */
  readonly context: unknown
  /** Seconds since the epoch: the clock is read once, so that no two steps disagree about the time. */
  readonly now: number
}
