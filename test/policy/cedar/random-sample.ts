import type { AttributeKind, Attributes, PolicyRule } from '../../../src/policy/index.js'
import type { ScopesDefinition } from '../../../src/scope/index.js'
import type { Random } from './random.js'
import { randomCondition, TEXTS } from './random-condition.js'
import {
  namesOf,
  type Sample,
  type SampleRelation,
  type SampleRole,
  type SampleType,
} from './sample.js'

/** A policy with a vocabulary of its own. Names that a prototype has are among all others. */
export function randomSample(random: Random): Sample {
  const base = {
    vocabulary: randomVocabulary(random),
    principal: randomAttributes(random, PRINCIPAL_NAMES),
    context: randomAttributes(random, CONTEXT_NAMES),
    types: randomTypes(random),
    roles: null,
    relations: {},
    predicates: random.percent(30) ? ['is odd'] : [],
    rules: [],
  }
  const names = namesOf(base)
  const roles = random.percent(70) ? randomRoles(random, base.vocabulary, names) : null
  const sample: Sample = { ...base, roles, relations: randomRelations(random, base) }
  return { ...sample, rules: randomRules(random, sample, names) }
}

function randomVocabulary(random: Random): ScopesDefinition {
  const resources: Record<string, readonly string[]> = {}
  for (const resource of random.some(RESOURCES, 1, 3)) {
    resources[resource] = random.some(ACTIONS, 1, 4)
  }
  const pairs = Object.entries(resources).flatMap(([resource, actions]) =>
    actions.map((action) => `${resource}:${action}`),
  )
  const actions = random.percent(30) ? random.some(BARE, 1, 2) : []
  const opaque = random.percent(20) ? ['openid'] : []
  const explicitOnly = random.percent(30) ? random.some([...pairs, ...actions], 1, 1) : []
  // Each only to what comes after it, or it would be a cycle.
  const order = random.some([...pairs, ...actions, ...opaque], 99, 99)
  const implies: Record<string, string[]> = {}
  for (const [index, from] of order.entries()) {
    const targets = order.slice(index + 1).filter((to) => !explicitOnly.includes(to))
    if (random.percent(30)) implies[from] = random.some(targets, 0, 2)
  }
  return {
    resources,
    actions,
    opaque,
    explicitOnly,
    implies,
    ...(random.percent(40) ? { superuser: 'admin:all' } : {}),
    ...(random.percent(50) ? { wildcards: 'grants' } : {}),
  }
}

function randomAttributes(random: Random, names: readonly string[]): Attributes {
  return Object.fromEntries(
    random.some(names, 1, names.length).map((name) => [name, randomKind(random)]),
  )
}

function randomKind(random: Random): AttributeKind {
  if (random.percent(20)) return random.some(TEXTS, 2, 3)
  const kind = random.one(['string', 'string', 'number', 'number', 'boolean', 'strings'] as const)
  return random.percent(30) ? `${kind}?` : kind
}

function randomTypes(random: Random): Record<string, SampleType> {
  const types: Record<string, SampleType> = {}
  for (const name of random.some(TYPES, 1, 2)) {
    const attributes = randomAttributes(random, RESOURCE_NAMES)
    types[name] = random.percent(40)
      ? { attributes: { ...attributes, org: random.one(TENANTS) }, tenant: 'org' }
      : { attributes }
  }
  return types
}

function randomRoles(
  random: Random,
  { resources, explicitOnly = [], wildcards }: ScopesDefinition,
  names: readonly string[],
): Record<string, SampleRole> {
  // A pattern that matches nothing is not in the vocabulary.
  const patterns = Object.keys(resources)
    .filter((one) => resources[one]?.some((action) => !explicitOnly.includes(`${one}:${action}`)))
    .map((one) => `${one}:*`)
  const roles: Record<string, SampleRole> = {}
  for (const name of random.some(ROLES, 1, 4)) {
    const grants = random.some(names, 0, 7)
    if (wildcards === 'grants' && random.percent(15)) grants.push(...random.some(patterns, 1, 1))
    // Each extends those that are there already.
    roles[name] = { extends: random.some(Object.keys(roles), 0, 2), grants }
  }
  return roles
}

function randomRelations(
  random: Random,
  { principal, types }: Pick<Sample, 'principal' | 'types'>,
): Record<string, SampleRelation> {
  const scalars = (table: Attributes): string[] =>
    Object.keys(table).filter((name) => !String(table[name]).startsWith('strings'))
  const ours = [...scalars(principal), 'tenant']
  const relations: Record<string, SampleRelation> = {}
  for (const [type, { attributes }] of Object.entries(types)) {
    const theirs = scalars(attributes)
    if (theirs.length === 0 || random.percent(50)) continue
    const relation = { type, principal: random.one(ours), resource: random.one(theirs) }
    relations[`member of ${type}`] = relation
  }
  return relations
}

function randomRules(random: Random, sample: Sample, names: readonly string[]): PolicyRule[] {
  return Array.from({ length: random.between(1, 8) }, (_, index) => {
    const type = random.one(Object.keys(sample.types))
    const effect = random.percent(70) ? 'allow' : 'deny'
    return {
      effect,
      name: `${effect} ${random.between(0, 9)}${index}`,
      type,
      actions: random.some(names, 1, 5),
      when: randomCondition(random, sample, type, random.between(0, 3)),
    }
  })
}

const TENANTS: readonly AttributeKind[] = ['string', 'string?', ['a', 'b', '']]
const RESOURCES = ['posts', 'post', 'constructor', 'toString']
const ACTIONS = ['read', 'write', 'delete', 'valueOf']
const BARE = ['read', 'valueOf', 'export']
const TYPES = ['post', 'a team', 'constructor']
const ROLES = ['reader', 'writer', 'hasOwnProperty', 'the "boss"']
const PRINCIPAL_NAMES = ['id', 'level', 'teams', 'flag', 'constructor']
const CONTEXT_NAMES = ['ip', 'hour', 'mfa', 'toString']
const RESOURCE_NAMES = ['id', 'author', 'state', 'size', 'tags', 'hidden', 'a "b"', 'valueOf']
