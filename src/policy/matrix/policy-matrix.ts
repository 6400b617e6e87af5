import { type Analysable, readyOf } from '../analysis/analysable.js'
import { type CaseJudge, caseJudge } from '../analysis/cases/case-judge.js'
import { type CaseFactors, caseFactors, caseSpace } from '../analysis/cases/case-space.js'
import type { Side } from '../analysis/cases/facts.js'
import type { Truth } from '../condition/truth.js'

/** Who may do what, as far as it can be told without a request: for documents, reviews and snapshots. Plain data. */
export interface PolicyMatrix {
  readonly version: string
  /** In the order of their declaration; `[null]` if roles restrict nothing, and then it stands for everybody. */
  readonly roles: readonly (string | null)[]
  /** Each type with each action that a rule of it speaks of, for each role. */
  readonly cells: readonly MatrixCell[]
}

export interface MatrixCell {
  /** For somebody with this role and no other: a second role may open more, and by a rule that denies, close some. */
  readonly role: string | null
  readonly type: string
  readonly action: string
  readonly may: MatrixVerdict
  /** The rules that may permit it, by name. */
  readonly allows: readonly string[]
  /** The rules that may refuse it nevertheless, by name. */
  readonly denies: readonly string[]
}

/**
 * - `never`: nobody with this role, whatever the resource and the request
 * - `always`: everybody with this role whose scope covers it, on every resource of the own tenant
 * - `depends`: it depends on attributes, relations or predicates
 * - `not_proved`: there are too many cases to say which of the three
 */
export type MatrixVerdict = 'never' | 'always' | 'depends' | 'not_proved'

export interface MatrixOptions {
  /** How many cases of one action are looked at before a cell is `not_proved`. Default: 1,048,576. */
  readonly mostCases?: number
}

/** Works out the matrix of a policy, by looking at every case. Takes as long as that takes: not for a request. */
export function policyMatrix(policy: Analysable, { mostCases }: MatrixOptions = {}): PolicyMatrix {
  const ready = readyOf(policy)
  const { model, version } = ready
  const roles = model.roles === null ? [null] : [...model.roles.keys()]
  const cells: MatrixCell[] = []
  for (const type of ready.compiled.values()) {
    const side: Side = { ready, type }
    for (const [action, rules] of type.actions) {
      if (rules.allows.length + rules.denies.length === 0) continue
      const factors = caseFactors([side], [action], mostCases)
      const judge = caseJudge(factors.table, side, action)
      for (const role of roles) {
        cells.push({ role, type: type.model.name, action, ...cellOf(factors, judge, role) })
      }
    }
  }
  return { version, roles, cells }
}

/** The roles with which something may ever be done, on this type or any; null stands for everybody. */
export function rolesThatMay(
  matrix: PolicyMatrix,
  action: string,
  type?: string,
): readonly (string | null)[] {
  const may = matrix.cells.filter(
    (cell) =>
      cell.action === action && (type === undefined || cell.type === type) && cell.may !== 'never',
  )
  return matrix.roles.filter((role) => may.some((cell) => cell.role === role))
}

function cellOf(
  factors: CaseFactors,
  judge: CaseJudge,
  role: string | null,
): Pick<MatrixCell, 'may' | 'allows' | 'denies'> {
  const { allows, denies } = judge.rules
  if (allows.length === 0) return NEVER
  const roles = role === null ? [] : [role]
  const space = caseSpace(factors, { kind: 'just', names: roles })
  if (space === null)
    return { may: 'not_proved', allows: allows.map(nameOf), denies: denies.map(nameOf) }
  const seen = { permitted: false, refused: false }
  const opening = new Set<string>()
  const closing = new Set<string>()
  space.eachCase((truths) => {
    if (!judge.isOwnTenant(truths)) return true
    if (!judge.hasRole(truths)) {
      seen.refused = true
      return false
    }
    const isPermitted = judge.decide(truths).kind === 'allowed'
    if (isPermitted) seen.permitted = true
    else seen.refused = true
    for (const rule of allows)
      if (isPermitted && rule.test(truths) === 'true') opening.add(nameOf(rule))
    for (const rule of denies) if (isApplied(rule.test(truths))) closing.add(nameOf(rule))
    return opening.size < allows.length || closing.size < denies.length || !seen.refused
  })
  if (!seen.permitted) return NEVER
  const names = { allows: [...opening].sort(), denies: [...closing].sort() }
  return { may: seen.refused ? 'depends' : 'always', ...names }
}

function isApplied(truth: Truth): boolean {
  return truth === 'true' || truth === 'missing'
}

function nameOf({ rule }: { readonly rule: { readonly name: string } }): string {
  return rule.name
}

const NEVER = Object.freeze({
  may: 'never',
  allows: Object.freeze([]),
  denies: Object.freeze([]),
})
