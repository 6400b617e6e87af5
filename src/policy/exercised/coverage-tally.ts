import type { Condition } from '../condition/condition.js'
import type { FieldRule, PolicyRule } from '../definition/policy-definition.js'
import type { PolicyModel } from '../definition/policy-model.js'
import { describeAtom } from '../explain/describe-atom.js'
import type { PolicyTrace, TracedCondition } from '../explain/trace.js'

export interface CoverageReport {
  /**
   * Of all branches those that were seen, from 0 to 100: each rule that it applied, and each part of its condition that it was
   * true and that it was false.
   */
  readonly percent: number
  readonly seen: number
  readonly total: number
  readonly rules: readonly RuleCoverage[]
}

/** What decisions have made of one rule. */
export interface RuleCoverage {
  readonly name: string
  readonly effect: 'allow' | 'deny' | 'fields'
  readonly type: string
  /** How often it applied, of all decisions that came to ask it. */
  readonly applied: number
  readonly asked: number
  /** The condition and each part of it, outer ones first; empty for a rule without a condition. */
  readonly parts: readonly PartCoverage[]
}

/** How often a part of a condition came to what. */
export interface PartCoverage {
  /** `allOf`, `anyOf`, or what an atomic part says: `resource.state eq "live"`. */
  readonly part: string
  readonly true: number
  readonly false: number
  /** Missing or failed. */
  readonly unknown: number
}

/** Counts what traces say of the rules of one policy. */
export class CoverageTally {
  private readonly rules = new Map<string, RuleTally>()

  constructor({ rules, fieldRules }: PolicyModel) {
    for (const rule of [...rules, ...fieldRules]) {
      this.rules.set(rule.name, { rule, applied: 0, asked: 0, parts: partsOf(rule.when) })
    }
  }

  /** Counts a decision, if it came as far as the rules, and the one about sight behind it. */
  note(trace: PolicyTrace): void {
    const isReached =
      trace.scope !== 'not_covered' && trace.tenant !== 'differs' && trace.role !== 'missing'
    if (isReached) {
      for (const { name, applies, when } of trace.rules) {
        const tally = this.rules.get(name)
        if (tally === undefined) continue
        tally.asked += 1
        if (applies) tally.applied += 1
        tracedParts(when).forEach(({ truth }, index) => {
          const part = tally.parts[index]
          if (part !== undefined)
            part[truth === 'true' || truth === 'false' ? truth : 'unknown'] += 1
        })
      }
    }
    if (trace.sight !== null) this.note(trace.sight)
  }

  report(): readonly RuleCoverage[] {
    return [...this.rules.values()].map(({ rule, applied, asked, parts }) => ({
      name: rule.name,
      effect: rule.effect,
      type: rule.type,
      applied,
      asked,
      parts: parts.map((part) => ({ ...part })),
    }))
  }
}

interface RuleTally {
  readonly rule: PolicyRule | FieldRule
  applied: number
  asked: number
  readonly parts: { part: string; true: number; false: number; unknown: number }[]
}

/** `not` is left out: it is true whenever its part is false. So is what never changes. */
function partsOf(condition: Condition): RuleTally['parts'] {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return []
    case 'not':
      return partsOf(condition.part)
    case 'allOf':
    case 'anyOf':
      return [newPart(condition.kind), ...condition.parts.flatMap(partsOf)]
    default:
      return [newPart(describeAtom(condition))]
  }
}

/** INVARIANT: in the order of {@link partsOf}, which a trace of the same rule has. */
function tracedParts(condition: TracedCondition): readonly TracedCondition[] {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return []
    case 'not':
      return tracedParts(condition.part)
    case 'allOf':
    case 'anyOf':
      return [condition, ...condition.parts.flatMap(tracedParts)]
    case 'atom':
      return [condition]
  }
}

function newPart(part: string): RuleTally['parts'][number] {
  return { part, true: 0, false: 0, unknown: 0 }
}
