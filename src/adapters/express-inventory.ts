import type { Express, Router } from 'express'
import { ConfigurationError } from '../errors.js'
import { type ListedRoute, listedRoute } from '../gate/listed-route.js'
import type { RuleDescription } from '../gate/rule-description.js'
import { coversSegments, type ExpressSegment, joinPaths, segmentsOf } from './express-paths.js'
import { type ExpressRoute, mayHandOn } from './express-route.js'
import { isBarring, ruleForOthers, ruleOf, servedAt } from './inventory-mark.js'

export interface InventoryOptions {
  /** The applications that are mounted in this one with `app.use`. Express does not tell which they are. */
  readonly mounted?: readonly Express[]
}

/**
 * Lists every route of an application, or of a router, with the rules that a request meets on its way to it:
 * `inventory(app)`, after the last route was defined. Routers below are listed with the path they are mounted at.
 *
 * What `app.use(path, protect(gate, rule))` has put before a route counts if the texts of both paths prove it: without a
 * path, or where each of its segments is a literal or a whole parameter (`/:tenant`), and the route has the same at that
 * place. Where the rule lets strangers in, it speaks for nothing behind it. Among a route's own handlers, a rule behind
 * one that takes fewer than three parameters does not count: such a handler answers. HEAD and OPTIONS, where Express
 * answers them by itself, are not listed.
 *
 * It cannot see what is no route to Express: handlers of `app.use` that answer (`express.static`, a proxy, a middleware
 * of your own, a router that is wrapped in one), nor whether a handler with three parameters before `protect` answers by
 * itself. A path that is a regular expression is listed as its source.
 *
 * @throws ConfigurationError `inventory_incomplete` for a mounted application that `mounted` does not name, and for a
 *   router whose path an older `router` package (before 2.3) does not tell
 */
export function inventory(
  app: Express | Router,
  { mounted = [] }: InventoryOptions = {},
): readonly ListedRoute[] {
  const found: ListedRoute[] = []
  walk(routerOf(app), { app, mounted, found, prefix: '', segments: [], before: [] })
  return Object.freeze(found)
}

/** Where the walk is: what stands above and before. */
interface Place {
  readonly app: unknown
  readonly mounted: readonly Express[]
  readonly found: ListedRoute[]
  readonly prefix: string
  readonly segments: readonly ExpressSegment[]
  readonly before: readonly Before[]
}

/** A middleware in this router or in one above: a rule, or (null) a deny-by-default mount. */
interface Before {
  readonly rule: RuleDescription | null
  /** All it has to stand before, from its router on; null if that is whatever the router is asked for. */
  readonly paths: readonly (readonly ExpressSegment[])[] | null
  /** How many segments lead to its router: those are the same for all that is behind it. */
  readonly depth: number
}

function walk(router: RouterLike, place: Place): void {
  const careful = router.caseSensitive === true
  let { before } = place
  for (const layer of router.stack) {
    const { route, handle } = layer
    const rule = ruleForOthers(handle)
    if (route !== undefined) listRoute(route, router, { ...place, before })
    else if (rule !== null || isBarring(handle)) {
      // In an array `/` is only itself, as the router has it.
      const paths = layer.slash
        ? null
        : pathsOf(pathOf(layer)).map((path) => segmentsOf(path === '/' ? null : path, careful))
      before = [...before, { rule, paths, depth: place.segments.length }]
    } else if (servedAt(handle) !== null) listDocument(handle, { ...place, before })
    else descend(layer, careful, { ...place, before })
  }
}

function listRoute(route: ExpressRoute, { caseSensitive, strict }: RouterLike, place: Place): void {
  for (const path of pathsOf(route.path)) {
    const own = segmentsOf(path, caseSensitive === true)
    const met = metBefore([...place.segments, ...own], place)
    for (const [method, rules] of ownRules(route)) {
      place.found.push(
        listedRoute({
          method,
          path: joinPaths(place.prefix, path, strict === true),
          rules: [...rulesOf(met), ...rules],
          barred: met.some(({ rule }) => rule === null),
        }),
      )
    }
  }
}

