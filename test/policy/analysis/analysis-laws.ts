import { analyse } from '../../../src/policy/analysis/analyse.js'
import type { PolicyFinding } from '../../../src/policy/analysis/finding.js'
import type { PolicyDecision } from '../../../src/policy/decision.js'
import { isSameAnswer } from '../../../src/policy/diff/compare-decisions.js'
import { decideExample } from '../../../src/policy/diff/decide-example.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
import type { PolicyDifference } from '../../../src/policy/diff/difference.js'
import { replay } from '../../../src/policy/explain/replay.js'
import { policyMatrix } from '../../../src/policy/matrix/policy-matrix.js'
import { createReloadablePolicy } from '../../../src/policy/reload/reloadable-policy.js'
import type { Random } from '../../fuzz/random.js'
import {
  asked,
  asPolicyDefinition,
  type DefinedPolicy,
  defineAny,
} from '../../support/define-plain-policy.js'
import type { PlainPolicy } from '../../support/plain-policy.js'
import { createRule } from '../../support/policy-arbitraries.js'
import type { PlainQuestion } from '../../support/policy-interpreter.js'
import { decided, type PolicyLaw, printed, unless, type World } from '../laws/law.js'
import { CASE_LAWS } from './case-laws.js'

/** What explanations, matrices, analyses, differences and swaps say, held against what is decided. */
export const ANALYSIS_LAWS: readonly PolicyLaw[] = [
  {
    id: 'P11',
    name: 'a trace that went through a log replays to the decision that was made',
    check: async ({ world, question }) => {
      const { decision, trace } = await world.policy.explain(asked(world, question))
      const expected = printed(await decided(world, question))
      const replayed = printed(replay(JSON.parse(JSON.stringify(trace))))
      if (printed(decision) !== expected) return `explained ${printed(decision)}, not ${expected}`
      return unless(replayed === expected, () => `${replayed}, not ${expected}`)
    },
  },
  {
    id: 'P12',
    name: 'a policy does not differ from itself',
    check: ({ world }) => {
      const found = once(world, 'itself', () => {
        const same = world.relative('same', (plain) => plain)
        return diffPolicies(world.policy, same.policy, BOUND)
      })
      return unless(found.length === 0, () => JSON.stringify(found))
    },
  },
  {
    id: 'P12',
    name: 'every difference comes with a request that shows it',
    check: ({ world, number }) => {
      const { changed, differences } = changedPolicy(world)
      const one = differences[number % Math.max(1, differences.length)]
      if (one === undefined || one.kind === 'not_proved') return null
      const before = decideExample(world.policy, one.example)
      const after = decideExample(changed.policy, one.example)
      if (isSameAnswer(one.before, one.after)) return `no difference in ${JSON.stringify(one)}`
      const isReal =
        printed(before) === printed(one.before.decision) &&
        printed(after) === printed(one.after.decision)
      return unless(
        isReal,
        () => `${printed(before)} and ${printed(after)}, not ${JSON.stringify(one)}`,
      )
    },
  },
  {
    id: 'P12',
    name: 'what is decided otherwise is among the differences',
    check: async ({ world, question }) => {
      const { changed, differences } = changedPolicy(world)
      const undelegated = { ...question, grant: 'undelegated' } as const
      const before = await decided(world, undelegated)
      const after = await decided(changed, undelegated)
      if (outcome(before) === outcome(after)) return null
      const isKnown = differences.some(
        ({ action, type }) => action === question.action && type === question.type,
      )
      return unless(isKnown, () => `${printed(before)} became ${printed(after)}`)
    },
  },
  {
    id: 'P15',
    name: 'the matrix agrees with decide: never is never, and always is always',
    check: async ({ world, question, number }) => {
      const matrix = once(world, 'matrix', () =>
        policyMatrix(world.policy, { mostCases: MOST_CASES }),
      )
      const role = matrix.roles[number % matrix.roles.length] ?? null
      const principal = { ...question.principal, ...(role === null ? {} : { roles: [role] }) }
      const decision = await decided(world, { ...question, grant: 'undelegated', principal })
      const cell = matrix.cells.find(
        (one) => one.role === role && one.action === question.action && one.type === question.type,
      )
      const may = cell?.may ?? 'never'
      if (decision.kind === 'permitted') {
        return unless(may !== 'never' && cell?.allows.includes(decision.rule) === true, () => {
          return `${decision.rule} permits it, but ${JSON.stringify(cell)}`
        })
      }
      const isOwn = decision.kind !== 'permission' || decision.reason !== 'tenant_differs'
      return unless(may !== 'always' || !isOwn, () => `always, but ${printed(decision)}`)
    },
  },
  {
    id: 'P16',
    name: 'a rule that cannot be reached never decides',
    check: async ({ world, question }) => {
      const findings = findingsOf(world)
      const decision = await decided(world, { ...question, grant: 'undelegated' })
      if (!('rule' in decision)) return null
      const found = findings.find(
        (one) =>
          one.kind === 'rule_unreachable' &&
          one.rule === decision.rule &&
          one.actions.includes(question.action),
      )
      return unless(found === undefined, () => JSON.stringify(found))
    },
  },
  {
    id: 'P17',
    name: 'a rule that was found to change nothing can be left out',
    check: async ({ world, question, number }) => {
      const idle = findingsOf(world).flatMap((one) =>
        (one.kind === 'rule_shadowed' || one.kind === 'deny_without_effect') &&
        one.type === question.type
          ? one.actions.map((action) => ({ rule: one.rule, action }))
          : [],
      )
      const one = idle[number % Math.max(1, idle.length)]
      if (one === undefined) return null
      const without = world.relative(`without ${one.rule} ${one.action}`, (plain) => ({
        ...plain,
        rules: plain.rules.flatMap((rule) => withoutAction(rule, one.rule, one.action)),
      }))
      const about = { ...question, action: one.action, grant: 'undelegated' } as const
      const before = outcome(await decided(world, about))
      const after = outcome(await decided(without, about))
      return unless(before === after, () => `${one.rule}: ${before} became ${after}`)
    },
  },
  {
    id: 'P18',
    name: 'a swap under way of decisions is whole: each is decided by the policy it began with',
    check: async ({ world, question, other, number }) => {
      const { changed } = changedPolicy(world, 'same vocabulary')
      const policy = createReloadablePolicy(world.policy)
      const asking = policy.for(asked(world, question))
      const first = policy.decide(asked(world, question))
      if (number % 2 === 0) await undefined
      const swapped = policy.swap(changed.policy, SWAP)
      const second = policy.decide(asked(changed, question))
      const late = asking.decide(asked(world, { ...other, grant: question.grant }))
      const [one, two, three] = [await first, await second, await late]
      const same = { ...other, ...ofWho(question) }
      const expected = [
        await decided(world, question),
        await decided(swapped.kind === 'swapped' ? changed : world, question),
        await decided(world, same),
      ]
      const found = [one, two, three]
      const isSame = found.every(
        (decision, index) =>
          printed(decision) === printed(expected[index] ?? decision) &&
          decision.version === expected[index]?.version,
      )
      return unless(
        isSame,
        () => `${found.map(printed).join()}, not ${expected.map(printed).join()}`,
      )
    },
  },
  ...CASE_LAWS,
]

