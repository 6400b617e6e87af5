import { type Eventual, whenReady } from '../shared/eventual.js'
import { unreachable } from '../shared/result.js'
import { type Asker, tenantOf } from './asker.js'
import type { CompiledType } from './compile-policy.js'
import { attributeOf } from './condition/attributes.js'
import type { NotPermitted, PolicyDecision } from './decision.js'
import type { PolicyModel } from './definition/policy-model.js'
import { judgeRules } from './judge-rules.js'
import type { Question, ReadyPolicy } from './ready-policy.js'
import type { RelationPair } from './relation/relation.js'
import { type Related, situationOf } from './situation-of.js'

/**
 * Decides: at once, unless it depends on a relation that has to be loaded. Never throws or rejects.
 *
 * In this order: the scope, before anything else is looked at; the tenant; the roles; what denies; what allows.
 *
 * What can be told without any relation is told without one, also if the relation is known already: so the decision, with
 * its rule and its reason, does not depend on what was asked before.
 */
export function decide(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
): Eventual<PolicyDecision> {
  const { action } = question
  if (asker.grant !== 'undelegated' && !policy.covers(asker.grant, action)) {
    return { kind: 'scope', missing: [action], version: policy.version }
  }
  const reached: Reached[] = []
  const decision = judge(policy, asker, question, (relation, pair) => {
    reached.push({ relation, pair })
    return 'pending'
  })
  if (decision !== 'pending') return concealed(policy, asker, question, decision)
  return whenReady(loaded(asker, reached), () =>
    concealed(policy, asker, question, judgeLoaded(policy, asker, question)),
  )
}

interface Reached {
  readonly relation: string
  readonly pair: RelationPair
}

/** Waits until all of these are known. What is not known yet is loaded, with whatever others of this request want. */
function loaded({ loads }: Asker, reached: readonly Reached[]): Eventual<void> {
  // Each is asked for, not only up to the first that is unknown.
  const pending = reached.filter(
    ({ relation, pair }) => loads.related(relation, pair) === 'pending',
  )
  return pending.length === 0 ? undefined : loads.load()
}

function judgeLoaded(policy: ReadyPolicy, asker: Asker, question: Question): PolicyDecision {
  const decision = judge(policy, asker, question, (relation, pair) => {
    const truth = asker.loads.related(relation, pair)
    // All that was reached is known. An attribute that is another one each time it is read would be waited for forever.
    return truth === 'pending' ? 'failed' : truth
  })
  return decision === 'pending' ? unavailable(policy, asker) : decision
}

/** Everything behind the scope. Never throws: whatever the resource or the principal throws means that we cannot tell. */
function judge(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  related: Related,
): PolicyDecision | 'pending' {
  try {
    return judgeBehindScope(policy, asker, question, related)
  } catch (cause) {
    asker.loads.cause ??= cause
    return unavailable(policy, asker)
  }
}

function judgeBehindScope(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  related: Related,
): PolicyDecision | 'pending' {
  const type = policy.compiled.get(question.type)
  const rules = type?.actions.get(question.action)
  if (type === undefined || rules === undefined) return refusal(policy, 'no_rule_allows')
  if (!isOwnTenant(type, asker, question.resource)) return refusal(policy, 'tenant_differs')
  if (!hasRole(policy.model, asker.roles, question.action)) return refusal(policy, 'role_missing')

  const situation = situationOf(policy, asker, type, question.resource, related)
  const judgement = judgeRules(rules, situation)
  switch (judgement.kind) {
    case 'allowed':
      return judgement.rule.permitted
    case 'denied':
      return refusal(policy, 'rule_denies', judgement.rule.rule.name)
    case 'not_allowed':
      return refusal(policy, 'no_rule_allows')
    case 'failed':
      return unavailable(policy, asker)
    case 'pending':
      return 'pending'
    default:
      return unreachable(judgement)
  }
}

/** A tenant is a text that is the same on both sides, by code units, and one that the resource may have. */
export function isOwnTenant(
  { model }: CompiledType,
  { principal }: Asker,
  resource: unknown,
): boolean {
  if (model.tenant === null) return true
  const tenant = tenantOf(principal)
  if (tenant === null || tenant !== attributeOf(resource, model.tenant)) return false
  const members = model.attributes.get(model.tenant)?.members ?? null
  return members === null || members.has(tenant)
}

/** Whether one of these roles has this action, or roles restrict nothing. */
export function hasRole(
  { roles }: PolicyModel,
  held: ReadonlySet<string>,
  action: string,
): boolean {
  if (roles === null) return true
  for (const name of held) if (roles.get(name)?.covered.has(action)) return true
  return false
}

/** Hides a refusal from whoever may not see the resource either. */
function concealed(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  decision: PolicyDecision,
): Eventual<PolicyDecision> {
  if (decision.kind !== 'permission') return decision
  const seeing = policy.compiled.get(question.type)?.model.conceal ?? null
  if (seeing === null) return decision
  if (decision.reason === 'tenant_differs' || question.action === seeing) return hidden(decision)
  const sight = decide(policy, asker, { ...question, action: seeing })
  const conclude = (seen: PolicyDecision): PolicyDecision =>
    seen.kind === 'permitted' ? decision : seen.kind === 'unavailable' ? seen : hidden(decision)
  return sight instanceof Promise ? sight.then(conclude) : conclude(sight)
}

function hidden(decision: NotPermitted): NotPermitted {
  return { ...decision, concealed: true }
}

function unavailable({ version }: ReadyPolicy, { loads }: Asker): PolicyDecision {
  return { kind: 'unavailable', cause: loads.cause, version }
}

function refusal(
  { version }: ReadyPolicy,
  reason: NotPermitted['reason'],
  rule: string | null = null,
): NotPermitted {
  return { kind: 'permission', reason, rule, concealed: false, version }
}
