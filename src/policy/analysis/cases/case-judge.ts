import { combineCondition } from '../../condition/combine-condition.js'
import type { Condition } from '../../condition/condition.js'
import type { Truth } from '../../condition/truth.js'
import type { FieldRule, PolicyRule } from '../../definition/policy-definition.js'
import { type Judgement, judgeRules, type RuleLists } from '../../judge-rules.js'
import type { FactTable, Side } from './facts.js'

/** What a policy decides in one case, but for the scope and for what is concealed. Never pending. */
export type CaseDecision =
  | Judgement<CaseRule>
  | { readonly kind: 'tenant_differs' | 'role_missing'; readonly rule: null }

/** A rule, asked of the truths of a case. */
export interface CaseRule {
  readonly rule: PolicyRule
  test(truths: readonly Truth[]): Truth
}

/** One action on one type, decided by the truths of its facts. */
export interface CaseJudge {
  readonly rules: RuleLists<CaseRule>
  readonly fields: readonly { readonly rule: FieldRule; test(truths: readonly Truth[]): Truth }[]
  isOwnTenant(truths: readonly Truth[]): boolean
  hasRole(truths: readonly Truth[]): boolean
  /** @param rules others than its own, for "what if" */
  decide(truths: readonly Truth[], rules?: RuleLists<CaseRule>): CaseDecision
}

/**
 * Decides as `decide` does, by the same code for conditions and for what rules come to together: only what atomic parts
 * come to is taken from the case.
 */
export function caseJudge(table: FactTable, side: Side, action: string): CaseJudge {
  const testOf = (condition: Condition): ((truths: readonly Truth[]) => Truth) =>
    combineCondition<readonly Truth[]>(condition, (atom) => {
      const place = table.atom(side, atom)
      return (truths) => truths[place] ?? 'failed'
    })
  const compiled = side.type.actions.get(action)
  const caseRule = ({ rule }: { readonly rule: PolicyRule }): CaseRule => ({
    rule,
    test: testOf(rule.when),
  })
  const rules = {
    denies: compiled?.denies.map(caseRule) ?? [],
    allows: compiled?.allows.map(caseRule) ?? [],
  }
  const fields = compiled?.fields.map(({ rule }) => ({ rule, test: testOf(rule.when) })) ?? []
  const tenant = table.tenant(side)
  const role = table.role(side, action)
  const isOwnTenant = (truths: readonly Truth[]): boolean =>
    tenant === null || truths[tenant] === 'true'
  const hasRole = (truths: readonly Truth[]): boolean => truths[role] === 'true'
  return {
    rules,
    fields,
    isOwnTenant,
    hasRole,
    decide(truths, among = rules) {
      if (!isOwnTenant(truths)) return TENANT_DIFFERS
      if (!hasRole(truths)) return ROLE_MISSING
      return judgeRules(among, truths)
    },
  }
}

const TENANT_DIFFERS: CaseDecision = Object.freeze({ kind: 'tenant_differs', rule: null })
const ROLE_MISSING: CaseDecision = Object.freeze({ kind: 'role_missing', rule: null })
