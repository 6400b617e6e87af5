import * as z from 'zod/mini'
import type { RequestView } from '../credential/request-view.js'
import { ConfigurationError } from '../errors.js'
import type { Attributes, ObjectOf } from '../policy/condition/attributes.js'
import type { PolicyPrincipal, ResourceTypes } from '../policy/definition/policy-definition.js'
import type { Policy } from '../policy/policy.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { Eventual } from '../shared/eventual.js'
import { checkedOptions, functionOption, port, wholeNumber } from '../shared/options.js'

/** How a gate asks a policy: which one, and what it is told of whoever asks. */
export interface GatePolicy<
  Who extends IdentifiedPrincipal,
  Name extends string,
  Types extends ResourceTypes,
  PrincipalAttributes extends Attributes,
  ContextAttributes extends Attributes,
  Roles extends string,
> {
  /**
   * From `definePolicy`, with the gate's own vocabulary; or what holds the current one, which is read once per request. One
   * with `details` is told those of the claim `authorization_details`, as a user's `claims` have it: a verifier's schema has to
   * keep it. Without that claim, and for whoever has no claims, conditions about details are unknown.
   */
  readonly policy:
    | Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>
    | CurrentPolicy<Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>>
  /**
   * What the policy is told of a principal: its attributes, roles and tenant, looked up anew for each request whose rule
   * has an action, before the resource is loaded. Own members are copied, lists as well, so that what is written to them later
   * changes nothing. What it throws, anything but an object, and an answer that does not come
   * in time are 503.
   */
  readonly principal: (
    who: Who,
    request: RequestView,
  ) => Eventual<PolicyPrincipal<NoInfer<PrincipalAttributes>, NoInfer<Roles>>>
  /**
   * What the policy is told of whoever presents no credential. Without it no rule may accept `'anyone'` and have an action.
   * An attribute that is left out makes every condition about it unknown.
   */
  readonly anonymous?: (
    request: RequestView,
  ) => Eventual<Partial<PolicyPrincipal<NoInfer<PrincipalAttributes>, NoInfer<Roles>>>>
  /** What the policy is told of the request, besides `now`, which is the gate's. Default: nothing. */
  readonly context?: (request: RequestView) => Eventual<ObjectOf<NoInfer<ContextAttributes>>>
  /**
   * How long facts, and then a decision, may take. Default 3,000; 1 to 60,000. What `permissions` answers a handler is not
   * bounded.
   */
  readonly timeoutMilliseconds?: number
}

/** Holds a policy that another may take the place of. */
export interface CurrentPolicy<Current> {
  readonly current: () => Current
}

/** The same with its types erased: what `gate.ts` runs on. */
export interface PolicySetup {
  /** The policy of this moment. */
  current(): Policy
  readonly principal: (who: IdentifiedPrincipal, request: RequestView) => unknown
  readonly anonymous: ((request: RequestView) => unknown) | null
  readonly context: ((request: RequestView) => unknown) | null
  readonly timeoutMilliseconds: number
}

/**
 * Checks the option and fills in its defaults.
 *
 * @param scopes the gate's own vocabulary
 * @throws ConfigurationError `option_invalid`, also if the policy's vocabulary is another one
 */
export function checkedPolicy(option: unknown, scopes: Scopes): PolicySetup {
  const checked = checkedOptions('createGate: policy', OPTION, option)
  const { policy, principal, anonymous, context, timeoutMilliseconds } = checked
  const setup: PolicySetup = {
    current: 'current' in policy ? () => policy.current() : () => policy,
    principal,
    anonymous: anonymous ?? null,
    context: context ?? null,
    timeoutMilliseconds,
  }
  if (setup.current().scopes !== scopes) {
    throw new ConfigurationError(
      'option_invalid',
      "createGate: policy.policy must be defined over the vocabulary that is the gate's option 'scopes'.",
    )
  }
  return setup
}

const OPTION = z.strictObject({
  policy: z.union([port<Policy>('for', 'decide'), port<CurrentPolicy<Policy>>('current')]),
  principal: functionOption<PolicySetup['principal']>(),
  anonymous: z.exactOptional(functionOption<NonNullable<PolicySetup['anonymous']>>()),
  context: z.exactOptional(functionOption<NonNullable<PolicySetup['context']>>()),
  timeoutMilliseconds: z._default(wholeNumber(1, 60_000), 3_000),
})
