import { readyOf } from '../../../src/policy/analysis/analysable.js'
import {
  type AssumedAnswer,
  AssumedRelations,
  withPredicates,
} from '../../../src/policy/analysis/cases/assumptions.js'
import {
  type CaseSpace,
  caseFactors,
  caseSpace,
} from '../../../src/policy/analysis/cases/case-space.js'
import type { Fact, Side } from '../../../src/policy/analysis/cases/facts.js'
import { type Asker, askerOf } from '../../../src/policy/asker.js'
import { compileCondition } from '../../../src/policy/condition/compile-condition.js'
import type { Truth } from '../../../src/policy/condition/truth.js'
import { hasRole, isOwnTenant } from '../../../src/policy/decide.js'
import { situationOf } from '../../../src/policy/situation-of.js'
import { createRandom, type Random } from '../../fuzz/random.js'
import { type PolicyLaw, unless, type World } from '../laws/law.js'

/** Cases are what all analysis rests on: none may be missing, and none may be made up. */
export const CASE_LAWS: readonly PolicyLaw[] = [
  {
    id: 'P13',
    name: 'every request is one of the cases',
    check: ({ world, question, number }) => {
      const { type, action, principal, context, resource } = question
      const found = casesOf(world, type, action)
      if (found === null) return null
      const answers = randomAnswers(createRandom(number), found.side)
      const given = { principal, context, resource, ...answers }
      const truths = truthsOf(found.side, found.facts, given).join()
      return unless(found.known.has(truths), () => `no case is ${truths}`)
    },
  },
  {
    id: 'P14',
    name: 'what is assumed of a case brings it about',
    check: ({ world, question, number }) => {
      const found = casesOf(world, question.type, question.action)
      if (found === null) return null
      let left = number % found.space.size
      let complaint: string | null = null
      found.space.eachCase((truths, assumed) => {
        left -= 1
        if (left >= 0) return true
        const { principal, roles, context, resource, relations, predicates } = assumed()
        const actual = truthsOf(found.side, found.facts, {
          principal: { ...principal, roles },
          context,
          resource,
          relations: new Map(Object.entries(relations)),
          predicates,
        }).join()
        complaint = unless(actual === truths.join(), () => `${actual}, not ${truths.join()}`)
        return false
      })
      return complaint
    },
  },
]

interface Cases {
  readonly side: Side
  readonly space: CaseSpace
  readonly facts: readonly Fact[]
  readonly known: ReadonlySet<string>
}

/** Null where there are too many: nothing is claimed then. */
function casesOf(world: World, typeName: string, action: string): Cases | null {
  const remembered = REMEMBERED.get(world) ?? new Map<string, Cases | null>()
  REMEMBERED.set(world, remembered)
  const key = JSON.stringify([typeName, action])
  const cases = remembered.get(key)
  if (cases !== undefined) return cases
  const made = makeCases(world, typeName, action)
  remembered.set(key, made)
  return made
}

function makeCases(world: World, typeName: string, action: string): Cases | null {
  const ready = readyOf(world.policy)
  const type = ready.compiled.get(typeName)
  if (type === undefined) return null
  const side: Side = { ready, type }
  const factors = caseFactors([side], [action], MOST_CASES)
  const space = caseSpace(factors, { kind: 'any', names: [...(ready.model.roles?.keys() ?? [])] })
  if (space === null) return null
  const known = new Set<string>()
  space.eachCase((truths) => {
    known.add(truths.join())
    return true
  })
  return { side, space, facts: factors.table.facts, known }
}

interface Given {
  readonly principal: object
  readonly context: object
  readonly resource: unknown
  readonly relations: ReadonlyMap<string, Truth>
  readonly predicates: Readonly<Record<string, AssumedAnswer>>
}

/** What each fact comes to, by the policy's own code. */
function truthsOf(side: Side, facts: readonly Fact[], given: Given): readonly Truth[] {
  const ready = withPredicates(side.ready, given.predicates)
  const { principal, context, resource } = given
  const asker: Asker = {
    principal,
    context,
    grant: 'undelegated',
    roles: askerOf(ready, { principal, grant: 'undelegated' }).roles,
    loads: new AssumedRelations(given.relations),
  }
  const situation = situationOf(ready, asker, side.type, resource)
  const attributes = {
    resource: side.type.model.attributes,
    principal: ready.model.principal,
    context: ready.model.context,
  }
  return facts.map((fact): Truth => {
    if (fact.kind === 'tenant') return isOwnTenant(side.type, asker, resource) ? 'true' : 'false'
    if (fact.kind === 'role')
      return hasRole(ready.model, asker.roles, fact.action) ? 'true' : 'false'
    return compileCondition(fact.atom, attributes)(situation)
  })
}

function randomAnswers(random: Random, { ready }: Side): Pick<Given, 'relations' | 'predicates'> {
  const answer = <Answer>(names: Iterable<string>, of: readonly Answer[]): [string, Answer][] =>
    [...names].map((name) => [name, random.pick(of)])
  const { relations, predicates } = ready.model
  return {
    relations: new Map(answer<Truth>(relations.keys(), ['true', 'false', 'failed'])),
    predicates: Object.fromEntries(
      answer<AssumedAnswer>(predicates.keys(), ['true', 'false', 'missing', 'failed']),
    ),
  }
}

const REMEMBERED = new WeakMap<World, Map<string, Cases | null>>()
const MOST_CASES = 4_000
