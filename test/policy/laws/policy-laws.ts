import type { Condition } from '../../../src/policy/condition/condition.js'
import type { PolicyRule } from '../../../src/policy/definition/policy-definition.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import { defineAny, functionsOf } from '../../support/define-plain-policy.js'
import type { PlainPolicy } from '../../support/plain-policy.js'
import { createRule, someOf } from '../../support/policy-arbitraries.js'
import { interpretDecision, type PlainQuestion, truthOf } from '../../support/policy-interpreter.js'
import { decided, type PolicyLaw, type PolicySample, printed, unless } from './law.js'
import { LOADING_LAWS } from './loading-laws.js'
import { MISHAP_LAWS } from './mishap-laws.js'

/** The laws of policies. Those that nothing can break any more are of no use: `sabotage.test.ts` breaks each. */
export const POLICY_LAWS: readonly PolicyLaw[] = [
  {
    id: 'P0',
    name: 'a compiled policy decides as the reference interpreter does',
    check: async ({ world, question }) => {
      const found = printed(await decided(world, question))
      const expected = printed(interpretDecision(world.plain, question))
      return unless(found === expected, () => `${found}, not ${expected}`)
    },
  },
  {
    id: 'P1',
    name: 'nothing is permitted but by an allow about this type and action that is true',
    check: async ({ world, question }) => {
      const { plain } = world
      const decision = await decided(world, question)
      if (decision.kind !== 'permitted') return null
      const rule = plain.rules.find(({ name }) => name === decision.rule)
      const isReason =
        rule?.effect === 'allow' &&
        rule.type === question.type &&
        rule.actions.includes(question.action) &&
        truthOf(plain, question, rule.when, true) === true
      return unless(isReason, () => `permitted by ${decision.rule}`)
    },
  },
  {
    id: 'P1',
    name: 'a policy without allows permits nothing',
    check: async ({ world, question }) => {
      const closed = world.relative('closed', (plain) => ({
        ...plain,
        rules: plain.rules.filter(({ effect }) => effect === 'deny'),
      }))
      const { kind } = await decided(closed, question)
      return unless(kind !== 'permitted', () => kind)
    },
  },
  {
    id: 'P2',
    name: 'the order of rules, roles and members means nothing',
    check: async ({ world, question }) => {
      const shuffled = world.relative('shuffled', shuffledPolicy)
      if (shuffled.policy.version !== world.policy.version) return 'another version'
      const turned = { ...question, ...turnedMembers(question) }
      const [one, other] = [await decided(world, question), await decided(shuffled, turned)]
      return unless(
        printed(one) === printed(other),
        () => `${printed(one)}, then ${printed(other)}`,
      )
    },
  },
  {
    id: 'P3',
    name: 'one more allow takes nothing away',
    check: async ({ world, question }) => {
      const wider = world.relative('allow', (plain, random) => withRule(plain, random, 'allow'))
      return unless(await isNoWider(question, world, wider), () => 'it did')
    },
  },
  {
    id: 'P3',
    name: 'one more deny adds nothing',
    check: async ({ world, question }) => {
      const narrower = world.relative('deny', (plain, random) => withRule(plain, random, 'deny'))
      return unless(await isNoWider(question, narrower, world), () => 'it did')
    },
  },
  {
    id: 'P5',
    name: 'permitted is what the scope covers and the policy permits without one',
    check: async ({ world, question }) => {
      const own = await decided(world, { ...question, grant: 'undelegated' })
      const { kind } = await decided(world, question)
      const isCovered =
        question.grant === 'undelegated' ||
        world.scopes.can(world.scopes.grant(question.grant), question.action)
      if ((kind === 'scope') === isCovered) return `${kind}, covered: ${isCovered}`
      const isPermitted = isCovered && own.kind === 'permitted'
      return unless((kind === 'permitted') === isPermitted, () => `${kind}, ${own.kind} without`)
    },
  },
  {
    id: 'P5',
    name: 'dropping a scope never adds',
    check: async ({ world, question, number }) => {
      const { grant } = question
      if (grant === 'undelegated') return null
      const fewer = { ...question, grant: someOf(createRandom(number), grant, 0, grant.length) }
      const { kind } = await decided(world, fewer)
      if (kind !== 'permitted') return null
      const before = await decided(world, question)
      return unless(before.kind === 'permitted', () => before.kind)
    },
  },
  {
    id: 'P7',
    name: 'the resource of another tenant, or of none, is never permitted',
    check: async ({ world, question, number }) => {
      const tenant = world.plain.types.get(question.type)?.tenant ?? null
      if (tenant === null) return null
      const { kind } = await decided(world, foreign(question, tenant, createRandom(number)))
      return unless(kind === 'permission' || kind === 'scope', () => kind)
    },
  },
  {
    id: 'P10',
    name: 'a policy that was written down and read back is the same',
    check: async ({ world, question }) => {
      const again = world.made('read back', () => {
        const { plain, scopes, policy } = world
        const loads: [] = []
        const read = { ...JSON.parse(JSON.stringify(policy)), ...functionsOf(plain, loads) }
        return { plain, scopes, loads, policy: defineAny(scopes, read) }
      })
      if (again.policy.version !== world.policy.version) return 'another version'
      if (JSON.stringify(again.policy) !== JSON.stringify(world.policy)) return 'another document'
      const [one, other] = [await decided(world, question), await decided(again, question)]
      return unless(
        printed(one) === printed(other),
        () => `${printed(one)}, then ${printed(other)}`,
      )
    },
  },
  ...MISHAP_LAWS,
  ...LOADING_LAWS,
]