/** The rules that a route has by itself, by method. `app.all` names every method there is; that is ALL as well. */
function ownRules(route: ExpressRoute): ReadonlyMap<string, readonly RuleDescription[]> {
  const byMethod = new Map(
    Object.keys(route.methods).map((known) => {
      const method = known === '_all' ? undefined : known
      const handlers = route.stack.filter((each) => !each.method || each.method === method)
      const answering = handlers.findIndex(({ handle }) => !mayHandOn(handle))
      const reached = answering < 0 ? handlers : handlers.slice(0, answering)
      const rules = reached.flatMap(({ handle }) => ruleOf(handle) ?? [])
      return [method?.toUpperCase() ?? 'ALL', rules]
    }),
  )
  const get = byMethod.get('GET')
  const isForAll = COMMON_METHODS.every((method) => areSame(byMethod.get(method), get))
  if (get === undefined || !isForAll) return byMethod
  const others = [...byMethod].filter(([, rules]) => !areSame(rules, get))
  return new Map([['ALL', get], ...others])
}

function areSame(
  one: readonly RuleDescription[] | undefined,
  other: readonly RuleDescription[] | undefined,
): boolean {
  return one?.length === other?.length && one?.every((rule, at) => rule === other?.[at]) === true
}

function listDocument(handle: unknown, place: Place): void {
  const served = servedAt(handle)
  if (served === null) return
  const rules = rulesOf(
    metBefore(segmentsOf(served.path, true), { before: place.before.filter(isOnTop) }),
  )
  place.found.push(listedRoute({ method: 'GET', ...served, rules }))
}

function descend(layer: Layer, careful: boolean, place: Place): void {
  const below = routerBelow(layer, place)
  if (below === null) return
  for (const path of pathsOf(pathOf(layer))) {
    if (path === undefined) throw incomplete('the path of a router; update the package "router"')
    // What an array's `/` cuts off is as unclear as what a regular expression does.
    const own = segmentsOf(path === '/' && !layer.slash ? null : path, careful)
    walk(below.router, {
      ...place,
      app: below.app,
      prefix: joinPaths(place.prefix, path),
      segments: [...place.segments, ...own],
    })
  }
}

/** The router, or that of the application, that a layer hands on to; null for a middleware. */
function routerBelow(
  layer: Layer,
  { app, mounted }: Place,
): { readonly router: RouterLike; readonly app: unknown } | null {
  const { handle } = layer
  if (typeof handle !== 'function') return null
  if (isRouter(handle)) return { router: handle, app }
  // So Express calls the function that it wraps a mounted application in; it does not hand the application out.
  if (handle.name !== 'mounted_app') return null
  const path = String(pathOf(layer))
  const child = mounted.find(
    (each) => 'parent' in each && each.parent === app && String(each.mountpath) === path,
  )
  if (child !== undefined) return { router: routerOf(child), app: child }
  throw incomplete(`the routes of an application that is mounted at ${path}; name it in 'mounted'`)
}

/** The middlewares that every request for this path meets. */
function metBefore(
  path: readonly ExpressSegment[],
  { before }: Pick<Place, 'before'>,
): readonly Before[] {
  return before.filter(
    ({ paths, depth }) =>
      paths === null || paths.some((each) => coversSegments(each, path.slice(depth))),
  )
}

/** A document's path starts at the host, so only middlewares that start there can be compared with it. */
function isOnTop({ paths, depth }: Before): boolean {
  return paths === null || depth === 0
}

function rulesOf(met: readonly Before[]): readonly RuleDescription[] {
  return met.flatMap(({ rule }) => rule ?? [])
}

function routerOf(app: Express | Router): RouterLike {
  const router: unknown = 'router' in app ? app.router : app
  if (typeof router === 'function' && isRouter(router)) return router
  throw incomplete('the routes of this object; it is no application and no router of Express 5')
}

function isRouter(handle: object): handle is RouterLike {
  return 'stack' in handle && Array.isArray(handle.stack)
}

function pathOf({ rawPath, slash }: Layer): unknown {
  return rawPath ?? (slash ? '/' : undefined)
}

function pathsOf(path: unknown): readonly unknown[] {
  return Array.isArray(path) ? path.flat(Number.POSITIVE_INFINITY) : [path]
}

function incomplete(what: string): ConfigurationError {
  return new ConfigurationError('inventory_incomplete', `inventory: Express does not tell ${what}.`)
}

/** Who answers all of these means all there are. */
const COMMON_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'CONNECT',
] as const

/** The part of a router's layer that is used. `rawPath` is there from router 2.3 on. */
interface Layer {
  readonly handle: unknown
  readonly route?: ExpressRoute | undefined
  readonly rawPath?: unknown
  /** It is mounted without a path. */
  readonly slash: boolean
}

/** The part of a router that is used. Who does not look at case, and takes a slash at the end, says nothing. */
interface RouterLike {
  readonly stack: readonly Layer[]
  readonly caseSensitive?: unknown
  readonly strict?: unknown
}
