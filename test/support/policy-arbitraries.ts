import type { AttributeKind } from '../../src/policy/condition/attributes.js'
import type { FieldRule, PolicyRule } from '../../src/policy/definition/policy-definition.js'
import type { Random } from '../fuzz/random.js'
import type {
  PlainAttributes,
  PlainPolicy,
  PlainRelation,
  PlainRole,
  PlainType,
} from './plain-policy.js'
import { type ConditionShape, createCondition } from './policy-conditions.js'
import { allNames, type PlainDefinition } from './scope-interpreter.js'

/** What random policies are made of. Left out, everything is. */
export interface PolicyShape extends ConditionShape {
  /** Whether names may be those that every object inherits. Default: true. */
  readonly hostileNames?: boolean
  /** Default: 7. */
  readonly maxRules?: number
  /** Whether some rules deny. Default: true. */
  readonly denies?: boolean
  /** Whether policies may have roles. Default: true. */
  readonly roles?: boolean
  /** How relations may be asked. Default: every way. */
  readonly relationsAsked?: readonly PlainRelation['asked'][]
  /** Whether loaders may throw, reject or answer too few. Default: true. */
  readonly brokenLoaders?: boolean
}

/**
 * A random policy that is well-defined: one or two types, with and without tenant and conceal, attributes of all kinds,
 * roles or none, and rules of all effects over the whole condition tree.
 *
 * One policy serves many questions: see `createQuestion`. The same seed gives the same policy.
 */
export function createPlainPolicy(random: Random, shape: PolicyShape = {}): PlainPolicy {
  const names = shape.hostileNames === false ? PLAIN_NAMES : HOSTILE_NAMES
  const vocabulary = createVocabulary(random)
  const actions = allNames(vocabulary)
  const principal = createAttributes(random, names, { id: 'string' }, 4)
  const context = createAttributes(random, names, {}, 2)
  const types = new Map(
    someOf(random, names.types, 1, 2).map((name) => [name, createType(random, names, actions)]),
  )
  const declared = {
    vocabulary,
    principal,
    context,
    types,
    roles:
      shape.roles === false || random.chance(0.4) ? null : createRoles(random, names, vocabulary),
    relations: createRelations(random, types, principal, shape),
    predicates: random.chance(0.4) ? ['lucky'] : [],
    facts: random.below(2 ** 31),
  }
  const count = 1 + random.below(shape.maxRules ?? 7)
  const rules = Array.from({ length: count }, (_, index) => {
    const effect = shape.denies !== false && random.chance(0.25) ? 'deny' : 'allow'
    return { effect, ...createRule(random, declared, shape, `${effect} ${index}`) } as const
  })
  const fieldRules = Array.from({ length: random.below(3) }, (_, index): FieldRule => {
    const rule = createRule(random, declared, shape, `fields ${index}`)
    const attributes = [...(types.get(rule.type)?.attributes.keys() ?? [])]
    return { effect: 'fields', ...rule, fields: someOf(random, attributes, 0, 4) }
  })
  return { ...declared, rules, fieldRules }
}

/** Some of these, each once, in any order. */
export function someOf<Member>(
  random: Random,
  members: readonly Member[],
  least: number,
  most: number,
): Member[] {
  const left = [...members]
  const count = Math.min(left.length, least + random.below(most - least + 1))
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat()
}

/** Few scopes that have much to do with each other: implications run one way along a fixed order. */
function createVocabulary(random: Random): PlainDefinition {
  const resources = new Map(
    someOf(random, RESOURCES, 1, 2).map((name) => [name, someOf(random, ACTIONS, 1, 3)]),
  )
  const [first = 'x', actions = []] = [...resources][0] ?? []
  const superuser = random.chance(0.4) ? 'admin:all' : null
  const [from, to] = [...actions].sort()
  return {
    dialect: 'resource:action',
    accepts: [],
    actions: random.chance(0.2) ? ['ping'] : [],
    resources,
    opaque: random.chance(0.3) ? ['__proto__'] : [],
    superuser,
    explicitOnly: [],
    implies:
      from !== undefined && to !== undefined && random.chance(0.5)
        ? new Map([[`${first}:${from}`, [`${first}:${to}`]]])
        : new Map(),
    actionImplies: new Map(),
    wildcards: random.pick(['off', 'grants']),
  }
}

