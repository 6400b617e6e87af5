import type { Truth } from '../../condition/truth.js'
import type { Assumptions } from './assumptions.js'

/** A part of a request that is independent of the others, and all that it can do to the facts that it decides. */
export interface Factor {
  /** Places of facts. */
  readonly facts: readonly number[]
  /** At least one. */
  readonly outcomes: readonly Outcome[]
}

/** The truths of a factor's facts, in their order, and something that brings them about. */
export interface Outcome {
  readonly truths: readonly Truth[]
  readonly assumed: Partial<Assumptions>
}
