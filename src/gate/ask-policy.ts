import type { PolicyDecision } from '../policy/decision.js'
import { readDetails } from '../policy/detail/details.js'
import type { Asking, Policy, Who } from '../policy/policy.js'
import type { ResourcePolicy } from '../policy/route/judge-resource.js'
import type { Principal } from '../principal/principal.js'
import { within } from '../runtime/within.js'
import { type Eventual, isThenable, whenReady } from '../shared/eventual.js'
import { ownMember } from '../shared/own-members.js'
import type { CheckedQuestion } from './checked-question.js'
import type { Hearing } from './hearing.js'
import type { PolicySetup } from './policy-option.js'

/** A policy that has been told who asks, or why it could not be told. */
export type AskedPolicy =
  | { readonly kind: 'asking'; readonly policy: Policy; readonly permissions: Asking }
  | { readonly kind: 'failed'; readonly cause: unknown }

/**
 * Looks up what the policy is to know of the principal and the request. Never throws or rejects: what throws, does not
 * come in time or is no object has not said who asks, and then nothing is decided.
 */
export function askPolicy(
  { setup, request, now }: Hearing,
  policySetup: PolicySetup,
  { openToAnyone }: CheckedQuestion,
  principal: Principal,
): Eventual<AskedPolicy> {
  const failed = (cause: unknown): AskedPolicy => ({ kind: 'failed', cause })
  try {
    const policy = policySetup.current()
    // A policy that was put in its place may have been defined over another vocabulary.
    if (policy.scopes !== setup.scopes) return failed(new Error('a policy of another vocabulary'))
    const asked = whenReady(policySetup.context?.(request), (context) =>
      whenReady(factsOf(policySetup, principal, request), (facts): AskedPolicy => {
        const who: Who = {
          // Each attribute is looked at where a condition asks for it; what is not of its kind is unknown.
          principal: checkedFacts(facts) as Who['principal'],
          grant: principal.kind === 'anonymous' ? openToAnyone : principal.grant,
          context: { ...checkedObject('context', context ?? {}), now },
          ...grantedDetails(policy, principal),
        }
        return { kind: 'asking', policy, permissions: policy.for(who) }
      }),
    )
    return asked instanceof Promise ? inTime(policySetup, 'facts', asked).catch(failed) : asked
  } catch (cause) {
    return failed(cause)
  }
}

/** The policy for one rule, with a bound on how long it may take. */
export function resourcePolicy(
  setup: PolicySetup,
  { action, type }: CheckedQuestion,
  { policy, permissions }: Extract<AskedPolicy, { readonly kind: 'asking' }>,
): ResourcePolicy {
  const ask = (what: string, resource: unknown): Eventual<PolicyDecision> => {
    // `load` is tied to the type's attributes by `Rule`; whatever does not fit them is unknown to the policy.
    const question = { action: what, type, resource: resource as Readonly<Record<string, never>> }
    const decision = permissions.decide(question)
    return isThenable(decision)
      ? inTime(setup, 'decision', Promise.resolve(decision)).then(checkedDecision)
      : checkedDecision(decision)
  }
  return {
    decide: (resource) => ask(action, resource),
    conceals(resource) {
      const seeing = policy.model.types.get(type)?.conceal ?? null
      if (seeing === null) return false
      if (seeing === action) return true
      try {
        const sight = ask(seeing, resource)
        return sight instanceof Promise ? sight.then(isHidden, () => true) : isHidden(sight)
      } catch {
        return true
      }
    },
  }
}

function factsOf(setup: PolicySetup, principal: Principal, request: Hearing['request']): unknown {
  return principal.kind === 'anonymous'
    ? setup.anonymous?.(request)
    : setup.principal(principal, request)
}

/**
 * What was granted in detail, where the policy asks for that: the claim as the verifier's schema left it. No member where
 * there is no such claim. A schema may have left it out, so nobody can say that none was granted: it is unknown then, which
 * neither allows nor lifts what denies.
 */
function grantedDetails({ model }: Policy, principal: Principal): Pick<Who, 'details'> {
  if (model.details.size === 0 || principal.kind !== 'user') return {}
  const { claims } = principal
  if (typeof claims !== 'object' || claims === null) return {}
  const claim = ownMember(claims, 'authorization_details')
  return claim === undefined ? {} : { details: readDetails(model.details, claim) }
}

/** Roles and tenant decide more than attributes do: what is there has to be what it is called. */
function checkedFacts(facts: unknown): Readonly<Record<string, unknown>> {
  // A copy: an object that is written to for the next request must not answer for this one.
  const members = Object.entries(checkedObject('principal', facts))
  const checked: Readonly<Record<string, unknown>> = Object.fromEntries(
    members.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  )
  const { roles, tenant } = checked
  if (roles !== undefined && !(Array.isArray(roles) && roles.every(isText))) {
    throw new Error('policy.principal: roles is no list of texts')
  }
  if (tenant !== undefined && tenant !== null && !isText(tenant)) {
    throw new Error('policy.principal: tenant is no text')
  }
  return checked
}

function checkedObject(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>> // it is an object; each member is looked at where it is used
  }
  throw new Error(`policy.${what} gave no object`)
}

/** A policy can be the application's own: what is no decision has not decided. */
function checkedDecision(decision: PolicyDecision | undefined): PolicyDecision {
  if (typeof decision === 'object' && decision !== null) return decision
  throw new Error('the policy gave no decision')
}

function isHidden({ kind }: PolicyDecision): boolean {
  return kind !== 'permitted'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

async function inTime<Value>(
  { timeoutMilliseconds }: PolicySetup,
  what: string,
  work: Promise<Value>,
): Promise<Value> {
  const waited = await within(timeoutMilliseconds, work)
  if (waited.kind === 'settled') return waited.value
  throw new Error(`the policy's ${what} took longer than ${timeoutMilliseconds} ms`)
}
