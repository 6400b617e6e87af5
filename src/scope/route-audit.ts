import type { GrantSource } from './grant-source.js'
import type { Requirement } from './requirement.js'

/** A route as far as scopes go. What `inventory(app)` lists is one; a table of your own may be another. */
export interface ScopedRoute {
  /** Such as `GET /users`. */
  readonly name: string
  /** Null if it asks nobody for a scope. */
  readonly requirement: string | Requirement | null
}

/** What a grant has beside what its holder does with it. All lists by code units, but routes in their own order. */
export interface GrantAudit<Name extends string = string> {
  /**
   * Scopes that are covered and of no use for any of the routes, whichever way they are met. Of two that meet the same `anyOf`
   * neither is one: compare with {@link leastScope}.
   */
  readonly excess: readonly Name[]
  /** Tokens that are patterns: they will cover more as the vocabulary grows. */
  readonly wildcards: readonly string[]
  /** Whether it holds the superuser, though the routes can be met without. */
  readonly superuser: boolean
  /** A scope that meets all of the routes with nothing to spare; empty if none of them asks for any. */
  readonly leastScope: string
  /** The routes that the grant does not meet, by name. */
  readonly unusable: readonly string[]
}

/** Questions about the scopes of routes. */
export interface RouteAudit<Name extends string = string> {
  /**
   * What a client's grant has in excess for the routes that it uses, and what would be enough.
   *
   * Looks at scopes only: whether the client's kind of credential is accepted, and what a policy says, is not asked.
   * @param routes those that the client uses
   * @throws ConfigurationError as {@link Scopes.requirement}
   */
  audit(granted: GrantSource, routes: readonly ScopedRoute[]): GrantAudit<Name>
  /**
   * The scopes of the vocabulary that no route names, by code units: nobody needs them, whoever grants them. The
   * superuser is none of them. One that only implies what routes name is, and so is one that is not for routes, such as
   * `openid`.
   * @throws ConfigurationError as {@link Scopes.requirement}
   */
  unusedScopes(routes: readonly ScopedRoute[]): readonly Name[]
}