function createAttributes(
  random: Random,
  names: Names,
  always: Readonly<Record<string, AttributeKind>>,
  most: number,
): PlainAttributes {
  const attributes = new Map<string, AttributeKind>(Object.entries(always))
  for (const name of someOf(random, names.attributes, 0, most)) {
    attributes.set(name, random.pick(KINDS))
  }
  return attributes
}

function createType(random: Random, names: Names, actions: readonly string[]): PlainType {
  const attributes = createAttributes(random, names, { id: 'string', org: 'string' }, 4)
  return {
    attributes,
    tenant: random.chance(0.5) ? 'org' : null,
    conceal: random.chance(0.4) ? random.pick(actions) : null,
  }
}

/** A role extends only those after it, so that there is no circle. */
function createRoles(
  random: Random,
  names: Names,
  vocabulary: PlainDefinition,
): ReadonlyMap<string, PlainRole> {
  const chosen = someOf(random, names.roles, 1, 3)
  const patterns = vocabulary.wildcards === 'grants' ? ['*:*', 'post:*'] : []
  // The vocabulary may be without `post`: then such a pattern is unknown, and refused.
  const grantable = [
    ...allNames(vocabulary),
    ...patterns.filter((pattern) => pattern === '*:*' || vocabulary.resources.has('post')),
  ]
  return new Map(
    chosen.map((name, index) => [
      name,
      {
        extends: someOf(random, chosen.slice(index + 1), 0, 2),
        grants: someOf(random, grantable, 0, 3),
      },
    ]),
  )
}

function createRelations(
  random: Random,
  types: ReadonlyMap<string, PlainType>,
  principal: PlainAttributes,
  shape: PolicyShape,
): ReadonlyMap<string, PlainRelation> {
  const keys = (attributes: PlainAttributes): string[] =>
    [...attributes].filter(([, kind]) => !String(kind).startsWith('strings')).map(([name]) => name)
  return new Map(
    someOf(random, RELATIONS, 0, 2).map((name) => {
      const [type, { attributes }] = random.pick([...types])
      return [
        name,
        {
          type,
          principal: random.pick([...keys(principal), 'tenant']),
          resource: random.pick(keys(attributes)),
          asked: random.pick(shape.relationsAsked ?? (['load', 'list', 'both'] as const)),
          works:
            shape.brokenLoaders !== false && random.chance(0.15)
              ? random.pick(['throws', 'rejects', 'answers too few'] as const)
              : 'always',
        },
      ]
    }),
  )
}

/** A rule for one more effect, which nothing else in the policy depends on. */
export function createRule(
  random: Random,
  declared: Omit<PlainPolicy, 'rules' | 'fieldRules'>,
  shape: PolicyShape,
  name: string,
): Omit<PolicyRule, 'effect'> {
  const type = random.pick([...declared.types.keys()])
  return {
    name,
    type,
    actions: someOf(random, allNames(declared.vocabulary), 1, 3),
    when: createCondition(random, declared, type, shape),
  }
}

interface Names {
  readonly types: readonly string[]
  readonly attributes: readonly string[]
  readonly roles: readonly string[]
}

const HOSTILE_NAMES: Names = {
  types: ['post', 'constructor', '__proto__', 'team'],
  attributes: ['state', 'size', 'constructor', 'toString', 'hasOwnProperty', 'a b"c', "'", 'flag'],
  roles: ['reader', 'writer', '__proto__', 'constructor', 'toString', 'valueOf'],
}
const PLAIN_NAMES: Names = {
  types: ['post', 'team', 'invoice'],
  attributes: ['state', 'size', 'owner', 'tags', 'flag', 'level'],
  roles: ['reader', 'writer', 'editor'],
}
const RESOURCES = ['post', 'constructor', 'user']
const ACTIONS = ['edit', 'read', 'toString', 'write']
const RELATIONS = ['member of', '__proto__', 'shares']
const KINDS: readonly AttributeKind[] = [
  'string',
  'string',
  'string?',
  'number',
  'number?',
  'boolean',
  'boolean?',
  'strings',
  'strings?',
  ['a', 'b'],
  ['a', 'constructor', ''],
]
