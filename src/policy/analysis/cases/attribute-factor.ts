import type { Asker } from '../../asker.js'
import type { Situation } from '../../condition/compile-condition.js'
import type { Truth } from '../../condition/truth.js'
import { isOwnTenant } from '../../decide.js'
import { situationOf } from '../../situation-of.js'
import { type AssumedAnswer, type AssumedObject, AssumedRelations } from './assumptions.js'
import { combinations, isBeyond, isTooMuch } from './case-bounds.js'
import type { Component, Variable } from './components.js'
import type { Factor, Outcome } from './factor.js'
import type { Fact, Side } from './facts.js'
import { type CaseValue, Values } from './values.js'

/**
 * Everything that attributes can do to the facts of one component: each combination of truths once, with attributes that
 * bring it about. The truths are those that the policy's own code gives for these attributes.
 *
 * @returns null if there are too many to look at: found out by counting, before they are written out
 */
export function attributeFactor(
  component: Component,
  facts: readonly Fact[],
  mostTried: number,
): Factor | null {
  if (component.variables.some(isAmbiguous)) return null
  const relations = relationsIn(component, facts)
  // Each attribute is there or missing, at the least; so this also bounds how deep `assign` goes.
  const least = combinations([...component.variables.map(() => 2), ...relations.map(() => 3)])
  if (isBeyond(least, mostTried)) return null
  const values = new Values(component, facts)
  // A list holds some of what is looked for in it, or is missing.
  const atLeast = component.variables.map(
    (variable) => 1 + 2 ** values.itemsOf(variable, NONE).length,
  )
  if (isBeyond(combinations(atLeast), mostTried)) return null
  const outcomes = new Map<string, Outcome>()
  const assigned = new Map<Variable, CaseValue>()
  let tried = 0
  const assign = (index: number): boolean => {
    const variable = component.variables[index]
    if (variable !== undefined) {
      for (const value of values.choices(variable, assigned)) {
        assigned.set(variable, value)
        if (!assign(index + 1)) return false
      }
      assigned.delete(variable)
      return true
    }
    for (const answers of answersOf(relations)) {
      tried += 1
      if (isBeyond(tried, mostTried)) return false
      if (isTooMuch(tried, component.facts.length, mostTried)) return false
      const outcome = outcomeOf(component, facts, assigned, answers)
      const key = outcome.truths.join()
      if (!outcomes.has(key)) outcomes.set(key, outcome)
    }
    return true
  }
  if (!assign(0)) return null
  return { facts: component.facts, outcomes: [...outcomes.values()] }
}

/** One policy has it as a list, another as one value: then the order in which values are chosen would not do. */
function isAmbiguous({ declared }: Variable): boolean {
  const lists = declared.filter(({ kind }) => kind === 'strings')
  return lists.length > 0 && lists.length < declared.length
}

function relationsIn(component: Component, facts: readonly Fact[]): readonly string[] {
  const names = component.facts.flatMap((place) => {
    const fact = facts[place]
    return fact?.kind === 'atom' && fact.atom.kind === 'relation' ? [fact.atom.name] : []
  })
  return [...new Set(names)]
}

/** Every way in which relations can answer, one at a time: what is missing of them follows from the attributes. */
function* answersOf(names: readonly string[]): Generator<readonly [string, AssumedAnswer][]> {
  const [name, ...others] = names
  if (name === undefined) {
    yield []
    return
  }
  for (const answer of RELATION_ANSWERS) {
    for (const answers of answersOf(others)) yield [[name, answer], ...answers]
  }
}

function outcomeOf(
  component: Component,
  facts: readonly Fact[],
  assigned: ReadonlyMap<Variable, CaseValue>,
  answers: readonly [string, AssumedAnswer][],
): Outcome {
  const assumed = {
    principal: objectOf('principal', assigned),
    resource: objectOf('resource', assigned),
    context: objectOf('context', assigned),
    relations: Object.fromEntries(answers),
  }
  const asker: Asker = {
    principal: assumed.principal,
    context: assumed.context,
    grant: 'undelegated',
    roles: new Set(),
    loads: new AssumedRelations(new Map(answers)),
  }
  const situations = new Map<Side, Situation>()
  const truths = component.facts.map((place): Truth => {
    const fact = facts[place]
    if (fact === undefined || fact.kind === 'role') return 'failed'
    const { ready, type } = fact.side
    if (fact.kind === 'tenant') {
      return isOwnTenant(type, asker, assumed.resource) ? 'true' : 'false'
    }
    const situation = situations.get(fact.side) ?? situationOf(ready, asker, type, assumed.resource)
    situations.set(fact.side, situation)
    return fact.test(situation)
  })
  return { truths, assumed }
}

function objectOf(of: Variable['of'], assigned: ReadonlyMap<Variable, CaseValue>): AssumedObject {
  const members: [string, Exclude<CaseValue, undefined>][] = []
  for (const [variable, value] of assigned) {
    if (variable.of === of && value !== undefined) members.push([variable.name, value])
  }
  return Object.fromEntries(members)
}

const NONE: ReadonlyMap<Variable, CaseValue> = new Map()
const RELATION_ANSWERS: readonly AssumedAnswer[] = ['true', 'false', 'failed']
