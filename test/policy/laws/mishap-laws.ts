import type { AttributeOwner, Condition } from '../../../src/policy/condition/condition.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import type { PlainPolicy, PlainRelation } from '../../support/plain-policy.js'
import type { PlainQuestion } from '../../support/policy-interpreter.js'
import { decided, type PolicyLaw, unless } from './law.js'

/** P4: whatever goes wrong, no door opens. */
export const MISHAP_LAWS: readonly PolicyLaw[] = [
  {
    id: 'P4',
    name: 'an attribute that throws opens no door',
    check: async ({ world, question, number }) => {
      const broken = changed(question, createRandom(number), (object, name) =>
        Object.defineProperty(copyOf(object), name, {
          enumerable: true,
          get: () => {
            throw new Error('a getter failed')
          },
        }),
      )
      // A predicate sees for itself.
      const rules = world.relative('without predicates', (plain) => without(plain, ['predicate']))
      if ((await decided(rules, broken)).kind !== 'permitted') return null
      const before = await decided(rules, question)
      return unless(before.kind === 'permitted', () => `${before.kind} before`)
    },
  },
  {
    id: 'P4',
    name: 'an attribute of another kind opens no door',
    check: async ({ world, question, number }) => {
      const random = createRandom(number)
      const wrong = random.pick<unknown>([{}, [{}], 10n, Number.NaN, Symbol('x'), () => true])
      const broken = changed(question, random, (object, name) =>
        Object.fromEntries([...Object.entries(object), [name, wrong]]),
      )
      // A predicate sees for itself.
      const rules = world.relative('without predicates', (plain) => without(plain, ['predicate']))
      if ((await decided(rules, broken)).kind !== 'permitted') return null
      const before = await decided(rules, question)
      return unless(before.kind === 'permitted', () => `${before.kind} before`)
    },
  },
  {
    id: 'P4',
    name: 'an attribute that vanishes opens no door, unless a rule or a predicate asks for just that',
    check: async ({ world, question, number }) => {
      const blind = world.relative('blind', (plain) => without(plain, ['predicate', 'exists']))
      const random = createRandom(number)
      const gone = random.pick(['left out', 'null', 'undefined', 'inherited'])
      const broken = changed(question, random, (object, name) => {
        const rest = Object.entries(object).filter(([one]) => one !== name)
        const value = new Map(Object.entries(object)).get(name)
        if (gone === 'inherited') {
          return Object.create(Object.fromEntries([[name, value]]), descriptorsOf(rest))
        }
        const nothing = gone === 'null' ? null : undefined
        return Object.fromEntries(gone === 'left out' ? rest : [...rest, [name, nothing]])
      })
      if ((await decided(blind, broken)).kind !== 'permitted') return null
      const before = await decided(blind, question)
      return unless(before.kind === 'permitted', () => `${before.kind} before`)
    },
  },
  {
    id: 'P4',
    name: 'loaders and predicates that fail open no door',
    check: async ({ world, question }) => {
      const broken = world.relative('broken', (plain, random) => ({
        ...plain,
        relations: brokenRelations(plain, random),
      }))
      if ((await decided(broken, question)).kind !== 'permitted') return null
      const before = await decided(world, question)
      return unless(before.kind === 'permitted', () => `${before.kind} before`)
    },
  },
  {
    id: 'P4',
    name: 'a failure of ours that decides is told as one: what works again and permits was not refused',
    check: async ({ world, question }) => {
      const working = world.relative('working', (plain) => ({
        ...plain,
        relations: new Map(
          [...plain.relations].map(([name, one]) => [
            name,
            { ...one, works: 'always', asked: 'both' } satisfies PlainRelation,
          ]),
        ),
      }))
      const { kind } = await decided(world, question)
      if (kind === 'permitted' || kind === 'unavailable') return null
      const { kind: repaired } = await decided(working, question)
      return unless(repaired !== 'permitted', () => `${kind}, and then permitted`)
    },
  },
  {
    id: 'P4',
    name: 'a policy never throws, whatever it is asked about, and opens no door for it',
    check: async ({ world, question, number }) => {
      const random = createRandom(number)
      const hostile = random.pick(HOSTILE_OBJECTS)
      const of = random.pick(OWNERS)
      // The type says an object; plain JavaScript may hand over anything.
      const broken = { ...question, [of]: hostile() as object }
      await decided(world, broken)
      const blind = world.relative('blind', (plain) => without(plain, ['predicate', 'exists']))
      const [before, after] = [await decided(blind, question), await decided(blind, broken)]
      const isMore = after.kind === 'permitted' && before.kind !== 'permitted'
      return unless(!isMore, () => `${of} opened the door`)
    },
  },
]

/** The question with one of its attributes changed. */
function changed(
  question: PlainQuestion,
  random: Random,
  change: (object: object, name: string) => object,
): PlainQuestion {
  const of = random.pick(OWNERS)
  const object = question[of] ?? {}
  const names = Object.keys(object)
  if (names.length === 0) return question
  return { ...question, [of]: change(object, random.pick(names)) }
}

function copyOf(object: object): object {
  return Object.fromEntries(Object.entries(object))
}

function descriptorsOf(entries: readonly (readonly [string, unknown])[]): PropertyDescriptorMap {
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { value, enumerable: true, configurable: true }]),
  )
}

/** With `always` in place of the parts of these kinds. */
function without(plain: PlainPolicy, kinds: readonly Condition['kind'][]): PlainPolicy {
  const changed = (condition: Condition): Condition => {
    if (kinds.includes(condition.kind)) return { kind: 'always' }
    switch (condition.kind) {
      case 'not':
        return { ...condition, part: changed(condition.part) }
      case 'allOf':
      case 'anyOf':
        return { ...condition, parts: condition.parts.map(changed) }
      default:
        return condition
    }
  }
  return { ...plain, rules: plain.rules.map((rule) => ({ ...rule, when: changed(rule.when) })) }
}

function brokenRelations({ relations }: PlainPolicy, random: Random): PlainPolicy['relations'] {
  return new Map(
    [...relations].map(([name, one]) => [
      name,
      { ...one, works: random.pick(['throws', 'rejects', 'answers too few'] as const) },
    ]),
  )
}

const OWNERS: readonly (AttributeOwner & keyof PlainQuestion)[] = [
  'resource',
  'resource',
  'principal',
  'context',
]

const HOSTILE_OBJECTS: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 'a',
  () => [],
  () => () => true,
  () => Object.create(null),
  () => new Date(0),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () =>
    new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => {
          throw new Error('a trap failed')
        },
      },
    ),
  () =>
    new Proxy(
      {},
      {
        getOwnPropertyDescriptor: () => ({ configurable: true, value: 1 }),
        get: () => {
          throw new Error('a trap failed')
        },
      },
    ),
]
