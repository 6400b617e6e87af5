import type { Truth } from '../condition/truth.js'
import { type CaseDecision, type CaseJudge, type CaseRule, caseJudge } from './cases/case-judge.js'
import { caseFactors, caseSpace } from './cases/case-space.js'
import type { Side } from './cases/facts.js'
import type { RuleFinding } from './finding.js'

/** What is wrong with the rules of one action on one type. */
export interface ActionAnalysis {
  /** Whether anybody is ever permitted it; null if that was not found out. */
  readonly isAllowed: boolean | null
  readonly rules: readonly Omit<RuleFinding, 'type' | 'actions'>[]
}

/**
 * Looks at every case of one action: which rules are ever true, and which of them change a decision.
 *
 * Each rule is judged by leaving out that rule alone. Of two that say the same, each is superfluous; both together are not.
 */
export function analyseAction(side: Side, action: string, mostCases?: number): ActionAnalysis {
  const factors = caseFactors([side], [action], mostCases)
  const roles = [...(side.ready.model.roles?.keys() ?? [])]
  const space = caseSpace(factors, { kind: 'any', names: roles })
  if (space === null) return { isAllowed: null, rules: [] }
  const judge = caseJudge(space.table, side, action)
  const records = [...judge.rules.denies, ...judge.rules.allows].map(
    (rule) => new RuleRecord(rule, judge),
  )
  const trueFields = new Set<string>()
  let isAllowed = false
  space.eachCase((truths) => {
    const decision = judge.decide(truths)
    isAllowed ||= decision.kind === 'allowed'
    for (const record of records) record.note(truths, decision)
    for (const { rule, test } of judge.fields)
      if (test(truths) === 'true') trueFields.add(rule.name)
    return true
  })
  const idleFields = judge.fields
    .map(({ rule }) => rule.name)
    .filter((name) => !trueFields.has(name))
    .map((rule) => ({ kind: 'rule_unreachable', rule, by: [] }) as const)
  return { isAllowed, rules: [...records.flatMap((record) => record.findings()), ...idleFields] }
}

/** What has been seen of one rule. */
class RuleRecord {
  private readonly rule: CaseRule
  private readonly judge: CaseJudge
  private readonly without: CaseJudge['rules']
  private isEverTrue = false
  /** True where tenant and role would have let it decide. */
  private isEverReached = false
  private isEverUnknown = false
  private matters = false
  private readonly by = new Set<string>()

  constructor(rule: CaseRule, judge: CaseJudge) {
    this.rule = rule
    this.judge = judge
    this.without = {
      denies: judge.rules.denies.filter((one) => one !== rule),
      allows: judge.rules.allows.filter((one) => one !== rule),
    }
  }

  note(truths: readonly Truth[], decision: CaseDecision): void {
    if (this.matters && this.isEverReached) return
    const truth = this.rule.test(truths)
    if (truth === 'false') return
    const isReached = decision.kind !== 'tenant_differs' && decision.kind !== 'role_missing'
    if (truth === 'true') {
      this.isEverTrue = true
      if (isReached) this.isEverReached = true
    } else this.isEverUnknown = true
    if (this.matters || !isReached) return
    const other = this.judge.decide(truths, this.without)
    if (outcomeOf(other) !== outcomeOf(decision)) this.matters = true
    // What decides instead, where the rule is true: that is what it stands in the shadow of.
    else if (truth === 'true' && other.rule !== null) this.by.add(other.rule.rule.name)
  }

  findings(): readonly Omit<RuleFinding, 'type' | 'actions'>[] {
    const { name: rule, effect } = this.rule.rule
    const by = [...this.by].sort()
    if (effect === 'allow') {
      if (!this.isEverTrue || !this.isEverReached)
        return [{ kind: 'rule_unreachable', rule, by: [] }]
      return this.matters ? [] : [{ kind: 'rule_shadowed', rule, by }]
    }
    if (!this.isEverTrue && !this.isEverUnknown) return [{ kind: 'rule_unreachable', rule, by: [] }]
    if (!this.matters) return [{ kind: 'deny_without_effect', rule, by }]
    return this.isEverTrue ? [] : [{ kind: 'deny_only_unknown', rule, by: [] }]
  }
}

/** What the asker gets to know: which rule it was, and whether a role or a rule, makes no difference. */
export function outcomeOf({ kind }: CaseDecision): 'permitted' | 'unavailable' | 'refused' {
  if (kind === 'allowed') return 'permitted'
  return kind === 'failed' || kind === 'pending' ? 'unavailable' : 'refused'
}
