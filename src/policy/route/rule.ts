import type { AnonymousPrincipal, IdentifiedPrincipal } from '../../principal/principal.js'
import type { Part } from '../../scope/vocabulary.js'
import type { Duration } from '../../shared/duration.js'
import type { Eventual } from '../../shared/eventual.js'
import type { ObjectOf } from '../condition/attributes.js'
import type { ResourceTypes } from '../definition/policy-definition.js'
import type { Asking } from '../policy.js'
import type { RevocationLagPolicy } from './revocation-lag.js'

/** The principals a gate can prove, by the names of its verifiers. */
export type PrincipalsByName = Readonly<Record<string, IdentifiedPrincipal>>

/** What a rule may accept: a verifier by name, or `anyone`. */
export type AcceptName<Principals extends PrincipalsByName> = (keyof Principals & string) | 'anyone'

/** The principal a handler gets when a rule accepts these names. */
export type AcceptedPrincipal<
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals>,
> = {
  [Name in Accepted]: Name extends 'anyone'
    ? AnonymousPrincipal
    : Name extends keyof Principals
      ? Principals[Name]
      : never
}[Accepted]

/**
 * What a route needs, as plain data: it can be listed, tested and explained.
 *
 * - `accept`: the verifiers whose principals may enter, by name; all of the gate's if left out. `'anyone'` alone makes
 *   the route open: no credential is looked at. `'anyone'` among others makes the credential optional; one that is
 *   presented and not good is still refused.
 * - `scopes`: a scope, `allOf(...)`, `anyOf(...)`, or `authenticated()` for "whoever has proven an identity". Required,
 *   so that it cannot be forgotten; must be left out when `'anyone'` is accepted, and may be beside `action`.
 * - `action`, `type`: what the gate's policy is asked about the resource, with the scope of the action as the least that
 *   is needed; scopes beside it are needed as well. Without `load` the policy decides without a resource.
 * - `list`: there is no one resource. The scope is judged, and the handler gets `permissions` to choose what it shows.
 * - `login`: how recent and how strong the login must be (RFC 9470). A credential that does not say fails.
 * - `revocationLag`: what becomes of requests while the mirror of revocations lags; the gate's if left out.
 * - `load`: fetches the resource, after the scopes have been judged. Null or undefined: 404.
 * - `allow`: decides on the very resource, after the policy if it permits. Anything but `true` is a denial; a throw is
 *   503, never a grant.
 * - `hide`: a denial by `allow` or by the policy looks exactly like a resource that does not exist.
 */
export type Rule<
  Name extends string,
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals>,
  Context,
  Resource,
  Types extends ResourceTypes = NoTypes,
  Type extends keyof Types & string = never,
> = RuleBase<Principals, Accepted, Context, Resource, Type> & RuleNeeds<Name, Accepted, Types, Type>

/** A gate without a policy knows no resource types. */
export type NoTypes = Readonly<Record<never, never>>

/** What a handler asks the policy with: of a rule with an action. */
export type RulePermissions<
  Name extends string,
  Types extends ResourceTypes,
  Type extends keyof Types & string,
> = [Type] extends [never] ? undefined : Asking<Name, Types>

interface RuleBase<
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals>,
  Context,
  Resource,
  Type extends string,
> {
  readonly accept?: Accepted | readonly Accepted[]
  readonly revocationLag?: RevocationLagPolicy
  readonly type?: Type
  readonly load?: (
    context: Context,
  ) => Resource | null | undefined | Promise<Resource | null | undefined>
  readonly allow?: (
    principal: AcceptedPrincipal<Principals, Accepted>,
    resource: Resource,
    context: Context,
  ) => boolean | Promise<boolean>
  readonly hide?: boolean
}

// Names that are not literals are only checked when the gate gets the rule.
type RuleNeeds<
  Name extends string,
  Accepted extends string,
  Types extends ResourceTypes,
  Type extends keyof Types & string,
> = string extends Accepted
  ? {
      readonly scopes?: Part<Name>
      readonly login?: LoginRequirement
      readonly action?: Name
      readonly list?: boolean
    }
  : [Type] extends [never]
    ? RuleScopes<Name, Accepted> & { readonly action?: never; readonly list?: never }
    : RuleAction<Name, Types, Type> & RuleScopes<Name, Accepted, 'action'>

interface RuleAction<
  Name extends string,
  Types extends ResourceTypes,
  Type extends keyof Types & string,
> {
  readonly action: Name
  readonly list?: boolean
  /** Besides what it is for every rule: what it gives has the attributes that the type declares. */
  readonly load?: (
    context: never,
  ) => Eventual<ObjectOf<Types[Type]['attributes']> | null | undefined>
}

type RuleScopes<
  Name extends string,
  Accepted extends string,
  Beside = null,
> = 'anyone' extends Accepted
  ? { readonly scopes?: never; readonly login?: never }
  : Beside extends 'action'
    ? { readonly scopes?: Part<Name>; readonly login?: LoginRequirement }
    : { readonly scopes: Part<Name>; readonly login?: LoginRequirement }

/** How recent and how strong a login must be. */
export interface LoginRequirement {
  /** The login happened at most this long ago. */
  readonly maxAge?: Duration
  /** One of these authentication context classes, best first. */
  readonly acr?: readonly string[]
}
