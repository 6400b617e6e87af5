/** How the two segments of a name are ordered: `users:read` or `read:users`. Declared, never guessed. */
export type Dialect = 'resource:action' | 'action:resource'

/** Resources by name, each with its actions: `{ users: ['read', 'write'] }`. */
export type ResourceActions = Readonly<Record<string, readonly string[]>>

/**
 * What a vocabulary of scopes consists of. Every name in it is checked by the compiler and once more when
 * `defineScopes` runs.
 *
 * A resource or action is 1 to 64 characters of `A-Z a-z 0-9 _ -`; case counts. The type parameters are inferred;
 * without them this is the type of a definition that is put together at run time.
 */
export interface ScopesDefinition<
  Resources extends ResourceActions = ResourceActions,
  Opaque extends string = string,
  Superuser extends string = string,
  Order extends Dialect = Dialect,
> {
  /** Default `'resource:action'`. */
  readonly dialect?: Order
  /** May be empty, for a gate that asks for no scopes. */
  readonly resources: Resources
  /** Scopes without structure (`openid`, a URL): matched by their own name only, never by a wildcard. */
  readonly opaque?: readonly Opaque[]
  /**
   * The one scope that implies every scope that is not explicit-only. Named here only, not under `resources`; it is
   * itself explicit-only, and nothing may imply it.
   */
  readonly superuser?: Superuser
  /** Scopes that only their own name grants: no wildcard, no implication and no superuser reaches them. */
  readonly explicitOnly?: readonly NoInfer<ScopeName<Resources, Opaque, Superuser, Order>>[]
  /** What a scope gives besides itself, transitively: `{ 'users:write': ['users:read'] }`. Default: nothing. */
  readonly implies?: {
    readonly [Name in NoInfer<ScopeName<Resources, Opaque, Superuser, Order>>]?: readonly NoInfer<
      ScopeName<Resources, Opaque, Superuser, Order>
    >[]
  }
  /** The same for every resource that has both actions, each within itself: `{ write: ['read'] }`. */
  readonly actionImplies?: {
    readonly [Action in NoInfer<ActionOf<Resources>>]?: readonly NoInfer<ActionOf<Resources>>[]
  }
  /**
   * `'grants'` lets a granted token say `*` for one whole segment: `users:*`, `*:read`, `*:*`. A requirement never
   * may. Such a token grants what the vocabulary has now and will have later. Default `'off'`.
   */
  readonly wildcards?: 'off' | 'grants'
}

/** Every name of a vocabulary, as a union. Grows linearly with the vocabulary. */
export type ScopeName<
  Resources extends ResourceActions,
  Opaque extends string,
  Superuser extends string,
  Order extends Dialect,
> = PairOf<Resources, Order> | Opaque | Superuser

type PairOf<Resources extends ResourceActions, Order extends Dialect> = {
  [Resource in keyof Resources & string]: Order extends 'action:resource'
    ? `${Resources[Resource][number]}:${Resource}`
    : `${Resource}:${Resources[Resource][number]}`
}[keyof Resources & string]

type ActionOf<Resources extends ResourceActions> = Resources[keyof Resources & string][number]
