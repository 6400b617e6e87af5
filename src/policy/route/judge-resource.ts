import type { Principal } from '../../principal/principal.js'
import { type Eventual, isThenable, whenReady } from '../../shared/eventual.js'
import type { NotPermitted, Permitted, PolicyDecision } from '../decision.js'

/** What policy and application said about the very resource. */
export type ResourceJudgement =
  | {
      readonly kind: 'permitted'
      readonly resource: unknown
      /** What the policy said; null if it was not asked. */
      readonly decision: Permitted | null
    }
  | { readonly kind: 'absent' }
  | {
      /** By `allow`, though the policy, if it was asked, permits. */
      readonly kind: 'denied'
      readonly decision: Permitted | null
      /** Whether the policy hides the resource from this principal. */
      readonly concealed: boolean
    }
  | { readonly kind: 'refused'; readonly decision: NotPermitted }
  | {
      readonly kind: 'failed'
      readonly step: 'load' | 'policy' | 'allow'
      readonly cause: unknown
    }

/** The two callbacks of a rule, with their types erased: the adapter's context in, anything out. */
export interface ResourceRule {
  readonly load?: (context: never) => unknown
  readonly allow?: (principal: never, resource: never, context: never) => unknown
}

/** A policy that has been told who asks and for which action. */
export interface ResourcePolicy {
  decide(resource: unknown): Eventual<PolicyDecision>
  /** Whether a resource that was permitted has to be hidden all the same once `allow` denies it. Never throws or rejects. */
  conceals(resource: unknown): Eventual<boolean>
}

/**
 * Loads the resource and asks whether this principal may touch it: the policy first, if there is one, then the rule's own
 * `allow`. Both must agree. Answers at once unless a callback returns a promise.
 *
 * Only `true` and `permitted` permit: a truthy value, a forgotten `return` or an error never opens a door. Without `load`
 * the resource is undefined; without policy and `allow` whoever came this far may. Never throws or rejects.
 */
export function judgeResource(
  rule: ResourceRule,
  principal: Principal,
  context: unknown,
  policy: ResourcePolicy | null = null,
): Eventual<ResourceJudgement> {
  const { load } = rule
  if (load === undefined) return askPolicy(rule, principal, undefined, context, policy)
  return attempt(
    'load',
    () => load(context as never), // the adapter's context: `protect` ties its type to the rule's
    (resource) =>
      resource === null || resource === undefined
        ? { kind: 'absent' }
        : askPolicy(rule, principal, resource, context, policy),
  )
}

function askPolicy(
  rule: ResourceRule,
  principal: Principal,
  resource: unknown,
  context: unknown,
  policy: ResourcePolicy | null,
): Eventual<ResourceJudgement> {
  if (policy === null) return askAllow(rule, principal, resource, context, null, null)
  return attempt(
    'policy',
    () => policy.decide(resource),
    (decision) => {
      switch (decision.kind) {
        case 'permitted':
          return askAllow(rule, principal, resource, context, policy, decision)
        case 'permission':
          return { kind: 'refused', decision }
        case 'unavailable':
          return { kind: 'failed', step: 'policy', cause: decision.cause }
        default:
          // The scope of the action was judged before anything was loaded: a policy that says otherwise has another vocabulary.
          return { kind: 'failed', step: 'policy', cause: new Error('the policy gave no decision') }
      }
    },
  )
}

function askAllow(
  { allow }: ResourceRule,
  principal: Principal,
  resource: unknown,
  context: unknown,
  policy: ResourcePolicy | null,
  decision: Permitted | null,
): Eventual<ResourceJudgement> {
  if (allow === undefined) return { kind: 'permitted', resource, decision }
  return attempt(
    'allow',
    // The same tie: the rule's principal and resource types come from `accept` and from `load`.
    () => allow(principal as never, resource as never, context as never),
    (allowed) =>
      allowed === true
        ? { kind: 'permitted', resource, decision }
        : whenReady(policy?.conceals(resource) ?? false, (concealed) => ({
            kind: 'denied',
            decision,
            concealed,
          })),
  )
}

/** Runs a callback and goes on with its answer; whatever it throws, now or later, is a failure of its step. */
function attempt<Answer>(
  step: 'load' | 'policy' | 'allow',
  callback: () => Answer | PromiseLike<Answer>,
  next: (answer: Answer) => Eventual<ResourceJudgement>,
): Eventual<ResourceJudgement> {
  const failed = (cause: unknown): ResourceJudgement => ({ kind: 'failed', step, cause })
  try {
    const answer = callback()
    return isThenable(answer) ? Promise.resolve(answer).then(next, failed) : next(answer)
  } catch (cause) {
    return failed(cause)
  }
}