/** Whether all that the first permits the second permits too. */
async function isNoWider(
  question: PlainQuestion,
  first: PolicySample['world'] | Parameters<typeof decided>[0],
  second: Parameters<typeof decided>[0],
): Promise<boolean> {
  if ((await decided(first, question)).kind !== 'permitted') return true
  return (await decided(second, question)).kind === 'permitted'
}

function withRule(plain: PlainPolicy, random: Random, effect: PolicyRule['effect']): PlainPolicy {
  // Named so that it comes first or last.
  const name = random.pick(['!', '~'])
  return { ...plain, rules: [...plain.rules, { effect, ...createRule(random, plain, {}, name) }] }
}

function shuffledPolicy(plain: PlainPolicy, random: Random): PlainPolicy {
  const shuffled = <Member>(list: readonly Member[]): Member[] =>
    someOf(random, list, list.length, list.length)
  const turned = <Value>(map: ReadonlyMap<string, Value>): Map<string, Value> =>
    new Map(shuffled([...map]))
  return {
    ...plain,
    principal: turned(plain.principal),
    context: turned(plain.context),
    types: new Map(
      shuffled([...plain.types]).map(([name, type]) => [
        name,
        { ...type, attributes: turned(type.attributes) },
      ]),
    ),
    roles:
      plain.roles === null
        ? null
        : new Map(
            shuffled([...plain.roles]).map(([name, role]) => [
              name,
              {
                extends: shuffled(role.extends),
                grants: shuffled([...role.grants, ...role.grants]),
              },
            ]),
          ),
    relations: turned(plain.relations),
    rules: shuffled(plain.rules).map((rule) => ({
      ...rule,
      actions: shuffled([...rule.actions, ...rule.actions]),
      when: turnedCondition(rule.when),
    })),
    fieldRules: shuffled(plain.fieldRules),
  }
}

/** The same condition with its members in another order. */
function turnedCondition(condition: Condition): Condition {
  return JSON.parse(JSON.stringify(turnedValue(condition)))
}

function turnedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnedValue)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, turnedValue(member)])
  return Object.fromEntries(members.reverse())
}

function turnedMembers({ principal, context, resource }: PlainQuestion) {
  const turned = (object: object): object =>
    Object.fromEntries(
      Object.entries(object)
        .reverse()
        .map(([name, value]) => [
          name,
          Array.isArray(value) ? [...value, ...value].reverse() : value,
        ]),
    )
  return {
    principal: turned(principal),
    context: turned(context),
    resource: resource === undefined ? undefined : turned(resource),
  }
}

function foreign(question: PlainQuestion, tenant: string, random: Random): PlainQuestion {
  const { principal, resource = {} } = question
  const [ours, theirs] = random.pick([
    ['a', 'b'],
    ['a', 'A'],
    ['a', ''],
    ['', ''],
    [undefined, undefined],
    [null, null],
    [1, 1],
    [['a'], ['a']],
    [['a'], 'a'],
    [true, true],
    [Number.NaN, Number.NaN],
    ['a', new String('a')],
    ['1', 1],
  ])
  return {
    ...question,
    principal: Object.fromEntries([...Object.entries(principal), ['tenant', ours]]),
    resource: Object.fromEntries([...Object.entries(resource), [tenant, theirs]]),
  }
}
