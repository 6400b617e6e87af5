import fc from 'fast-check'
import { defineScopes } from '../../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../../src/scope/definition.js'
import type { Requirement } from '../../../src/scope/requirement.js'
import type { Scopes } from '../../../src/scope/vocabulary.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import {
  asDefinition,
  plainDefinitions,
  requirementsOver,
  tokensFor,
} from '../../support/scope-arbitraries.js'
import { allNames, type PlainDefinition, pairs } from '../../support/scope-interpreter.js'
import { createSample, type Sample, type Tokens } from './law.js'

/** Makes a vocabulary. The laws are checked with others than ours too, to see that they can be broken. */
export type Define = (definition: ScopesDefinition) => Scopes

/** A vocabulary that serves many runs, and its relatives, each defined when a law first asks for it. */
export interface Situation {
  readonly plain: PlainDefinition
  readonly scopes: Scopes
  readonly define: Define
  /** The same under a key, made once. */
  relative(key: string, change: (plain: PlainDefinition) => PlainDefinition): Relative
}

export interface Relative {
  readonly plain: PlainDefinition
  readonly scopes: Scopes
}

/** So many runs share one vocabulary: making it costs as much as all of them. */
const RUNS_PER_SITUATION = 25

function createSituation(plain: PlainDefinition, define: Define = defineScopes): Situation {
  const relatives = new Map<string, Relative>()
  return {
    plain,
    scopes: define(asDefinition(plain)),
    define,
    relative(key, change) {
      const known = relatives.get(key)
      if (known !== undefined) return known
      const changed = change(plain)
      const made = { plain: changed, scopes: define(asDefinition(changed)) }
      relatives.set(key, made)
      return made
    },
  }
}

/** The samples of so many runs, one situation after the other. The same seed gives the same samples. */
export function* sampleSituations(
  runs: number,
  seed: number,
  define?: Define,
): Generator<readonly Sample[]> {
  for (let first = 0, batch = 0; first < runs; batch++) {
    const plains = fc.sample(plainDefinitions(), { seed: seed + batch, numRuns: BATCH })
    for (const [index, plain] of plains.entries()) {
      const count = Math.min(RUNS_PER_SITUATION, runs - first)
      if (count <= 0) return
      yield samplesOf(createSituation(plain, define), count, (seed + batch) * BATCH + index)
      first += count
    }
  }
}

function samplesOf(situation: Situation, count: number, seed: number): readonly Sample[] {
  const random = createRandom(seed)
  const tokens = fc.sample(tokensFor(situation.plain), { seed, numRuns: 20 }).flat()
  const requirements = fc.sample(requirementsOver(situation.scopes), { seed, numRuns: 8 })
  return Array.from({ length: count }, () => {
    const first = someOf(tokens, [], random)
    const second = someOf(tokens, first, random)
    const third = someOf(tokens, [...first, ...second], random)
    return createSample(situation, {
      claims: [first, second, third],
      requirements: [random.pick(requirements), random.pick(requirements)],
      number: random.below(2 ** 31),
    })
  })
}

/** Up to six tokens, some of them those of another claim, so that claims overlap more often than by chance. */
function someOf(tokens: Tokens, others: Tokens, random: Random): Tokens {
  const count = random.below(7)
  return Array.from({ length: tokens.length === 0 ? 0 : count }, () =>
    others.length > 0 && random.chance(0.3) ? random.pick(others) : random.pick(tokens),
  )
}

/**
 * Samples with a little less in them, to find what a failure needs. One that cannot be made throws: without some scope a
 * vocabulary, or a requirement, is none.
 */
export function smallerSamples(sample: Sample): (() => Sample)[] {
  const { situation, claims, requirements } = sample
  const [left, right] = requirements
  const fewerTokens = claims.flatMap((claim, index) =>
    claim.map((_, place) => () => {
      const [first = [], second = [], third = []] = claims.map((one, other) =>
        other === index ? one.filter((_token, at) => at !== place) : one,
      )
      return createSample(situation, { ...sample, claims: [first, second, third] })
    }),
  )
  const fewerParts = [
    ...partsOf(left).map((part): [Requirement, Requirement] => [part, right]),
    ...partsOf(right).map((part): [Requirement, Requirement] => [left, part]),
  ].map((fewer) => () => createSample(situation, { ...sample, requirements: fewer }))
  const lessVocabulary = smallerVocabularies(situation.plain).map((plain) => () => {
    const smaller = createSituation(plain, situation.define)
    return createSample(smaller, {
      ...sample,
      requirements: [smaller.scopes.requirement(left), smaller.scopes.requirement(right)],
    })
  })
  return [...fewerTokens, ...fewerParts, ...lessVocabulary]
}

function smallerVocabularies(plain: PlainDefinition): PlainDefinition[] {
  return [
    ...allNames(plain).map((name) => withoutScope(plain, name)),
    ...[...plain.implies.keys()].map((name) => withoutImplication(plain, name)),
    { ...plain, accepts: [] },
    { ...plain, actionImplies: new Map() },
    { ...plain, explicitOnly: [] },
    { ...plain, superuser: null },
  ].filter((one) => printed(one) !== printed(plain))
}

function partsOf(requirement: Requirement): readonly Requirement[] {
  return requirement.kind === 'allOf' || requirement.kind === 'anyOf' ? requirement.parts : []
}

/** A vocabulary on one line. */
export function printed(plain: PlainDefinition): string {
  return JSON.stringify(asDefinition(plain))
}

/** The definition before this scope came: without it, and without whatever mentions it. */
export function withoutScope(plain: PlainDefinition, gone: string): PlainDefinition {
  const kept = (list: readonly string[]) => list.filter((name) => name !== gone)
  const lost = pairs(plain).find((pair) => pair.name === gone)
  const resources = new Map(
    [...plain.resources].map(([resource, actions]) => [
      resource,
      actions.filter((action) => lost?.resource !== resource || lost.action !== action),
    ]),
  )
  const actions = new Set([...resources.values()].flat())
  const keptActions = [...plain.actionImplies]
    .filter(([from]) => actions.has(from))
    .map(([from, to]) => [from, to.filter((action) => actions.has(action))] as const)
  return {
    ...plain,
    resources,
    actions: kept(plain.actions),
    opaque: kept(plain.opaque),
    superuser: plain.superuser === gone ? null : plain.superuser,
    explicitOnly: kept(plain.explicitOnly),
    implies: new Map(
      [...plain.implies].filter(([from]) => from !== gone).map(([from, to]) => [from, kept(to)]),
    ),
    actionImplies: new Map(keptActions),
  }
}

/** The definition before these implications came. */
export function withoutImplication(plain: PlainDefinition, gone: string): PlainDefinition {
  return { ...plain, implies: new Map([...plain.implies].filter(([from]) => from !== gone)) }
}

const BATCH = 50
