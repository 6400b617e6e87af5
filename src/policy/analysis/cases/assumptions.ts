import type { Scalar } from '../../condition/condition.js'
import type { Truth } from '../../condition/truth.js'
import type { Predicate } from '../../definition/policy-definition.js'
import type { ReadyPolicy } from '../../ready-policy.js'
import { RelationLoads } from '../../relation/relation-loads.js'

/**
 * What is assumed of one request: all that a decision depends on, but for the grant. What is not said is missing, and what
 * is not said of a function failed.
 */
export interface Assumptions {
  readonly principal: AssumedObject
  readonly roles: readonly string[]
  readonly resource: AssumedObject
  readonly context: AssumedObject
  /** What relations say, as far as principal and resource have the attributes that are related. */
  readonly relations: Readonly<Record<string, AssumedAnswer>>
  readonly predicates: Readonly<Record<string, AssumedAnswer>>
}

/** Attributes by name. */
export type AssumedObject = Readonly<Record<string, AssumedValue>>

/** An empty object stands for whatever is not of the declared kind. */
export type AssumedValue = Scalar | readonly string[] | Readonly<Record<string, never>>

/** What a function says: `missing` is neither true nor false, `failed` that it throws. */
export type AssumedAnswer = 'true' | 'false' | 'missing' | 'failed'

/** Relations that are assumed, and so need not be loaded. */
export class AssumedRelations extends RelationLoads {
  private readonly answers: ReadonlyMap<string, Truth>

  constructor(answers: ReadonlyMap<string, Truth>) {
    super(new Map())
    this.answers = answers
  }

  override related(name: string): Truth {
    return this.answers.get(name) ?? 'failed'
  }
}

/** The policy with predicates that answer as assumed. */
export function withPredicates(
  ready: ReadyPolicy,
  answers: Readonly<Record<string, AssumedAnswer>>,
): ReadyPolicy {
  const assumed = new Map(Object.entries(answers))
  const predicates = new Map(
    [...ready.model.predicates.keys()].map((name): [string, Predicate] => [
      name,
      predicateOf(assumed.get(name) ?? 'failed'),
    ]),
  )
  return { ...ready, model: { ...ready.model, predicates } }
}

function predicateOf(answer: AssumedAnswer): Predicate {
  return () => {
    if (answer === 'failed') throw new Error('This predicate is assumed to fail.')
    // What is neither true nor false is taken for missing: the type forbids it, plain JavaScript does not.
    return (answer === 'missing' ? undefined : answer === 'true') as boolean
  }
}
