import type { CheckedLogin } from '../policy/route/judge-login.js'
import type { RevocationLagPolicy } from '../policy/route/revocation-lag.js'
import type { Requirement } from '../scope/requirement.js'
import { frozen } from '../shared/frozen.js'
import type { GateSetup } from './checked-options.js'
import type { CheckedRule } from './checked-rule.js'

/** A rule as its gate has understood it, for people and tests to read: plain data, frozen, and JSON as it is. */
export interface RuleDescription {
  /** The verifiers whose principals may enter, in the order of the gate, then `anyone` if strangers may. */
  readonly accept: readonly string[]
  /** Written out with its names checked; null where strangers may enter, since nothing is asked of them. */
  readonly requirement: Requirement | null
  /** What the gate's policy is asked, with the scope of the action among what is required; null if nothing. */
  readonly question: {
    readonly action: string
    readonly type: string
    readonly list: boolean
  } | null
  readonly login: CheckedLogin | null
  /** What becomes of requests while the mirror of revocations lags; null where the gate has none. */
  readonly revocationLag: RevocationLagPolicy | null
  readonly hide: boolean
  /** Whether the rule fetches a resource. What it fetches cannot be seen. */
  readonly load: boolean
  /** Whether the rule decides on the resource by a function. What it decides cannot be seen. */
  readonly allow: boolean
}

/** Describes a rule; null for what stands in for a missing one. */
export function describeRule(setup: GateSetup, rule: CheckedRule): RuleDescription | null {
  if (rule.missing) return null
  const isRequired = rule.credential === 'required'
  const { question } = rule
  return frozen({
    accept: [...rule.accepted.map(({ name }) => name), ...(isRequired ? [] : ['anyone'])],
    requirement: isRequired ? rule.requirement : null,
    question:
      question === null
        ? null
        : { action: question.action, type: question.type, list: question.list },
    login: rule.login,
    revocationLag: setup.revocation === null ? null : rule.revocationLag,
    hide: rule.hide,
    load: rule.load !== undefined,
    allow: rule.allow !== undefined,
  })
}
