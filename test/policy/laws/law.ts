import type { PolicyDecision } from '../../../src/policy/decision.js'
import type { Eventual } from '../../../src/shared/eventual.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import { asked, type DefinedPolicy, definePlainPolicy } from '../../support/define-plain-policy.js'
import type { PlainPolicy } from '../../support/plain-policy.js'
import type { PlainQuestion } from '../../support/policy-interpreter.js'

/** A sentence that holds for every policy and every question. */
export interface PolicyLaw {
  /** As in the specification: P1 to P12; P0 is that the library and the reference interpreter agree. */
  readonly id: `P${number}`
  readonly name: string
  /** What breaks the law in this sample, for people to read; null if nothing does. Throwing breaks it as well. */
  readonly check: (sample: PolicySample) => Eventual<string | null>
}

/** One run: a policy and two questions to it. */
export interface PolicySample {
  readonly world: World
  readonly question: PlainQuestion
  readonly other: PlainQuestion
  /** For whatever else a law has to choose. */
  readonly number: number
}

/** Makes the policy. The laws are checked with others than ours too, to see that they can be broken. */
export type DefinePlain = typeof definePlainPolicy

/** A policy that serves many runs, and its relatives, each defined when a law first asks for it. */
export interface World extends DefinedPolicy {
  readonly define: DefinePlain
  /** The same under a key, made once. */
  relative(key: string, change: (plain: PlainPolicy, random: Random) => PlainPolicy): DefinedPolicy
  /** As {@link relative}, for what a plain policy cannot say. */
  made(key: string, make: (define: DefinePlain, random: Random) => DefinedPolicy): DefinedPolicy
}

export function createWorld(plain: PlainPolicy, define: DefinePlain = definePlainPolicy): World {
  const relatives = new Map<string, DefinedPolicy>()
  const made: World['made'] = (key, make) => {
    const known = relatives.get(key)
    if (known !== undefined) return known
    const relative = make(define, createRandom(plain.facts))
    relatives.set(key, relative)
    return relative
  }
  return {
    ...define(plain),
    define,
    made,
    relative: (key, change) => made(key, (_, random) => define(change(plain, random))),
  }
}

/** The decision of this policy, asked afresh. */
export function decided(policy: DefinedPolicy, question: PlainQuestion): Eventual<PolicyDecision> {
  return policy.policy.decide(asked(policy, question))
}

/** The decision as text, without its version and without what a loader threw. */
export function printed(decision: Omit<PolicyDecision, 'version'>): string {
  return JSON.stringify(decision, (key, value: unknown) =>
    key === 'version' || key === 'cause' ? undefined : value,
  )
}

/** The complaint if it is not so. */
export function unless(isSo: boolean, complaint: () => string): string | null {
  return isSo ? null : complaint()
}
