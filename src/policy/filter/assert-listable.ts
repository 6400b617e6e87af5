import { ConfigurationError } from '../../errors.js'
import type { Condition } from '../condition/condition.js'
import type { PolicyRule } from '../definition/policy-definition.js'
import type { PolicyModel } from '../definition/policy-model.js'

/**
 * Refuses an action whose rules ask what no query can: a predicate, or a relation without `list`. The same for everyone who
 * asks, so that the first test finds it, and not the first user for whom it would have mattered.
 *
 * @param rules those of this type and action, whatever their effect
 * @throws ConfigurationError `policy_not_listable`
 */
export function assertListable(
  model: PolicyModel,
  rules: readonly { readonly rule: PolicyRule }[],
  type: string,
  action: string,
): void {
  const found = unlistableRule(model, rules)
  if (found === null) return
  throw new ConfigurationError(
    'policy_not_listable',
    `filter: ${action} of ${type} cannot be listed, for rule '${found.rule}' asks ${found.asks}.`,
  )
}

/** The first of these rules that asks what no query can, and what that is; null if there is none. */
export function unlistableRule(
  model: PolicyModel,
  rules: readonly { readonly rule: PolicyRule }[],
): { readonly rule: string; readonly asks: string } | null {
  for (const { rule } of rules) {
    const asks = unlistableIn(rule.when, model)
    if (asks !== null) return { rule: rule.name, asks }
  }
  return null
}

function unlistableIn(condition: Condition, model: PolicyModel): string | null {
  switch (condition.kind) {
    case 'allOf':
    case 'anyOf':
      for (const part of condition.parts) {
        const found = unlistableIn(part, model)
        if (found !== null) return found
      }
      return null
    case 'not':
      return unlistableIn(condition.part, model)
    case 'predicate':
      return `predicate '${condition.name}', which is a function`
    case 'detail':
      return `detail '${condition.name}', which is compared by a function`
    case 'relation':
      return model.relations.get(condition.name)?.list === undefined
        ? `relation '${condition.name}', which has no list`
        : null
    default:
      return null
  }
}
