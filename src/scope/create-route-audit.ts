import type { Grant } from './grant.js'
import type { GrantSource } from './grant-source.js'
import { byCodeUnits } from './normal-form.js'
import type { Requirement } from './requirement.js'
import type { RouteAudit, ScopedRoute } from './route-audit.js'
import type { Scopes } from './vocabulary.js'

/**
 * Answers questions about the scopes of routes, with what a vocabulary can tell already.
 *
 * @param superuser the vocabulary's, or null
 */
export function createRouteAudit(
  scopes: Omit<Scopes, keyof RouteAudit>,
  superuser: string | null,
  read: (granted: GrantSource) => Grant,
): RouteAudit {
  const askingOf = (routes: readonly ScopedRoute[]): readonly Asking[] =>
    routes.flatMap(({ name, requirement }) =>
      requirement === null ? [] : [{ name, requirement: scopes.requirement(requirement) }],
    )
  return {
    audit(granted, routes) {
      const grant = read(granted)
      const asking = askingOf(routes)
      const requirements = asking.map(({ requirement }) => requirement)
      const least = scopes.leastFor(requirements)
      return {
        excess: scopes.excess(grant, requirements),
        // No name contains one.
        wildcards: grant.tokens.filter((token) => token.includes('*')).sort(byCodeUnits),
        superuser:
          superuser !== null && scopes.can(grant, superuser) && !scopes.can(least, superuser),
        leastScope: least.tokens.join(' '),
        unusable: asking
          .filter(({ requirement }) => scopes.judge(grant, requirement).kind !== 'covered')
          .map(({ name }) => name),
      }
    },
    unusedScopes(routes) {
      const named = new Set(askingOf(routes).flatMap(({ requirement }) => namesIn(requirement)))
      return scopes.names.filter((name) => name !== superuser && !named.has(name)).sort(byCodeUnits)
    },
  }
}

interface Asking {
  readonly name: string
  readonly requirement: Requirement
}

function namesIn(requirement: Requirement): readonly string[] {
  if (requirement.kind === 'scope') return [requirement.name]
  return 'parts' in requirement ? requirement.parts.flatMap(namesIn) : []
}
