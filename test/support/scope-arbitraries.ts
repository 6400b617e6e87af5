import fc from 'fast-check'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../src/scope/definition.js'
import type { Requirement } from '../../src/scope/requirement.js'
import type { Scopes } from '../../src/scope/vocabulary.js'
import {
  allNames,
  isAmbiguous,
  type PlainDefinition,
  type PlainDialect,
  pairs,
  textsFor,
} from './scope-interpreter.js'

/** A vocabulary in both of its forms: what the interpreter reads and what the library made of it. */
export interface Vocabulary {
  readonly plain: PlainDefinition
  readonly scopes: Scopes
}

/** The definition as `defineScopes` takes it. `fromEntries` makes own members even of `__proto__`. */
export function asDefinition(plain: PlainDefinition): ScopesDefinition {
  return {
    dialect: plain.dialect,
    accepts: plain.accepts,
    resources: Object.fromEntries(plain.resources),
    actions: plain.actions,
    opaque: plain.opaque,
    ...(plain.superuser === null ? {} : { superuser: plain.superuser }),
    explicitOnly: plain.explicitOnly,
    implies: Object.fromEntries(plain.implies),
    actionImplies: Object.fromEntries(plain.actionImplies),
    wildcards: plain.wildcards,
  }
}

/** A random definition that is legal: implications run one way along a fixed order, so none is a cycle. */
export function plainDefinitions(): fc.Arbitrary<PlainDefinition> {
  // Without a second dialect no text means two things. The laws turn wildcards on where they are off.
  return skeletons()
    .map((one) => (isAmbiguous({ ...one, wildcards: 'grants' }) ? { ...one, accepts: [] } : one))
    .chain((bare) => {
      const names = allNames(bare).filter((name) => name !== bare.superuser)
      const seldom = { maxLength: Math.min(2, names.length) }
      return fc
        .subarray(names, seldom)
        .chain((explicitOnly) => withImplications(bare, explicitOnly))
    })
}

/** A random definition without implications in which some text may mean two things. */
export function skeletons(): fc.Arbitrary<PlainDefinition> {
  return fc.constantFrom(...DIALECTS).chain((dialect) => {
    const segment = fc.constantFrom(...SEGMENTS)
    const dotted = fc.array(segment, { minLength: 1, maxLength: 3 }).map((one) => one.join('.'))
    const others = DIALECTS.filter((one) => one !== dialect)
    return fc
      .record({
        dialect: fc.constant(dialect),
        accepts: fc.oneof(fc.constant([]), fc.subarray(others)),
        resources: fc
          .uniqueArray(
            fc.tuple(
              dialect === 'dotted' ? dotted : segment,
              fc.subarray(ACTIONS, { minLength: 1, maxLength: 4 }),
            ),
            { maxLength: 4, selector: ([resource]) => resource },
          )
          .map((resources) => new Map(resources)),
        actions: fc.oneof(fc.constant([]), fc.subarray(ACTIONS, { maxLength: 3 })),
        opaque: fc.subarray(OPAQUE),
        superuser: fc.constantFrom(null, 'admin:all', 'users:full', 'full:users', '__proto__'),
        wildcards: fc.constantFrom('off' as const, 'grants' as const, 'grants' as const),
      })
      .map((one) => withoutRepeats({ ...NO_EDGES, ...one }))
  })
}

/** Leaves out what is declared under another head already. */
function withoutRepeats(plain: PlainDefinition): PlainDefinition {
  const taken = allNames({ ...plain, opaque: [], superuser: null })
  const opaque = plain.opaque.filter((name) => !taken.includes(name))
  const superuser = taken.includes(plain.superuser ?? '') ? null : plain.superuser
  return { ...plain, opaque, superuser }
}

/** As {@link plainDefinitions}, defined. */
export function vocabularies(): fc.Arbitrary<Vocabulary> {
  return plainDefinitions().map((plain) => ({ plain, scopes: defineScopes(asDefinition(plain)) }))
}

/** Tokens of a claim for this vocabulary: its names, patterns, near misses, foreign, hostile and malformed ones. */
export function tokensFor(plain: PlainDefinition): fc.Arbitrary<string[]> {
  const names = allNames(plain)
  const segment = fc.constantFrom('*', '*', ...SEGMENTS, ...ACTIONS, '**', 'us*', '')
  const arbitraries = [
    fc.constantFrom(...HOSTILE_TOKENS),
    fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join(':')),
    fc.tuple(segment, segment).map((segments) => segments.join(':')),
    fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('.')),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(' ', '')),
  ]
  const known = names.length === 0 ? [] : [fc.constantFrom(...names)]
  const near = known.flatMap((name) => [
    name.map((one) => one.slice(0, -1)),
    name.map((one) => `${one}s`),
    name.map((one) => one.toUpperCase()),
    name.map((one) => one.split(':').reverse().join(':')),
    name.map((one) => one.replace(/[^:.]+$/, '*')),
    name.map((one) => one.replace(/[^:.]+$/, '**')),
    name.map((one) => one.replaceAll(':', '.')),
    name.map((one) => one.replaceAll('.', ':')),
    name.map((one) => `${one}.*`),
    name.chain((one) => fc.constantFrom(...textsFor(plain, one))),
    name.chain((one) => fc.constantFrom(...textsFor({ ...plain, accepts: DIALECTS }, one))),
  ])
  const token = fc.oneof(...known, ...known, ...known, ...near, ...arbitraries)
  return fc.array(
    token.filter((one) => one !== ''),
    { maxLength: 6 },
  )
}

