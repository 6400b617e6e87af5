import type { Grant } from '../scope/grant.js'
import { type Eventual, isThenable, whenReady } from '../shared/eventual.js'
import { unreachable } from '../shared/result.js'
import type { CompiledPolicy, CompiledType } from './compile-policy.js'
import { attributeOf } from './condition/attributes.js'
import { kindTest, type Situation } from './condition/compile-condition.js'
import { type Truth, truthOf } from './condition/truth.js'
import type { NotPermitted, PolicyDecision } from './decision.js'
import type { PolicyModel } from './definition/policy-model.js'
import { type GrantedDetails, judgeDetail } from './detail/details.js'
import { judgeRules } from './judge-rules.js'
import type { RelationPair } from './relation/relation.js'
import { RelationLoads } from './relation/relation-loads.js'

/** A policy and what it was compiled to. */
export interface ReadyPolicy {
  readonly model: PolicyModel
  readonly compiled: CompiledPolicy
  readonly version: string
  /** Whether the vocabulary's grant covers this scope. */
  covers(grant: Grant, action: string): boolean
}

/** Who asks, in one request. What was loaded for one question is known to the next. */
export interface Asker {
  readonly principal: unknown
  readonly grant: Grant | 'undelegated'
  readonly context: unknown
  readonly details?: GrantedDetails | undefined
  /** The roles it has, with those that they extend. Throws what reading the principal throws. */
  readonly roles: ReadonlySet<string>
  readonly loads: RelationLoads
}

/** Which action, on what. */
export interface Question {
  readonly type: string
  readonly action: string
  readonly resource?: unknown
}

/**
 * Remembers who asks, and reads nothing yet: without the scope nothing of the principal is looked at.
 *
 * A role that the policy does not have counts for nothing; a list of roles that is none, or holds something else than
 * texts, counts as empty.
 */
export function askerOf(
  { model }: ReadyPolicy,
  who: {
    readonly principal: unknown
    readonly grant: Grant | 'undelegated'
    readonly context?: unknown
    readonly details?: GrantedDetails
  },
): Asker {
  return new LazyAsker(model, who)
}

/** A class, since each decision makes one: getters that all share cost nothing to make. */
class LazyAsker implements Asker {
  readonly principal: unknown
  readonly grant: Grant | 'undelegated'
  readonly context: unknown
  readonly details: GrantedDetails | undefined
  private readonly model: PolicyModel
  private knownRoles: ReadonlySet<string> | null = null
  private knownLoads: RelationLoads | null = null

  constructor(
    model: PolicyModel,
    { principal, grant, context, details }: Parameters<typeof askerOf>[1],
  ) {
    this.principal = principal
    this.grant = grant
    this.context = context
    this.details = details
    this.model = model
  }

  get roles(): ReadonlySet<string> {
    this.knownRoles ??= rolesOf(this.model, this.principal)
    return this.knownRoles
  }

  get loads(): RelationLoads {
    this.knownLoads ??= new RelationLoads(this.model.relations)
    return this.knownLoads
  }
}

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

/** What is known of a relation of two values. */
type Related = (relation: string, pair: RelationPair) => Truth

/**
 * What tests are asked of.
 *
 * @param related what is known of a relation. Default: what was loaded; the rest is put on the list of what to load.
 */
export function situationOf(
  { model }: ReadyPolicy,
  asker: Asker,
  type: CompiledType,
  resource: unknown,
  related: Related = (relation, pair) => asker.loads.related(relation, pair),
): Situation {
  // Its loads are made when they are first asked for; most decisions never do.
  const { principal, context, details, roles } = asker
  return {
    principal,
    resource,
    context,
    roles,
    related(name) {
      const relation = model.relations.get(name)
      if (relation === undefined) return 'failed'
      const ours = attributeOf(principal, relation.principal)
      const theirs = attributeOf(resource, relation.resource)
      // What a comparison would not take is no key either: not NaN, and no text outside of an enumeration.
      const isKey =
        kindTest(model.principal.get(relation.principal))(ours) &&
        kindTest(type.model.attributes.get(relation.resource))(theirs)
      // Both are of the declared kinds, which are no lists.
      return isKey
        ? related(name, { principal: ours as string, resource: theirs as string })
        : 'missing'
    },
    holds(name) {
      // The function gets what the caller gave; `PolicyPrincipal` and `PolicyContext` say what that is.
      const answer: unknown = model.predicates.get(name)?.({
        principal: principal as Readonly<Record<string, unknown>>,
        resource,
        context: context as Readonly<Record<string, unknown>>,
      })
      if (answer === true) return 'true'
      if (answer === false) return 'false'
      // Nobody waits for a promise here, so nobody would hear of its failure: unheard, it ends the process.
      if (isThenable(answer)) Promise.resolve(answer).catch(() => undefined)
      return 'missing'
    },
    detailed(name, asked) {
      if (details === undefined) return 'false'
      const judgement = judgeDetail(model.details.get(name), details, asked)
      // What it threw is told where all parts are guarded.
      if (judgement.kind === 'failed') throw judgement.cause
      return judgement.kind === 'malformed' ? 'missing' : truthOf(judgement.kind === 'covered')
    },
    failed(cause) {
      asker.loads.cause ??= cause
    },
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

/** The tenant of a principal, or null if it has none. */
export function tenantOf(principal: unknown): string | null {
  const tenant = attributeOf(principal, 'tenant')
  return typeof tenant === 'string' && tenant !== '' ? tenant : null
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

function rolesOf({ roles }: PolicyModel, principal: unknown): ReadonlySet<string> {
  const given = attributeOf(principal, 'roles')
  if (roles === null || !Array.isArray(given)) return NO_ROLES
  const held = new Set<string>()
  for (const name of given as readonly unknown[]) {
    // A list that cannot be read to its end may hold a role that a rule denies something to.
    if (typeof name !== 'string') return NO_ROLES
    for (const one of roles.get(name)?.includes ?? []) held.add(one)
  }
  return held
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

const NO_ROLES: ReadonlySet<string> = new Set()
