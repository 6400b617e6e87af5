import { guardedCondition, plainCondition, quoted } from './cedar-condition.js'
import { namesOf, type Sample } from './sample.js'

/** Policies by id. Those of a rule are called as `ruleId` says; the others are the bounds that a policy has besides. */
export type CedarPolicies = Readonly<Record<string, string>>

/** How conditions are written: see `cedar-condition.ts`. */
export type Encoding = 'guarded' | 'plain'

/**
 * The policy in Cedar's language. What bounds every decision (scope, tenant, roles) becomes forbids of its own.
 *
 * Scopes, roles and grants are entities: what implies what is their hierarchy, which Cedar walks.
 */
export function cedarPolicies(sample: Sample, encoding: Encoding): CedarPolicies {
  const policies: Record<string, string> = {}
  for (const name of namesOf(sample)) {
    const head = `forbid(principal, action == Action::${quoted(name)}, resource)`
    const scope = `Scope::${quoted(name)}`
    policies[`scope ${name}`] =
      `${head} unless { !(context has grant) || context.grant in ${scope} };`
    if (sample.roles !== null)
      policies[`role ${name}`] = `${head} unless { principal in ${scope} };`
  }
  for (const [index, [type, { tenant }]] of Object.entries(sample.types).entries()) {
    if (tenant === undefined) continue
    const theirs = quoted(tenant)
    policies[`tenant ${index}`] =
      `forbid(principal, action, resource is ${typeOf(sample, type)}) unless { principal has tenant && ` +
      `principal.tenant != "" && resource has ${theirs} && principal.tenant == resource[${theirs}] };`
  }
  for (const rule of sample.rules) {
    const actions = rule.actions.map((action) => `Action::${quoted(action)}`).join(', ')
    const head = `(principal, action in [${actions}], resource is ${typeOf(sample, rule.type)})`
    policies[ruleId(rule.name)] =
      encoding === 'plain'
        ? `${rule.effect === 'allow' ? 'permit' : 'forbid'}${head} when { ${plainCondition(rule.when)} };`
        : rule.effect === 'allow'
          ? `permit${head} when { ${guardedCondition(rule.when).isTrue} };`
          : `forbid${head} unless { ${guardedCondition(rule.when).isFalse} };`
  }
  return policies
}

/** The id of a rule's policy. */
export function ruleId(name: string): string {
  return `rule ${name}`
}

/** The name of a resource type, where any text will not do. */
export function typeOf(sample: Sample, type: string): string {
  return `Type${Object.keys(sample.types).indexOf(type)}`
}