/** Worked out once for all runs of a policy. */
function once<Value>(world: World, key: string, make: () => Value): Value {
  const known = REMEMBERED.get(world) ?? new Map<string, unknown>()
  REMEMBERED.set(world, known)
  if (!known.has(key)) known.set(key, make())
  // Each key is used for one kind of value.
  return known.get(key) as Value
}

function findingsOf(world: World): readonly PolicyFinding[] {
  return once(world, 'findings', () => analyse(world.policy, BOUND))
}

function changedPolicy(
  world: World,
  vocabulary: 'own vocabulary' | 'same vocabulary' = 'own vocabulary',
): { readonly changed: DefinedPolicy; readonly differences: readonly PolicyDifference[] } {
  const changed =
    vocabulary === 'own vocabulary'
      ? world.relative('changed', changedPlain)
      : world.made('changed, same vocabulary', (_, random): DefinedPolicy => {
          const plain = changedPlain(world.plain, random)
          const { scopes } = world
          return { plain, scopes, policy: defineAny(scopes, asPolicyDefinition(plain)), loads: [] }
        })
  const differences = once(world, `differences, ${vocabulary}`, () =>
    diffPolicies(world.policy, changed.policy, BOUND),
  )
  return { changed, differences }
}

/** One or two things are otherwise. */
function changedPlain(plain: PlainPolicy, random: Random): PlainPolicy {
  const { rules, types } = plain
  const gone = random.below(Math.max(1, rules.length))
  const changes: readonly (() => PlainPolicy)[] = [
    () => ({ ...plain, rules: rules.filter((_, index) => index !== gone) }),
    () => ({
      ...plain,
      rules: rules.map((rule, index) =>
        index === gone ? { ...rule, effect: rule.effect === 'allow' ? 'deny' : 'allow' } : rule,
      ),
    }),
    () => ({
      ...plain,
      rules: [...rules, { effect: 'allow', ...createRule(random, plain, {}, 'a new one') }],
    }),
    () => ({
      ...plain,
      types: new Map([...types].map(([name, type]) => [name, { ...type, tenant: null }])),
    }),
    () => ({
      ...plain,
      types: new Map([...types].map(([name, type]) => [name, { ...type, conceal: null }])),
    }),
    () => ({ ...plain, fieldRules: plain.fieldRules.slice(1) }),
    () => ({
      ...plain,
      roles:
        plain.roles === null
          ? null
          : new Map([...plain.roles].map(([name, role]) => [name, { ...role, extends: [] }])),
    }),
  ]
  return random.pick(changes)()
}

function withoutAction<Rule extends PlainPolicy['rules'][number]>(
  rule: Rule,
  name: string,
  action: string,
): readonly Rule[] {
  if (rule.name !== name) return [rule]
  const actions = rule.actions.filter((one) => one !== action)
  return actions.length === 0 ? [] : [{ ...rule, actions }]
}

/** What the asker gets to know. */
function outcome(decision: PolicyDecision): string {
  return decision.kind === 'permission' ? `refused, ${decision.concealed}` : decision.kind
}

function ofWho({ principal, grant, context }: PlainQuestion): Partial<PlainQuestion> {
  return { principal, grant, context }
}

const REMEMBERED = new WeakMap<World, Map<string, unknown>>()
const MOST_CASES = 2_000
const BOUND = { mostCases: MOST_CASES }
/** What is found out before a swap is none of the matter here, so hardly anything is. */
const SWAP = { mostCases: 16, tolerate: ['rule_unreachable'] } as const
