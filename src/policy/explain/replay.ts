import { unreachable } from '../../shared/result.js'
import type { Truth } from '../condition/truth.js'
import { negated } from '../condition/truth.js'
import type { NotPermitted, PolicyDecision } from '../decision.js'
import { type Judgement, judgeRules } from '../judge-rules.js'
import { isTrace } from './is-trace.js'
import type { PolicyTrace, TracedCondition, TracedRule } from './trace.js'
import { combined } from './trace-condition.js'

/**
 * The decision that a trace amounts to, worked out again from what its atomic parts came to: what a trace says of rules and
 * of composed conditions is not believed.
 *
 * It is the decision that was explained, but for the `cause` of one that was unavailable. The policy is not needed, so a
 * trace from a log can be replayed after the policy has changed.
 *
 * What is no trace, or nests deeper than policies can, is `unavailable`, without a `cause` and with an empty `version`. Never
 * throws.
 */
export function replay(trace: PolicyTrace): PolicyDecision {
  return isTrace(trace)
    ? replayTrace(trace)
    : { kind: 'unavailable', cause: undefined, version: '' }
}

/** As {@link replay}, for a trace that was just made, or that has been looked at. */
export function replayTrace(trace: PolicyTrace): PolicyDecision {
  const decision = bare(trace)
  if (decision.kind !== 'permission' || trace.conceal === null) return decision
  const hidden: NotPermitted = { ...decision, concealed: true }
  if (decision.reason === 'tenant_differs' || trace.action === trace.conceal) return hidden
  if (trace.sight === null) return hidden
  const seen = replayTrace(trace.sight)
  return seen.kind === 'permitted' ? decision : seen.kind === 'unavailable' ? seen : hidden
}

function bare({ version, action, scope, tenant, role, rules }: PolicyTrace): PolicyDecision {
  if (scope === 'not_covered') return { kind: 'scope', missing: [action], version }
  const refused = (reason: NotPermitted['reason'], rule: string | null = null): NotPermitted => ({
    kind: 'permission',
    reason,
    rule,
    concealed: false,
    version,
  })
  const unavailable = { kind: 'unavailable', cause: undefined, version } as const
  if (tenant === 'failed') return unavailable
  if (tenant === 'differs') return refused('tenant_differs')
  if (role === 'failed') return unavailable
  if (role === 'missing') return refused('role_missing')
  // What can be told without relations is told without them, as in `decide`: also where they are known by now.
  const blind = judgeTraced(rules, false)
  const judgement = blind.kind === 'pending' ? judgeTraced(rules, true) : blind
  switch (judgement.kind) {
    case 'allowed':
      return { kind: 'permitted', rule: judgement.rule.name, version }
    case 'denied':
      return refused('rule_denies', judgement.rule.name)
    case 'not_allowed':
      return refused('no_rule_allows')
    case 'failed':
    case 'pending':
      return unavailable
    default:
      return unreachable(judgement)
  }
}

interface ReplayedRule {
  readonly name: string
  test(): Truth
}

function judgeTraced(
  rules: readonly TracedRule[],
  withRelations: boolean,
): Judgement<ReplayedRule> {
  const replayed = (effect: TracedRule['effect']): readonly ReplayedRule[] =>
    rules
      .filter((rule) => rule.effect === effect)
      .map(({ name, when }) => ({ name, test: () => truthOfTrace(when, withRelations) }))
  return judgeRules<null, ReplayedRule>(
    { denies: replayed('deny'), allows: replayed('allow') },
    null,
  )
}

function truthOfTrace(condition: TracedCondition, withRelations: boolean): Truth {
  switch (condition.kind) {
    case 'always':
      return 'true'
    case 'never':
      return 'false'
    case 'atom':
      // One of which an attribute is missing is not looked up.
      return condition.atom.kind === 'relation' && !withRelations && condition.truth !== 'missing'
        ? 'pending'
        : condition.truth
    case 'not':
      return negated(truthOfTrace(condition.part, withRelations))
    case 'allOf':
    case 'anyOf': {
      const truths = condition.parts.map((part) => truthOfTrace(part, withRelations))
      return combined(condition.kind, truths)
    }
    default:
      return unreachable(condition)
  }
}
