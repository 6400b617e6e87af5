import { type Eventual, whenReady } from '../../shared/eventual.js'
import type { Asker } from '../asker.js'
import type { CompiledType } from '../compile-policy.js'
import type { AtomicCondition } from '../condition/combine-condition.js'
import { compileCondition, type Situation } from '../condition/compile-condition.js'
import { atomsOf } from '../condition/operands.js'
import type { Truth } from '../condition/truth.js'
import { decide, hasRole, isOwnTenant } from '../decide.js'
import type { PolicyDecision } from '../decision.js'
import type { FieldRule, PolicyRule } from '../definition/policy-definition.js'
import type { Question, ReadyPolicy } from '../ready-policy.js'
import { situationOf } from '../situation-of.js'
import { replayTrace } from './replay.js'
import type { PolicyTrace, TracedRule } from './trace.js'
import { type AtomFacts, missingIn, traceCondition } from './trace-condition.js'

/** A decision and how it came about. */
export interface Explanation {
  readonly decision: PolicyDecision
  readonly trace: PolicyTrace
}

/** What to show besides. */
export interface ExplainOptions {
  /**
   * `shown` puts what the attributes hold into the trace, as far as rules ask for it. That is for your own terminal: a log
   * keeps it for good. Default: `hidden`.
   */
  readonly values?: 'hidden' | 'shown'
}

/**
 * Decides, and says how. The decision is the one of `decide`, by the same code; the trace is made after it.
 *
 * Asks every part of every rule, so it may load relations that the decision could do without. Never throws or rejects.
 */
export function explain(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  { values = 'hidden' }: ExplainOptions = {},
): Eventual<Explanation> {
  return whenReady(decide(policy, asker, question), (decision) =>
    whenReady(traceOf(policy, asker, question, values === 'shown'), (trace) => ({
      decision,
      trace,
    })),
  )
}

function traceOf(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  withValues: boolean,
): Eventual<PolicyTrace> {
  const { action, resource } = question
  const scope =
    asker.grant === 'undelegated'
      ? 'undelegated'
      : policy.covers(asker.grant, action)
        ? 'covered'
        : 'not_covered'
  const start = { version: policy.version, action, type: question.type, scope } as const
  const type = policy.compiled.get(question.type)
  const rules = type?.actions.get(action)
  // Behind a scope that is not covered nothing is looked at, here as in `decide`.
  if (scope === 'not_covered' || type === undefined || rules === undefined) {
    return { ...start, ...NOTHING_ASKED }
  }
  const steps = { ...start, ...tenantAndRole(policy, asker, type, question) }
  if (steps.tenant === 'failed' || steps.role === 'failed') {
    return { ...steps, rules: [], missing: [], conceal: type.model.conceal, sight: null }
  }
  const all = [...rules.denies, ...rules.allows, ...rules.fields].map(({ rule }) => rule)
  const situation = situationOf(policy, asker, type, resource)
  return whenReady(settledTruths(policy, asker, type, all, situation), (truths) => {
    const facts: AtomFacts = { policy, type: type.model, situation, truths, withValues }
    const traced = all.map((rule) => traceRule(rule, facts))
    const alone: PolicyTrace = {
      ...steps,
      rules: traced,
      missing: missingIn(traced.map(({ when }) => when)),
      conceal: type.model.conceal,
      sight: null,
    }
    return whenReady(sightOf(policy, asker, question, alone, withValues), (sight) => ({
      ...alone,
      sight,
    }))
  })
}

function tenantAndRole(
  { model }: ReadyPolicy,
  asker: Asker,
  type: CompiledType,
  { action, resource }: Question,
): Pick<PolicyTrace, 'tenant' | 'role'> {
  return {
    tenant:
      type.model.tenant === null
        ? 'not_asked'
        : told(() => (isOwnTenant(type, asker, resource) ? 'own' : 'differs')),
    role: told(() => {
      // Read also where they restrict nothing: rules may ask about them, and what reading them throws has been decided on.
      const { roles } = asker
      return model.roles === null ? 'not_asked' : hasRole(model, roles, action) ? 'held' : 'missing'
    }),
  }
}

function told<Step>(step: () => Step): Step | 'failed' {
  try {
    return step()
  } catch {
    return 'failed'
  }
}

/** What each atomic part comes to, each asked once, but for those that have to be loaded first: these once more. */
function settledTruths(
  { model }: ReadyPolicy,
  asker: Asker,
  type: CompiledType,
  rules: readonly (PolicyRule | FieldRule)[],
  situation: Situation,
): Eventual<ReadonlyMap<AtomicCondition, Truth>> {
  const truths = new Map<AtomicCondition, Truth>()
  const attributes = {
    resource: type.model.attributes,
    principal: model.principal,
    context: model.context,
  }
  const tests = new Map(
    rules
      .flatMap(({ when }) => atomsOf(when))
      .map((atom) => [atom, compileCondition(atom, attributes)]),
  )
  for (const [atom, test] of tests) truths.set(atom, test(situation))
  const pending = [...tests].filter(([atom]) => truths.get(atom) === 'pending')
  if (pending.length === 0) return truths
  return asker.loads.load().then(() => {
    for (const [atom, test] of pending) {
      const truth = test(situation)
      // As in `decide`: an attribute that is another one each time it is read would be waited for forever.
      truths.set(atom, truth === 'pending' ? 'failed' : truth)
    }
    return truths
  })
}

function traceRule(rule: PolicyRule | FieldRule, facts: AtomFacts): TracedRule {
  const { name, effect } = rule
  const when = traceCondition(rule.when, facts)
  const { truth } = when
  const applies = truth === 'true' || (effect === 'deny' && truth === 'missing')
  return { name, effect, truth, applies, when }
}

/** Whether the resource may be seen is asked where `decide` asks it: after a refusal that would be hidden. */
function sightOf(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
  alone: PolicyTrace,
  withValues: boolean,
): Eventual<PolicyTrace | null> {
  const { conceal } = alone
  if (conceal === null || conceal === question.action || alone.tenant === 'differs') return null
  if (replayTrace(alone).kind !== 'permission') return null
  return traceOf(policy, asker, { ...question, action: conceal }, withValues)
}

const NOTHING_ASKED = {
  tenant: 'not_asked',
  role: 'not_asked',
  rules: [],
  missing: [],
  conceal: null,
  sight: null,
} as const
