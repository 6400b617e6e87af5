import type { Express, Router } from 'express'
import { ConfigurationError } from '../errors.js'
import { type ListedRoute, listedRoute } from '../gate/listed-route.js'
import type { RuleDescription } from '../gate/rule-description.js'
import { inOtherCase, joinPaths, MAX_SAMPLES, samplesOf, withoutSlash } from './express-paths.js'
import type { ExpressRoute } from './express-route.js'
import { isBarring, ruleForOthers, ruleOf, servedAt } from './inventory-mark.js'

export interface InventoryOptions {
  /** The applications that are mounted in this one with `app.use`. Express does not tell which they are. */
  readonly mounted?: readonly Express[]
}

/**
 * Lists every route of an application, or of a router, with the rules that a request meets on its way to it:
 * `inventory(app)`, after the last route was defined. Routers below are listed with the path they are mounted at.
 *
 * What `app.use(path, protect(gate, rule))` has put before a route counts, unless the rule lets strangers in: then it
 * speaks for nothing behind it. HEAD and OPTIONS, where Express answers them by itself, are not listed.
 *
 * It cannot see what is no route to Express: handlers of `app.use` that answer (`express.static`, a proxy, a middleware
 * of your own, a router that is wrapped in one), nor whether a handler before `protect` answers by itself. A path that is
 * a regular expression is listed as its source, and only middlewares without a path count before it.
 *
 * @throws ConfigurationError `inventory_incomplete` for a mounted application that `mounted` does not name, and for a
 *   router whose path an older `router` package (before 2.3) does not tell
 */
export function inventory(
  app: Express | Router,
  { mounted = [] }: InventoryOptions = {},
): readonly ListedRoute[] {
  const found: ListedRoute[] = []
  walk(stackOf(app), { app, mounted, found, prefix: '', samples: [''], before: [] })
  return Object.freeze(found)
}

/** Where the walk is: what stands above and before. */
interface Place {
  readonly app: unknown
  readonly mounted: readonly Express[]
  readonly found: ListedRoute[]
  readonly prefix: string
  /** Texts that the prefix matches; none if nobody can tell. */
  readonly samples: readonly string[]
  readonly before: readonly Before[]
}

/** A middleware in this router or in one above: a rule, or (null) a deny-by-default mount. */
interface Before {
  readonly rule: RuleDescription | null
  readonly layer: Layer
  readonly samples: readonly string[]
}

function walk(stack: readonly Layer[], place: Place): void {
  let { before } = place
  for (const layer of stack) {
    const { route, handle } = layer
    const rule = ruleForOthers(handle)
    if (route !== undefined) listRoute(layer, route, { ...place, before })
    else if (rule !== null || isBarring(handle)) {
      before = [...before, { rule, layer, samples: place.samples }]
    } else if (servedAt(handle) !== null) listDocument(handle, { ...place, before })
    else descend(layer, { ...place, before })
  }
}

function listRoute(layer: Layer, route: ExpressRoute, place: Place): void {
  for (const path of pathsOf(route.path)) {
    const met = metBefore(samplesBelow(place, layer, path), place)
    for (const [method, own] of ownRules(route)) {
      place.found.push(
        listedRoute({
          method,
          path: joinPaths(place.prefix, path),
          rules: [...rulesOf(met), ...own],
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
      const rules = handlers.flatMap(({ handle }) => ruleOf(handle) ?? [])
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
  const rules = rulesOf(metBefore([served.path], place))
  place.found.push(listedRoute({ method: 'GET', ...served, rules }))
}

function descend(layer: Layer, place: Place): void {
  const below = stackBelow(layer, place)
  if (below === null) return
  for (const path of pathsOf(pathOf(layer))) {
    if (path === undefined) throw incomplete('the path of a router; update the package "router"')
    walk(below.stack, {
      ...place,
      app: below.app,
      prefix: joinPaths(place.prefix, path),
      samples: samplesBelow(place, layer, path),
    })
  }
}

/** The stack of the router or application that a layer hands on to; null for a middleware. */
function stackBelow(
  layer: Layer,
  { app, mounted }: Place,
): { readonly stack: readonly Layer[]; readonly app: unknown } | null {
  const { handle } = layer
  if (typeof handle !== 'function') return null
  if (isRouter(handle)) return { stack: handle.stack, app }
  // So Express calls the function that it wraps a mounted application in; it does not hand the application out.
  if (handle.name !== 'mounted_app') return null
  const path = String(pathOf(layer))
  const child = mounted.find(
    (each) => 'parent' in each && each.parent === app && String(each.mountpath) === path,
  )
  if (child !== undefined) return { stack: stackOf(child), app: child }
  throw incomplete(`the routes of an application that is mounted at ${path}; name it in 'mounted'`)
}

/** The middlewares that every request for these texts meets; those without a path, if there are no texts. */
function metBefore(samples: readonly string[], { before }: Place): readonly Before[] {
  return before.filter(
    (each) =>
      each.layer.slash || (samples.length > 0 && samples.every((sample) => isMet(each, sample))),
  )
}

function isMet({ layer, samples }: Before, sample: string): boolean {
  return samples.some((prefix) => {
    const rest = sample.slice(prefix.length)
    const isBelow = sample.startsWith(prefix) && (rest === '' || rest.startsWith('/'))
    return isBelow && matches(layer, rest)
  })
}

/** Texts that lead through this layer, in either case if it does not look at case; none if they would be too many. */
function samplesBelow({ samples }: Place, layer: Layer, path: unknown): readonly string[] {
  // A router cuts off what leads to it without a slash at the end, and the path below starts with one.
  const own = samplesOf(path).map((sample) =>
    matches(layer, withoutSlash(sample)) ? withoutSlash(sample) : sample,
  )
  const either = new Set(own.flatMap((sample) => [sample, inOtherCase(sample)]))
  const matched = [...either].filter((sample) => matches(layer, sample))
  if (samples.length * matched.length > MAX_SAMPLES) return []
  return samples.flatMap((start) => matched.map((sample) => start + sample))
}

function matches(layer: Layer, text: string): boolean {
  return Boolean(layer.match(text === '' ? '/' : text))
}

function rulesOf(met: readonly Before[]): readonly RuleDescription[] {
  return met.flatMap(({ rule }) => rule ?? [])
}

function stackOf(app: Express | Router): readonly Layer[] {
  const router: unknown = 'router' in app ? app.router : app
  if (typeof router === 'function' && isRouter(router)) return router.stack
  throw incomplete('the routes of this object; it is no application and no router of Express 5')
}

function isRouter(handle: object): handle is { readonly stack: readonly Layer[] } {
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
  match(path: string): unknown
}
