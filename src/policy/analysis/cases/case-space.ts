import type { Situation } from '../../condition/compile-condition.js'
import { COMPARISONS } from '../../condition/condition.js'
import type { Truth } from '../../condition/truth.js'
import type { AssumedAnswer, Assumptions } from './assumptions.js'
import { attributeFactor } from './attribute-factor.js'
import { combinations, isBeyond } from './case-bounds.js'
import { componentsOf } from './components.js'
import type { Factor, Outcome } from './factor.js'
import { attributesOfFact, type Fact, FactTable, type Side } from './facts.js'
import { fixedRoles, roleFactor } from './role-factor.js'

/**
 * Every case there is for some actions on one type: each combination of what the facts of these decisions can come to at
 * once. Two requests of one case are decided alike, and no case is left out, so what holds in all cases always holds.
 *
 * A relation, a predicate and an attribute may be anything, whatever else is true: what functions of the application have to
 * do with each other is not seen. So a case may be one that never happens; none that happens is missing, but for a resource
 * whose getters throw.
 */
export interface CaseSpace {
  readonly table: FactTable
  /** How many cases. */
  readonly size: number
  /**
   * Calls with the truths of each case, by the places of the table, until it returns false. The list is the same each time and
   * written over.
   */
  eachCase(
    visit: (truths: readonly Truth[], assumed: () => Assumptions) => boolean | undefined,
  ): void
}

/** All roles of the policy, in every combination; or only these, together. */
export type RolesOfCases =
  | { readonly kind: 'any'; readonly names: readonly string[] }
  | { readonly kind: 'just'; readonly names: readonly string[] }

/** What is the same for all roles: made once, whatever roles are looked at. */
export interface CaseFactors {
  readonly table: FactTable
  /** Null if there are too many to look at. */
  readonly factors: readonly Factor[] | null
  readonly mostCases: number
}

export function caseFactors(
  sides: readonly Side[],
  actions: readonly string[],
  mostCases: number = MOST_CASES,
): CaseFactors {
  const table = new FactTable()
  for (const side of sides) table.addActions(side, actions)
  // What a function makes of values cannot be gone through: there are too many, and nothing is said rather than half of it.
  if (table.facts.some((fact) => fact.kind === 'atom' && fact.atom.kind === 'detail')) {
    return { table, factors: null, mostCases }
  }
  const factors: Factor[] = [...constantFactors(table.facts), ...predicateFactors(table.facts)]
  if (isBeyond(sizeOf(factors), mostCases)) return { table, factors: null, mostCases }
  for (const component of componentsOf(table.facts)) {
    const factor = attributeFactor(component, table.facts, mostCases)
    if (factor === null) return { table, factors: null, mostCases }
    factors.push(factor)
    if (isBeyond(sizeOf(factors), mostCases)) return { table, factors: null, mostCases }
  }
  return { table, factors, mostCases }
}

/** @returns null if there are more cases than anybody wants to look at */
export function caseSpace(
  { table, factors, mostCases }: CaseFactors,
  roles: RolesOfCases,
): CaseSpace | null {
  if (factors === null) return null
  const { facts } = table
  const others = sizeOf(factors)
  if (isBeyond(others, mostCases)) return null
  const held =
    roles.kind === 'any'
      ? roleFactor(facts, roles.names, mostCases / others)
      : fixedRoles(facts, roles.names)
  if (held === null) return null
  // The roles turn slowest, so that the first case of a kind has the fewest.
  const all = [held, ...factors]
  const size = sizeOf(all)
  if (isBeyond(size, mostCases)) return null
  return { table, size, eachCase: (visit) => visitAll(all, facts.length, visit) }
}

function sizeOf(factors: readonly Factor[]): number {
  return combinations(factors.map(({ outcomes }) => outcomes.length))
}

function visitAll(
  factors: readonly Factor[],
  facts: number,
  visit: (truths: readonly Truth[], assumed: () => Assumptions) => boolean | undefined,
): void {
  const truths = new Array<Truth>(facts).fill('failed')
  const picked: Outcome[] = []
  const assumed = (): Assumptions => together(picked.map((outcome) => outcome.assumed))
  const pick = (index: number, { facts: places }: Factor, outcome: Outcome): void => {
    picked[index] = outcome
    places.forEach((place, at) => {
      truths[place] = outcome.truths[at] ?? 'failed'
    })
  }
  // Those that can only be one way stay as they are, so that no more are turned than there are powers of two in the size.
  const turning: { readonly index: number; readonly factor: Factor }[] = []
  for (const [index, factor] of factors.entries()) {
    const [only, ...others] = factor.outcomes
    if (only !== undefined && others.length === 0) pick(index, factor, only)
    else turning.push({ index, factor })
  }
  const turn = (at: number): boolean => {
    const turned = turning[at]
    if (turned === undefined) return visit(truths, assumed) !== false
    for (const outcome of turned.factor.outcomes) {
      pick(turned.index, turned.factor, outcome)
      if (!turn(at + 1)) return false
    }
    return true
  }
  turn(0)
}

function together(parts: readonly Partial<Assumptions>[]): Assumptions {
  const merged = <Key extends 'principal' | 'resource' | 'context' | 'relations' | 'predicates'>(
    key: Key,
  ): Assumptions[Key] =>
    // The parts are independent: none says anything of what another speaks of.
    Object.fromEntries(parts.flatMap((part) => Object.entries(part[key] ?? {}))) as Assumptions[Key]
  return {
    principal: merged('principal'),
    roles: parts.flatMap(({ roles }) => roles ?? []),
    resource: merged('resource'),
    context: merged('context'),
    relations: merged('relations'),
    predicates: merged('predicates'),
  }
}

/** A comparison of two values is what it is. */
function constantFactors(facts: readonly Fact[]): readonly Factor[] {
  return [...facts.keys()].flatMap((place): Factor[] => {
    const fact = facts[place]
    if (fact?.kind !== 'atom' || !COMPARING.has(fact.atom.kind)) return []
    if (attributesOfFact(fact).length > 0) return []
    return [{ facts: [place], outcomes: [{ truths: [fact.test(NOBODY)], assumed: {} }] }]
  })
}

/** A predicate may say anything, but the same to all who ask. */
function predicateFactors(facts: readonly Fact[]): readonly Factor[] {
  const places = new Map<string, number[]>()
  facts.forEach((fact, place) => {
    if (fact.kind !== 'atom' || fact.atom.kind !== 'predicate') return
    const { name } = fact.atom
    places.set(name, [...(places.get(name) ?? []), place])
  })
  return [...places].map(([name, own]) => ({
    facts: own,
    outcomes: ANSWERS.map((answer) => ({
      truths: own.map(() => answer),
      assumed: { predicates: Object.fromEntries([[name, answer]]) },
    })),
  }))
}

const ANSWERS: readonly AssumedAnswer[] = ['true', 'false', 'missing', 'failed']
const COMPARING: ReadonlySet<string> = new Set([...COMPARISONS, 'in'])
const NOBODY: Situation = {
  principal: undefined,
  resource: undefined,
  context: undefined,
  roles: new Set(),
  related: () => 'failed',
  holds: () => 'failed',
}
/** Twelve comparisons, each true, false or missing, make 531,441; ten predicates, which may also fail, 1,048,576. */
export const MOST_CASES: number = 2 ** 20
