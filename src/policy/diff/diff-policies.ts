import { type Analysable, readyOf } from '../analysis/analysable.js'
import { outcomeOf } from '../analysis/analyse-action.js'
import { type CaseJudge, caseJudge } from '../analysis/cases/case-judge.js'
import { caseFactors, caseSpace } from '../analysis/cases/case-space.js'
import type { FactTable, Side } from '../analysis/cases/facts.js'
import type { Truth } from '../condition/truth.js'
import type { ReadyPolicy } from '../ready-policy.js'
import { decidesAlike } from './decides-alike.js'
import { diffScopes } from './diff-scopes.js'
import type { ExampleRequest, PolicyDifference } from './difference.js'
import { type Pair, shownBy } from './shown-by.js'

export interface DiffOptions {
  /** How many cases of one action are looked at before it is called `not_proved`. Default: 1,048,576. */
  readonly mostCases?: number
}

/**
 * What changes from one policy to another: for each action on each type one difference of every kind there is, with a request
 * that shows it. Every example has been decided by both policies; what they decide is in it.
 *
 * Vocabularies are compared by what texts of claims cover: in every dialect, with wildcards, and at their limits; not by which
 * claims of a token they read.
 *
 * An empty list means that no request is answered otherwise, as far as both are asked the same: relations and predicates of
 * one name are taken to say the same in both. Which rule it was, and why something is refused, is no difference; whether the
 * refusal hides the resource is. Takes a while: for tests, and for the process that reloads a policy.
 */
export function diffPolicies(
  before: Analysable,
  after: Analysable,
  { mostCases }: DiffOptions = {},
): readonly PolicyDifference[] {
  const pair: Pair = {
    before: { policy: before, ready: readyOf(before) },
    after: { policy: after, ready: readyOf(after) },
  }
  const types = new Set([...before.model.types.keys(), ...after.model.types.keys()])
  const actions = new Set([...before.model.actions, ...after.model.actions])
  const differences: PolicyDifference[] = []
  for (const type of types) {
    for (const action of actions) {
      if (decidesAlike(before.model, after.model, type, action)) continue
      for (const one of diffAction(pair, type, action, mostCases)) differences.push(one)
    }
  }
  return [...differences, ...diffScopes(pair, [...actions], mostCases)]
}

function diffAction(
  pair: Pair,
  type: string,
  action: string,
  mostCases?: number,
): readonly PolicyDifference[] {
  const sides = [pair.before, pair.after].map(({ ready }) => sideOf(ready, type))
  const present = sides.filter((side) => side !== null)
  const concealing = present.flatMap(({ type: { model } }) => model.conceal ?? [])
  const factors = caseFactors(present, [...new Set([action, ...concealing])], mostCases)
  const roles = [...new Set(present.flatMap(({ ready }) => [...(ready.model.roles?.keys() ?? [])]))]
  const space = caseSpace(factors, { kind: 'any', names: roles })
  if (space === null) return [{ kind: 'not_proved', action, type }]
  const [earlier, later] = sides.map((side) => answers(space.table, side, action))
  const found = new Map<string, ExampleRequest>()
  space.eachCase((truths, assumed) => {
    const [one, other] = [earlier?.(truths), later?.(truths)]
    const key = `${one} ${other}`
    if (one !== other && !found.has(key)) {
      found.set(key, { action, type, grant: 'undelegated', ...assumed() })
    }
    return true
  })
  return [...found.values()].flatMap((example) => shownBy(pair, example, [null, ...roles]))
}

function sideOf(ready: ReadyPolicy, name: string): Side | null {
  const type = ready.compiled.get(name)
  return type === undefined ? null : { ready, type }
}

/** What is answered in a case: as a text, to be compared. */
function answers(
  table: FactTable,
  side: Side | null,
  action: string,
): (truths: readonly Truth[]) => string {
  if (side === null) return () => SHOWN
  const judge = caseJudge(table, side, action)
  const { conceal } = side.type.model
  const sight = conceal === null ? null : caseJudge(table, side, conceal)
  return (truths) => {
    const decision = judge.decide(truths)
    const outcome = outcomeOf(decision)
    if (outcome === 'permitted') return `permitted ${fieldsIn(judge, side, truths)}`
    if (outcome === 'unavailable') return outcome
    if (sight === null) return SHOWN
    if (decision.kind === 'tenant_differs' || conceal === action) return HIDDEN
    const seen = outcomeOf(sight.decide(truths))
    return seen === 'permitted' ? SHOWN : seen === 'unavailable' ? seen : HIDDEN
  }
}

/** As `policy.fields` tells them: all that the type has, unless rules restrict the action. */
function fieldsIn({ fields }: CaseJudge, { type }: Side, truths: readonly Truth[]): string {
  if (fields.length === 0) return JSON.stringify([...type.model.attributes.keys()].sort())
  const given = (wanted: Truth): readonly string[] =>
    fields.filter(({ test }) => test(truths) === wanted).flatMap(({ rule }) => rule.fields)
  const open = new Set(given('true'))
  if (!given('failed').every((name) => open.has(name))) return 'cannot be told'
  return JSON.stringify([...open].sort())
}

const SHOWN = 'refused'
const HIDDEN = 'refused, hidden'
