import type { GrantSource } from '../scope/grant-source.js'
import type { ScopedRoute } from '../scope/route-audit.js'
import type { Scopes } from '../scope/vocabulary.js'

/** What a grant could do without, and what of it would do. */
export interface SpareScopes {
  /** By code units. Empty if the grant opens what it opens with nothing to spare. */
  readonly spare: readonly string[]
  /** Scopes of the grant that meet all that it meets, as text; taking any of them away leaves a route unmet. */
  readonly enough: string
}

/**
 * Leaves out of a grant one scope after another, the widest first, while it still meets each route that it meets: also one
 * that is of use, where another that is held does as well. Routes that the grant does not meet are not looked at.
 *
 * @throws ConfigurationError `scope_unknown` for a route that needs a scope which `scopes` has not
 */
export function spareScopes(
  scopes: Scopes,
  granted: GrantSource,
  routes: readonly ScopedRoute[],
): SpareScopes {
  const held = scopes.toAtoms(granted)
  const unmetBefore = new Set(scopes.audit(scopes.grant(held), routes).unusable)
  const met = routes.filter(({ name }) => !unmetBefore.has(name))
  const isEnough = (names: readonly string[]): boolean =>
    scopes.audit(scopes.grant(names), met).unusable.length === 0

  const width = (name: string): number => scopes.toAtoms([name]).length
  // Of two as wide the later goes first, so that the one stays that `leastScope` names.
  const widestFirst = [...held].reverse().sort((left, right) => width(right) - width(left))
  let kept = held
  for (const name of widestFirst) {
    const without = kept.filter((one) => one !== name)
    if (isEnough(without)) kept = without
  }
  const covered: ReadonlySet<string> = new Set(scopes.toAtoms(kept))
  return { spare: held.filter((name) => !covered.has(name)), enough: scopes.format(kept) }
}
