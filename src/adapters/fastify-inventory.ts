import type { FastifyInstance, FastifyPluginCallback, RouteOptions } from 'fastify'
import { ConfigurationError } from '../errors.js'
import { type ListedRoute, listedRoute, type ServedDocument } from '../gate/listed-route.js'
import type { RuleDescription } from '../gate/rule-description.js'
import { ruleForOthers, ruleOf } from './inventory-mark.js'

/**
 * Takes down every route that is defined from here on, for {@link inventory}: `await app.register(takeInventory)`, as the
 * first of all. Fastify has no list of its routes; `denyByDefault` takes them down as well, so beside it this is only
 * needed to list what comes before it.
 */
export const takeInventory: FastifyPluginCallback = Object.assign(
  ((app, _options, done) => {
    recordRoutes(app)
    done()
  }) satisfies FastifyPluginCallback,
  // What fastify-plugin would set: the routes to take down are those beside this plugin, not those inside it.
  {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'sallyport-inventory',
  },
)

/**
 * Lists every route of the application (or of the plugin) that `takeInventory` or `denyByDefault` was registered in, and
 * of plugins below, prefixes included, with its rules: `inventory(app)`, after `await app.ready()` or in an `onReady` hook.
 *
 * HEAD routes that Fastify makes from GET are not listed, nor is the `OPTIONS *` of a CORS plugin.
 *
 * It sees what `protect` has put into `onRequest`, of a route or, by `addHook`, of a plugin; of a plugin, a rule that lets
 * strangers in speaks for none of its routes. What a plugin has Fastify keeps to itself: it is read where Fastify 5 has it, and if a release has it elsewhere, what only such a hook guards is listed as
 * bare. What a hook answers by itself is no route.
 *
 * @throws ConfigurationError `inventory_incomplete` if nothing has taken the routes down from the first one on, or if
 *   the application is not ready yet
 */
export function inventory(app: AnyApp): readonly ListedRoute[] {
  const record = records.get(app)
  if (record === undefined) {
    throw incomplete(
      'nobody has taken it: await app.register(takeInventory), before the first route',
    )
  }
  if (!record.isWhole) {
    throw incomplete(
      'there were routes before takeInventory or denyByDefault: register it first, and await that',
    )
  }
  if (!record.isReady) throw incomplete('routes may still come: await app.ready() first')
  const documents = (served.get(app) ?? []).map(({ document, path }) =>
    listedRoute({ method: 'GET', path, rules: [], document }),
  )
  const routes = record.routes.flatMap((route) => listRoute(app, route))
  return Object.freeze([...documents, ...routes.filter((route) => !isByTheWay(route, routes))])
}

/** Takes down the routes of this application from here on. */
export function recordRoutes(app: FastifyInstance): void {
  if (records.has(app)) return
  const record: RoutesOfApp = { routes: [], isWhole: !hasRoutes(app), isReady: false }
  records.set(app, record)
  app.addHook('onRoute', function (options) {
    // The path changes afterwards, for a second spelling. The hooks are read later: others may still add some.
    record.routes.push({ app: this, options, path: options.url })
  })
  app.addHook('onReady', (done) => {
    record.isReady = true
    done()
  })
}

/** Remembers that a deny-by-default mount stands here: before each route of this application and of its plugins. */
export function recordBarring(app: FastifyInstance): void {
  barredApps.add(app)
}

/** Remembers that the application serves one of the library's own documents, in a hook. */
export function recordServing(app: FastifyInstance, document: ServedDocument, path: string): void {
  served.set(app, [...(served.get(app) ?? []), { document, path }])
}

function listRoute(
  { supportedMethods }: AnyApp,
  { app, options, path }: RecordedRoute,
): readonly ListedRoute[] {
  const methods = [options.method].flat()
  const isForAll = supportedMethods.every((method) => methods.includes(method))
  const rules = [
    ...hooksOf(app).flatMap((hook) => ruleForOthers(hook) ?? []),
    ...[options.onRequest ?? []].flat().flatMap((hook) => ruleOf(hook) ?? []),
  ]
  const barred = isBarred(app)
  return (isForAll ? ['ALL'] : methods).map((method) =>
    listedRoute({ method, path, rules, barred }),
  )
}

/** The hooks that `addHook('onRequest', ...)` has put before every route of this application, if they can be found. */
export function hooksOf(app: object): readonly unknown[] {
  const place = Object.getOwnPropertySymbols(app).find(
    ({ description }) => description === 'fastify.hooks',
  )
  const hooks: unknown = place === undefined ? undefined : Reflect.get(app, place)
  const isFound = typeof hooks === 'object' && hooks !== null && 'onRequest' in hooks
  return isFound && Array.isArray(hooks.onRequest) ? hooks.onRequest : []
}

/** A plugin's application has that of the plugin around it as its prototype; hooks of that one are its own as well. */
function isBarred(app: FastifyInstance): boolean {
  for (let each: unknown = app; typeof each === 'object' && each !== null; ) {
    if (barredApps.has(each)) return true
    each = Object.getPrototypeOf(each)
  }
  return false
}

/** Whether nobody has defined this route for its own sake. */
function isByTheWay(route: ListedRoute, routes: readonly ListedRoute[]): boolean {
  if (route.method === 'OPTIONS') return route.path === '*' && route.rule === null
  if (route.method !== 'HEAD') return false
  // Below a prefix, `/` is listed without its slash as GET, and with it as HEAD.
  const paths = [route.path, route.path.replace(/\/$/, '')]
  const get = routes.find(({ method, path }) => method === 'GET' && paths.includes(path))
  return get !== undefined && areSame(rulesOf(get), rulesOf(route))
}

function rulesOf({ rule, before }: ListedRoute): readonly RuleDescription[] {
  return rule === null ? [] : [...before, rule]
}

function areSame(one: readonly RuleDescription[], other: readonly RuleDescription[]): boolean {
  return one.length === other.length && one.every((rule, index) => rule === other[index])
}

/** Whether there are routes already, but for those that answer preflights: what Fastify prints of them names methods. */
function hasRoutes(app: FastifyInstance): boolean {
  return /\((?!OPTIONS\))[A-Z, -]+\)(?: |$)/m.test(app.printRoutes({ commonPrefix: false }))
}

function incomplete(why: string): ConfigurationError {
  return new ConfigurationError('inventory_incomplete', `inventory: ${why}.`)
}

/** An application whatever its server, logger and type provider. */
type AnyApp = Pick<FastifyInstance, 'supportedMethods'>

interface RoutesOfApp {
  readonly routes: RecordedRoute[]
  readonly isWhole: boolean
  isReady: boolean
}

interface RecordedRoute {
  readonly app: FastifyInstance
  readonly options: RouteOptions
  readonly path: string
}

const records = new WeakMap<object, RoutesOfApp>()
const served = new WeakMap<object, readonly ServedPath[]>()
const barredApps = new WeakSet<object>()

interface ServedPath {
  readonly document: ServedDocument
  readonly path: string
}
