/**
 * What a route needs of a grant. Monotone: there is no `not`, so more scopes never open less.
 *
 * Made by a vocabulary's `allOf` and `anyOf`, which check the names, and by {@link authenticated}.
 */
export type Requirement<Name extends string = string> =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scope'; readonly name: Name }
  | { readonly kind: 'allOf'; readonly parts: readonly Requirement<Name>[] }
  | { readonly kind: 'anyOf'; readonly parts: readonly Requirement<Name>[] }

/**
 * The requirement that anyone who has proven an identity meets. It is written out on a route, because a requirement
 * that is merely absent is indistinguishable from one that was forgotten.
 */
export function authenticated(): { readonly kind: 'authenticated' } {
  return AUTHENTICATED
}

const AUTHENTICATED = Object.freeze({ kind: 'authenticated' as const })
