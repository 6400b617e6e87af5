import { describe, expect, test } from 'vitest'
import type { PolicyDecision } from '../../../src/policy/decision.js'
import type { Asking, Policy } from '../../../src/policy/policy.js'
import { whenReady } from '../../../src/shared/eventual.js'
import { type DefinedPolicy, definePlainPolicy } from '../../support/define-plain-policy.js'
import { checkPolicyLaws } from './check-policy-laws.js'
import type { DefinePlain } from './law.js'
import { POLICY_LAWS } from './policy-laws.js'

type Question = Parameters<Policy['decide']>[0]

/** Policies that are wrong on purpose, in a way that people have got them wrong, and the law that has to notice. */
const SABOTAGES: readonly (readonly [law: string, how: string, define: DefinePlain])[] = [
  [
    'a compiled policy decides as the reference interpreter does',
    'nothing is ever hidden',
    answering((decision) =>
      decision.kind === 'permission' ? { ...decision, concealed: false } : decision,
    ),
  ],
  [
    'nothing is permitted but by an allow about this type and action that is true',
    'permitted until something denies',
    answering(openedBy('no_rule_allows')),
  ],
  [
    'a policy without allows permits nothing',
    'permitted until something denies',
    answering(openedBy('no_rule_allows')),
  ],
  [
    'the order of rules, roles and members means nothing',
    'the last rule that was written wins',
    answering((decision, _question, { plain }) =>
      decision.kind === 'permitted' && plain.rules.at(-1)?.effect === 'deny'
        ? refused(decision.version)
        : decision,
    ),
  ],
  [
    'one more allow takes nothing away',
    'the last rule that was written is left out',
    answering((decision, _question, { plain }) =>
      decision.kind === 'permitted' && plain.rules.length % 2 === 0
        ? refused(decision.version)
        : decision,
    ),
  ],
  [
    'one more deny adds nothing',
    'a prohibition of a prohibition permits',
    answering((decision, _question, { plain }) =>
      plain.rules.filter(({ effect }) => effect === 'deny').length > 1
        ? openedBy('no_rule_allows')(decision)
        : decision,
    ),
  ],
  [
    'permitted is what the scope covers and the policy permits without one',
    'the scope is not asked',
    asking((question) => ({ ...question, grant: 'undelegated' })),
  ],
  [
    'dropping a scope never adds',
    'an empty claim is taken for none',
    asking((question) =>
      question.grant !== 'undelegated' && question.grant.tokens.length === 0
        ? { ...question, grant: 'undelegated' }
        : question,
    ),
  ],
  [
    'the resource of another tenant, or of none, is never permitted',
    'what is missing on both sides is the same',
    answering((decision, { principal }) =>
      principal.tenant === undefined ? openedBy('tenant_differs')(decision) : decision,
    ),
  ],
  [
    'a policy that was written down and read back is the same',
    'a rule gets lost',
    (plain, change) => {
      const defined = definePlainPolicy(plain, change)
      const document = defined.policy.toJSON()
      const toJSON = () => ({ ...document, rules: document.rules.slice(1) })
      return { ...defined, policy: { ...defined.policy, toJSON } }
    },
  ],
  [
    'an attribute that throws opens no door',
    'what fails is let in',
    answering((decision) =>
      decision.kind === 'unavailable' ? permitted(decision.version) : decision,
    ),
  ],
  [
    'an attribute of another kind opens no door',
    'what is of another kind passes',
    answering((decision, { resource }) =>
      Object.values(resource ?? {}).some((value: unknown) => typeof value === 'bigint')
        ? openedBy('no_rule_allows')(decision)
        : decision,
    ),
  ],
  [
    'an attribute that vanishes opens no door, unless a rule or a predicate asks for just that',
    'what is missing passes',
    answering((decision, { resource }) =>
      Object.values(resource ?? {}).some((value: unknown) => value === null)
        ? openedBy('no_rule_allows')(decision)
        : decision,
    ),
  ],
  [
    'loaders and predicates that fail open no door',
    'what fails is let in',
    answering((decision) =>
      decision.kind === 'unavailable' ? permitted(decision.version) : decision,
    ),
  ],
  [
    'a failure of ours that decides is told as one: what works again and permits was not refused',
    'what fails is refused',
    answering((decision) =>
      decision.kind === 'unavailable' ? refused(decision.version) : decision,
    ),
  ],
  [
    'a policy never throws, whatever it is asked about, and opens no door for it',
    'every resource is taken for an object',
    asking((question) => ({ ...question, resource: { ...question.resource } })),
  ],
  [
    'asked at the same time, one after the other, or again: the decisions are the same',
    'the second question of a request is answered as the first',
    (plain, change) => {
      const defined = definePlainPolicy(plain, change)
      return withAsking(defined, (one) => {
        let first: ReturnType<Asking['decide']> | undefined
        return {
          ...one,
          decide: (question) => {
            first ??= one.decide(question)
            return first
          },
        }
      })
    },
  ],
  [
    'a loader is asked about each pair at most once in a request, and several in one call',
    'nothing is kept',
    (plain, change) => {
      const defined = definePlainPolicy(plain, change)
      return withAsking(defined, (one, who) => ({
        ...one,
        decide: (question) => defined.policy.decide({ ...who, ...question } as Question),
      }))
    },
  ],
  [
    'without the scope nothing is looked at, and nothing loaded',
    'the tenant comes first',
    asking((question) => ({ ...question, resource: { ...question.resource } })),
  ],
]

describe('a policy that is wrong', () => {
  test.each(SABOTAGES)('breaks "%s": %s', async (name, _how, define) => {
    const laws = POLICY_LAWS.filter((law) => law.name === name)
    const [report] = await checkPolicyLaws({ laws, runs: 3_000, seed: 1, define })
    expect(report?.counterexample).toContain('policy')
  })

  test('exists for every law', () => {
    const broken = new Set(SABOTAGES.map(([name]) => name))
    expect(POLICY_LAWS.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([])
  })
})

/** Policies whose decisions are changed after they were made. */
function answering(
  change: (decision: PolicyDecision, question: Question, defined: DefinedPolicy) => PolicyDecision,
): DefinePlain {
  return (plain, others) => {
    const defined = definePlainPolicy(plain, others)
    const decide: Policy['decide'] = (question) =>
      whenReady(defined.policy.decide(question), (decision) =>
        change(decision, question as Question, defined),
      )
    return { ...defined, policy: { ...defined.policy, decide } }
  }
}

/** Policies that ask something else than they were asked. */
function asking(change: (question: Question) => object): DefinePlain {
  return (plain, others) => {
    const defined = definePlainPolicy(plain, others)
    const decide: Policy['decide'] = (question) =>
      defined.policy.decide(change(question as Question) as typeof question)
    return { ...defined, policy: { ...defined.policy, decide } }
  }
}

function withAsking(
  defined: DefinedPolicy,
  change: (one: Asking, who: Parameters<Policy['for']>[0]) => Asking,
): DefinedPolicy {
  const { policy } = defined
  return { ...defined, policy: { ...policy, for: (who) => change(policy.for(who), who) } }
}

function openedBy(reason: string): (decision: PolicyDecision) => PolicyDecision {
  return (decision) =>
    decision.kind === 'permission' && decision.reason === reason
      ? permitted(decision.version)
      : decision
}

function permitted(version: string): PolicyDecision {
  return { kind: 'permitted', rule: 'none', version }
}

function refused(version: string): PolicyDecision {
  return { kind: 'permission', reason: 'no_rule_allows', rule: null, concealed: false, version }
}
