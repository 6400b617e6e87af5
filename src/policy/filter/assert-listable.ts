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
  for (const { rule } of rules) {
    const found = unlistableIn(rule.when, model)
    if (found === null) continue
    throw new ConfigurationError(
      'policy_not_listable',
      `filter: ${action} of ${type} cannot be listed, for rule '${rule.name}' asks ${found}.`,
    )
  }
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
