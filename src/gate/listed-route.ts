import { ConfigurationError } from '../errors.js'
import { authenticated, type Requirement } from '../scope/requirement.js'
import { frozen } from '../shared/frozen.js'
import type { RuleDescription } from './rule-description.js'

/** One route of an inventory: plain data, frozen, and JSON as it is. */
export interface ListedRoute {
  /** Method and path: `GET /users/:id`. */
  readonly name: string
  /** In upper case; `ALL` for a route that answers every method. */
  readonly method: string
  /** As the framework spells it, prefixes included. */
  readonly path: string
  readonly kind: RouteKind
  /** The last rule that a request meets on its way to the handler: as a rule the route's own. Null if it meets none. */
  readonly rule: RuleDescription | null
  /** The rules that it meets before that one, first things first. Each of them has to let it in. */
  readonly before: readonly RuleDescription[]
  /**
   * What all these rules together ask of a grant, where a credential is presented; null if nothing. An `open` route has one if
   * it has an action: who presents a credential all the same must have been granted it.
   */
  readonly requirement: Requirement | null
  /** What sallyport itself serves here to anyone, as it is meant to; null for a route of your own. */
  readonly document: ServedDocument | null
}

/**
 * - `guarded`: nobody gets in without a credential.
 * - `open`: there is a rule, and it lets strangers in.
 * - `bare`: there is no rule. As far as sallyport knows, everybody gets in.
 * - `barred`: there is no rule either, so a deny-by-default mount lets nobody in.
 */
export type RouteKind = 'guarded' | 'open' | 'bare' | 'barred'

/** The metadata of the API, or the keys that verify its tokens. */
export type ServedDocument = 'metadata' | 'keys'

/** What an adapter has found out about a route. */
export interface FoundRoute {
  readonly method: string
  readonly path: string
  /** The rules on the way to the handler, first things first. */
  readonly rules: readonly RuleDescription[]
  /** Whether a deny-by-default mount stands before it. */
  readonly barred?: boolean
  readonly document?: ServedDocument | null
}

/** Puts what an adapter has found into the form of an inventory. */
export function listedRoute({
  method,
  path,
  rules,
  barred = false,
  document = null,
}: FoundRoute): ListedRoute {
  const kind = kindOf(rules, barred, document)
  return Object.freeze({
    name: `${method} ${path}`,
    method,
    path,
    kind,
    rule: rules.at(-1) ?? null,
    before: Object.freeze(rules.slice(0, -1)),
    requirement: together(rules, kind),
    document,
  })
}

/**
 * Fails the start of a server that has a route without a rule: `assertNoBareRoutes(inventory(app))`.
 *
 * A route that a deny-by-default mount bars counts as well: nobody gets in, which nobody can have wanted.
 *
 * @throws ConfigurationError `route_bare`, naming every one
 */
export function assertNoBareRoutes(routes: readonly ListedRoute[]): void {
  const bare = routes.filter(({ kind }) => kind === 'bare' || kind === 'barred')
  if (bare.length === 0) return
  const named = bare.map(({ name, kind }) =>
    kind === 'bare' ? `${name} (let everybody in)` : `${name} (let nobody in)`,
  )
  throw new ConfigurationError('route_bare', `Routes without a rule: ${named.join(', ')}.`)
}

/** The routes that anyone gets to without a credential: those that are open, and as far as sallyport knows those that are bare. */
export function openRoutes(routes: readonly ListedRoute[]): readonly ListedRoute[] {
  return routes.filter(({ kind }) => kind === 'open' || kind === 'bare')
}

function kindOf(
  rules: readonly RuleDescription[],
  barred: boolean,
  document: ServedDocument | null,
): RouteKind {
  if (rules.some(({ requirement }) => requirement !== null)) return 'guarded'
  if (rules.length > 0 || document !== null) return 'open'
  return barred ? 'barred' : 'bare'
}

/** Every rule has to be met, so their requirements are one `allOf`. */
function together(rules: readonly RuleDescription[], kind: RouteKind): Requirement | null {
  const parts = rules.flatMap((rule) => {
    const requirement = rule.requirement ?? requirementOfPresented(rule)
    return requirement === null || requirement.kind === 'authenticated' ? [] : [requirement]
  })
  const [first = kind === 'guarded' ? authenticated() : null] = parts
  return parts.length < 2 ? first : frozen({ kind: 'allOf', parts })
}

/** What a rule that lets strangers in asks of those who are none; null where no credential is looked at. */
function requirementOfPresented({ accept, question }: RuleDescription): Requirement | null {
  const looksAtCredentials = accept.some((name) => name !== 'anyone')
  return question === null || !looksAtCredentials
    ? null
    : frozen({ kind: 'scope', name: question.action })
}
