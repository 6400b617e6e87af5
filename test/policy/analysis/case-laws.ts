import { readyOf } from '../../../src/policy/analysis/analysable.js'
import {
  type AssumedAnswer,
  AssumedRelations,
  withPredicates,
} from '../../../src/policy/analysis/cases/assumptions.js'
import { caseFactors, caseSpace } from '../../../src/policy/analysis/cases/case-space.js'
import type { Fact, Side } from '../../../src/policy/analysis/cases/facts.js'
import { compileCondition } from '../../../src/policy/condition/compile-condition.js'
import type { Truth } from '../../../src/policy/condition/truth.js'
import {
  type Asker,
  askerOf,
  hasRole,
  isOwnTenant,
  situationOf,
} from '../../../src/policy/decide.js'
import type { Random } from '../../fuzz/random.js'
import { definePlainPolicy } from '../../support/define-plain-policy.js'
import { createPlainPolicy } from '../../support/policy-arbitraries.js'
import { createQuestion } from '../../support/policy-questions.js'
import { type AnalysisLaw, REQUESTS, SMALL, shown } from './law.js'

/** Cases are what all analysis rests on: none may be missing, and none may be made up. */
export const CASE_LAWS: readonly AnalysisLaw[] = [
  {
    id: 'A1',
    name: 'every request is one of the cases',
    check(random) {
      const found = randomSpace(random)
      if (found === null) return null
      const { plain, side, space, facts } = found
      const known = new Set<string>()
      space.eachCase((truths) => {
        known.add(truths.join())
        return true
      })
      for (let question = 0; question < REQUESTS; question++) {
        const { principal, context, resource, type } = createQuestion(random, plain)
        if (type !== side.type.model.name) continue
        const answers = randomAnswers(random, side)
        const truths = truthsOf(side, facts, { principal, context, resource, ...answers }).join()
        if (!known.has(truths)) {
          return `no case is like ${shown({ principal, context, resource, ...answers })} in ${shown(plain)}`
        }
      }
      return null
    },
  },
  {
    id: 'A2',
    name: 'what is assumed of a case brings it about',
    check(random) {
      const found = randomSpace(random)
      if (found === null) return null
      const { plain, side, space, facts } = found
      const every = 1 + random.below(space.size)
      let number = 0
      let problem: string | null = null
      space.eachCase((truths, assumed) => {
        number += 1
        if (number % every !== 0) return true
        const { principal, roles, context, resource, relations, predicates } = assumed()
        const actual = truthsOf(side, facts, {
          principal: { ...principal, roles },
          context,
          resource,
          relations: new Map(Object.entries(relations)),
          predicates,
        })
        if (actual.join() !== truths.join()) {
          problem = `${shown(assumed())} gives ${actual.join()}, not ${truths.join()}, in ${shown(plain)}`
        }
        return problem === null
      })
      return problem
    },
  },
]

function randomSpace(random: Random) {
  const plain = createPlainPolicy(random, SMALL)
  const ready = readyOf(definePlainPolicy(plain).policy)
  const type = random.pick([...ready.compiled.values()])
  const side: Side = { ready, type }
  const actions = [random.pick([...type.actions.keys()]), random.pick([...type.actions.keys()])]
  const factors = caseFactors([side], actions)
  const space = caseSpace(factors, { kind: 'any', names: [...(ready.model.roles?.keys() ?? [])] })
  // Where there are too many, nothing is claimed.
  if (space === null || space.size > MOST_CASES) return null
  return { plain, side, space, facts: factors.table.facts }
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
  const answer = <Answer>(
    names: Iterable<string>,
    answers: readonly Answer[],
  ): [string, Answer][] => [...names].map((name) => [name, random.pick(answers)])
  const { relations, predicates } = ready.model
  return {
    relations: new Map(answer<Truth>(relations.keys(), ['true', 'false', 'failed'])),
    predicates: Object.fromEntries(
      answer<AssumedAnswer>(predicates.keys(), ['true', 'false', 'missing', 'failed']),
    ),
  }
}

const MOST_CASES = 4_000
