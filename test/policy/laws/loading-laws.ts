import type { PolicyDecision } from '../../../src/policy/decision.js'
import { asked } from '../../support/define-plain-policy.js'
import type { PlainQuestion } from '../../support/policy-interpreter.js'
import { decided, type PolicyLaw, type PolicySample, printed, unless } from './law.js'

/** P8 and P9: what loaders are asked, and that it makes no difference how. */
export const LOADING_LAWS: readonly PolicyLaw[] = [
  {
    id: 'P8',
    name: 'asked at the same time, one after the other, or again: the decisions are the same',
    check: async ({ world, question, other }) => {
      const { principal, grant, context } = question
      const questions = [question, { ...other, principal, grant, context }, question]
      const alone: PolicyDecision[] = []
      for (const one of questions) alone.push(await decided(world, one))
      const first = askingOf({ world, question })
      const sequential: PolicyDecision[] = []
      for (const one of questions.toReversed()) sequential.unshift(await first(one))
      const second = askingOf({ world, question })
      const together = await Promise.all(questions.map(second))
      const again = await Promise.all(questions.map(second))
      const [expected, ...rest] = [alone, sequential, together, again].map((decisions) =>
        decisions.map(printed).join(' '),
      )
      return unless(
        rest.every((one) => one === expected),
        () => [expected, ...rest].join('\n  '),
      )
    },
  },
  {
    id: 'P8',
    name: 'a loader is asked about each pair at most once in a request, and several in one call',
    check: async ({ world, question, other }) => {
      const { loads } = world
      loads.length = 0
      const ask = askingOf({ world, question })
      const { principal, grant, context } = question
      const second = { ...other, principal, grant, context }
      await Promise.all([ask(question), ask(second), ask(question)])
      const calls = loads.length
      await ask(second)
      const pairs = loads.flatMap((load) =>
        load.pairs.map((pair) => JSON.stringify([load.relation, pair])),
      )
      if (new Set(pairs).size !== pairs.length) return `asked twice: ${pairs.join(' ')}`
      // One call for what the questions want, one for whether their resources may be seen.
      const relations = new Set(loads.map(({ relation }) => relation)).size
      if (calls > 2 * relations) return `${calls} calls for ${relations} relations`
      return unless(loads.length === calls, () => 'asked again about what was known')
    },
  },
  {
    id: 'P9',
    name: 'without the scope nothing is looked at, and nothing loaded',
    check: ({ world, question }) => {
      const { grant } = question
      const isCovered =
        grant === 'undelegated' || world.scopes.can(world.scopes.grant(grant), question.action)
      if (isCovered) return null
      world.loads.length = 0
      const touched: string[] = []
      const untouchable = (name: string): object =>
        new Proxy(
          {},
          {
            get: () => touched.push(name),
            has: () => touched.push(name) > 0,
            ownKeys: () => [String(touched.push(name))],
            getOwnPropertyDescriptor: () => void touched.push(name),
            getPrototypeOf: () => {
              touched.push(name)
              return null
            },
          },
        )
      const decision = world.policy.decide(
        asked(world, {
          ...question,
          principal: untouchable('principal'),
          context: untouchable('context'),
          resource: untouchable('resource'),
        }),
      )
      if (decision instanceof Promise) return 'it waited'
      if (decision.kind !== 'scope') return decision.kind
      return unless(touched.length + world.loads.length === 0, () => `touched ${touched.join(' ')}`)
    },
  },
]

/** Asks all questions of one request. */
function askingOf({
  world,
  question,
}: Pick<PolicySample, 'world' | 'question'>): (one: PlainQuestion) => Promise<PolicyDecision> {
  const asking = world.policy.for(asked(world, question))
  return async (one) => {
    const { type, action, resource } = asked(world, one)
    return asking.decide({ type, action, ...(resource === undefined ? {} : { resource }) })
  }
}
