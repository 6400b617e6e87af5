import type { AnonymousPrincipal, IdentifiedPrincipal } from '../principal/principal.js'
import type { Part } from '../scope/vocabulary.js'
import type { Duration } from '../shared/duration.js'
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
 *   so that it cannot be forgotten; must be left out exactly when `'anyone'` is accepted.
 * - `login`: how recent and how strong the login must be (RFC 9470). A credential that does not say fails.
 * - `revocationLag`: what becomes of requests while the mirror of revocations lags; the gate's if left out.
 * - `load`: fetches the resource, after the scopes have been judged. Null or undefined: 404.
 * - `allow`: decides on the very resource. Anything but `true` is a denial; a throw is 503, never a grant.
 * - `hide`: a denial by `allow` looks exactly like a resource that does not exist.
 */
export type Rule<
  Name extends string,
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals>,
  Context,
  Resource,
> = RuleBase<Principals, Accepted, Context, Resource> & RuleScopes<Name, Accepted>

interface RuleBase<
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals>,
  Context,
  Resource,
> {
  readonly accept?: Accepted | readonly Accepted[]
  readonly revocationLag?: RevocationLagPolicy
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
type RuleScopes<Name extends string, Accepted extends string> = string extends Accepted
  ? { readonly scopes?: Part<Name>; readonly login?: LoginRequirement }
  : 'anyone' extends Accepted
    ? { readonly scopes?: never; readonly login?: never }
    : { readonly scopes: Part<Name>; readonly login?: LoginRequirement }

/** How recent and how strong a login must be. */
export interface LoginRequirement {
  /** The login happened at most this long ago. */
  readonly maxAge?: Duration
  /** One of these authentication context classes, best first. */
  readonly acr?: readonly string[]
}
