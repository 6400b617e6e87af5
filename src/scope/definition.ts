import type { ScopeLimits } from './limits.js'

/**
 * How names are written: `users:read`, `read:users`, or `org.users.read`, where the last segment is the action.
 * Declared, never guessed: `users:read` and `read:users` have the same shape.
 */
export type Dialect = 'resource:action' | 'action:resource' | 'dotted'

/** Resources by name, each with its actions: `{ users: ['read', 'write'] }`; when dotted, `{ 'org.users': ['read'] }`. */
export type ResourceActions = Readonly<Record<string, readonly string[]>>

/**
 * What a vocabulary of scopes consists of. Every name in it is checked by the compiler and once more when
 * `defineScopes` runs.
 *
 * A resource or action is 1 to 64 characters of `A-Z a-z 0-9 _ -`; case counts. In the dotted dialect a resource may
 * be several of these, joined by dots: with the action at most 8 segments. The type parameters are inferred; without
 * them this is the type of a definition that is put together at run time.
 */
export interface ScopesDefinition<
  Resources extends ResourceActions = ResourceActions,
  Opaque extends string = string,
  Superuser extends string = string,
  Order extends Dialect = Dialect,
  Bare extends string = string,
> {
  /** How scopes are written, in what is granted and in all that is written here. Default `'resource:action'`. */
  readonly dialect?: Order
  /**
   * Dialects in which a grant may be written besides, as other spellings of the same scopes: while an issuer moves from
   * one to another. What is written here stays in `dialect`. A name of several resource segments has no spelling in a
   * dialect of two. If any text would then mean two things, the definition is refused. Default: none.
   */
  readonly accepts?: readonly Dialect[]
  /** May be empty, for a gate that asks for no scopes. */
  readonly resources: Resources
  /** Scopes of one segment: an action on whatever the API has, as in `read` or `write`. */
  readonly actions?: readonly Bare[]
  /** Scopes without structure (`openid`, a URL): matched by their own name only, never by a wildcard. */
  readonly opaque?: readonly Opaque[]
  /**
   * The one scope that implies every scope that is not explicit-only. Named here only, not under `resources`; it is
   * itself explicit-only, and nothing may imply it.
   */
  readonly superuser?: Superuser
  /** Scopes that only their own name grants: no wildcard, no implication and no superuser reaches them. */
  readonly explicitOnly?: readonly NoInfer<ScopeName<Resources, Opaque, Superuser, Order, Bare>>[]
  /** What a scope gives besides itself, transitively: `{ 'users:write': ['users:read'] }`. Default: nothing. */
  readonly implies?: {
    readonly [Name in NoInfer<
      ScopeName<Resources, Opaque, Superuser, Order, Bare>
    >]?: readonly NoInfer<ScopeName<Resources, Opaque, Superuser, Order, Bare>>[]
  }
  /** The same for every resource that has both actions, each within itself: `{ write: ['read'] }`. Not for `actions`. */
  readonly actionImplies?: {
    readonly [Action in NoInfer<ActionOf<Resources>>]?: readonly NoInfer<ActionOf<Resources>>[]
  }
  /**
   * `'grants'` lets a granted token say `*` for one whole segment: `users:*`, `*:read`, `*:*`; alone it stands for
   * those of one segment, the `actions`. When dotted, `**` at the end stands for one or more. A requirement never may.
   * Such a token grants what the vocabulary has now and will have later. Default `'off'`.
   */
  readonly wildcards?: 'off' | 'grants'
  /**
   * What `downscope` takes to be asked for if a request names no scope (RFC 6749 section 3.3). Nothing explicit-only:
   * that has to be asked for by name. Default: none, and such a request is refused.
   */
  readonly defaults?: readonly NoInfer<ScopeName<Resources, Opaque, Superuser, Order, Bare>>[]
  /**
   * The claims that `fromClaims` reads. `scope` and `scp`, if both are read and there, must say the same; every other,
   * such as `permissions`, adds its own. One alone pins the vocabulary to it. Default `['scope', 'scp']`.
   */
  readonly claims?: readonly string[]
  /** How much of a claim is read before it is refused as a whole. */
  readonly limits?: Partial<ScopeLimits>
}

/** Every name of a vocabulary, as a union. Grows linearly with the vocabulary. */
export type ScopeName<
  Resources extends ResourceActions,
  Opaque extends string,
  Superuser extends string,
  Order extends Dialect,
  Bare extends string,
> = PairOf<Resources, Order> | Bare | Opaque | Superuser

type PairOf<Resources extends ResourceActions, Order extends Dialect> = {
  [Resource in keyof Resources & string]: Order extends 'action:resource'
    ? `${Resources[Resource][number]}:${Resource}`
    : Order extends 'dotted'
      ? `${Resource}.${Resources[Resource][number]}`
      : `${Resource}:${Resources[Resource][number]}`
}[keyof Resources & string]

type ActionOf<Resources extends ResourceActions> = Resources[keyof Resources & string][number]
