import { ConfigurationError } from '../errors.js'
import { assertListable } from '../policy/filter/assert-listable.js'
import type { Grant } from '../scope/grant.js'
import type { GateSetup } from './checked-options.js'

/** What a rule asks the gate's policy. */
export interface CheckedQuestion {
  readonly action: string
  readonly type: string
  /** There is no one resource: the handler asks about many. */
  readonly list: boolean
  /**
   * What whoever presents no credential may ask the policy about: the rule's own action and nothing else. A rule opens
   * what it names, not the policy.
   */
  readonly openToAnyone: Grant
}

/** What of a rule this page looks at, as untyped code may write it. */
export interface UncheckedQuestion {
  readonly accept?: string | readonly string[]
  readonly action?: string
  readonly type?: string
  readonly list?: boolean
  readonly load?: unknown
  readonly hide?: boolean
}

/**
 * Checks what a rule asks the policy; null if it has no action.
 *
 * @throws ConfigurationError `rule_invalid`, `scope_unknown`; `policy_not_listable` for a list of what no query can tell
 */
export function checkedQuestion(setup: GateSetup, rule: UncheckedQuestion): CheckedQuestion | null {
  const { action, type, list = false } = rule
  if (action === undefined || type === undefined) {
    for (const [name, other] of PAIRS) {
      if (rule[name] !== undefined && rule[other] === undefined) {
        throw invalidRule(`A rule with ${name} needs ${other}.`)
      }
    }
    return null
  }
  if (setup.policy === null) {
    throw invalidRule("A rule's action needs a gate with a policy, as the option 'policy'.")
  }
  if (typeof list !== 'boolean') throw invalidRule("A rule's list must be true or false.")
  const policy = setup.policy.current().model
  const model = policy.types.get(type)
  if (model === undefined) {
    throw invalidRule(`A rule's type '${String(type)}' is not one of its gate's policy.`)
  }
  if (list && rule.load !== undefined) {
    throw invalidRule('A rule with list has no one resource: leave load or list out.')
  }
  if (list) {
    const about = policy.rules.filter((one) => one.type === type && one.actions.includes(action))
    assertListable(
      policy,
      about.map((one) => ({ rule: one })),
      type,
      action,
    )
  }
  if (!list && model.tenant !== null && rule.load === undefined) {
    throw invalidRule(
      `A rule about '${type}' needs load: it has tenants, and of no resource nobody is permitted anything.`,
    )
  }
  if (model.conceal !== null && rule.hide !== undefined) {
    throw invalidRule(`A rule about '${type}' cannot hide: the type says itself what is concealed.`)
  }
  if ([rule.accept].flat().includes('anyone') && setup.policy.anonymous === null) {
    throw invalidRule(
      "A rule that accepts 'anyone' and has an action needs policy.anonymous in its gate's options.",
    )
  }
  return { action, type, list, openToAnyone: setup.scopes.leastFor([action]) }
}

function invalidRule(message: string): ConfigurationError {
  return new ConfigurationError('rule_invalid', message)
}

const PAIRS = [
  ['action', 'type'],
  ['type', 'action'],
  ['list', 'action'],
] as const