/** A vocabulary with the tokens of one claim for it. */
export function vocabulariesWithTokens(): fc.Arbitrary<Vocabulary & { tokens: string[] }> {
  return vocabularies().chain((one) => tokensFor(one.plain).map((tokens) => ({ ...one, tokens })))
}

/** Requirements over these names with few alternatives; `authenticated()` now and then. */
export function requirementsOver(scopes: Scopes): fc.Arbitrary<Requirement> {
  const leaf: fc.Arbitrary<Requirement> =
    scopes.names.length === 0
      ? fc.constant({ kind: 'authenticated' })
      : fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(...scopes.names).map(scopes.requirement) },
          { weight: 1, arbitrary: fc.constant<Requirement>({ kind: 'authenticated' }) },
        )
  const branch = (part: fc.Arbitrary<Requirement>) =>
    fc
      .tuple(fc.constantFrom('allOf', 'anyOf'), fc.tuple(part, fc.array(part, { maxLength: 2 })))
      .map(([kind, [first, rest]]) => scopes[kind](first, ...rest))
  // Three times three parts make at most 27 alternatives, under the cap of 64.
  return fc.oneof(leaf, branch(leaf), branch(fc.oneof(leaf, branch(leaf))))
}

function withImplications(
  bare: PlainDefinition,
  explicitOnly: readonly string[],
): fc.Arbitrary<PlainDefinition> {
  const sorted = [...pairs(bare)].sort(
    (left, right) => ACTIONS.indexOf(left.action) - ACTIONS.indexOf(right.action),
  )
  const order = [
    ...(bare.superuser === null ? [] : [bare.superuser]),
    ...bare.opaque.slice(0, 1),
    ...ACTIONS.filter((action) => bare.actions.includes(action)),
    ...sorted.map((pair) => pair.name),
    ...bare.opaque.slice(1),
  ]
  const edges = order.flatMap((from, index) =>
    order.slice(index + 1).map((to): readonly [string, string] => [from, to]),
  )
  const legal = edges.filter(([, to]) => !explicitOnly.includes(to))
  const actions = ACTIONS.filter((action) => sorted.some((pair) => pair.action === action))
  const actionEdges = actions
    .flatMap((from, index) =>
      actions.slice(index + 1).map((to): readonly [string, string] => [from, to]),
    )
    .filter(([from, to]) => !reachesExplicitOnly(bare, explicitOnly, from, to))
  return fc
    .tuple(
      fc.subarray(legal, { maxLength: Math.min(5, legal.length) }),
      fc.subarray(actionEdges, { maxLength: Math.min(2, actionEdges.length) }),
    )
    .map(([implies, actionImplies]) => ({
      ...bare,
      explicitOnly,
      implies: grouped(implies),
      actionImplies: grouped(actionImplies),
    }))
}

function reachesExplicitOnly(
  bare: PlainDefinition,
  explicitOnly: readonly string[],
  from: string,
  to: string,
): boolean {
  const all = pairs(bare)
  return all.some(
    (pair) =>
      pair.action === to &&
      explicitOnly.includes(pair.name) &&
      all.some((other) => other.resource === pair.resource && other.action === from),
  )
}

function grouped(edges: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [from, to] of edges) groups.set(from, [...(groups.get(from) ?? []), to])
  return groups
}

const DIALECTS: readonly PlainDialect[] = ['resource:action', 'action:resource', 'dotted']

const NO_EDGES = { explicitOnly: [], implies: new Map(), actionImplies: new Map() }

/** Names that are prefixes of one another, those that every object inherits, and one that is an action, too. */
const SEGMENTS = ['user', 'users', 'use', 'posts', 'post', 'constructor', '__proto__', 'a', 'read']

/** Further left gives further right, if anything. */
const ACTIONS = ['write', 'writ', 'toString', 'reads', 'read', 're', '__proto__', 'all']

const OPAQUE = ['openid', 'https://api.example/auth/x', 'valueOf', 'users.read']

const HOSTILE_TOKENS = [
  '__proto__',
  'constructor',
  'hasOwnProperty:x',
  'toString',
  'prototype',
  '*',
  '**',
  '*:*',
  '*:all',
  '*:full',
  'full:*',
  '*:*:*',
  '*.*',
  '*.**',
  '**.*',
  '**.read',
  'users.**.read',
  'users.***',
  'users:*.*',
  'users..read',
  '.read',
  'users.',
  'users:**',
  'us*:read',
  'users:re?d',
  'users:{read,write}',
  '!users:read',
  'users:read,users:write',
  'users:',
  ':read',
  ':',
  '::',
  'users:read:',
  'users:read:self',
  'users:read\tusers:write',
  'users:read\u00a0',
  'users:read\n',
  'users:read\u0000',
  'users:"read"',
  'users\\:read',
  'u\u0327sers:read',
  'usérs:read',
  '\ud800',
]
