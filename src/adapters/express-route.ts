import type { Request, RequestHandler } from 'express'
import { isProtected } from './protected-mark.js'

/**
 * For the deny-by-default mount: from here on, each route that matches this request and asks no gate is barred by `deny`.
 *
 * The router names the route that it has matched on the request, `request.route`, before it runs the route's handlers:
 * the moment to look at them. INVARIANT: what listens to that stands on the request itself. Prototypes change on the way
 * from one application to another, and back.
 */
export function barBareRoutes(request: Request, deny: RequestHandler): void {
  const watched: WatchedRequest = request
  watched[ROUTE] = request.route
  watched[DENY] = deny
  Object.defineProperty(request, 'route', LISTENER)
}

/** The part of Express's `Route` that is used; it is the same in Express 4 and 5. */
export interface ExpressRoute {
  readonly path: unknown
  readonly stack: { readonly handle: unknown; readonly method?: string | undefined }[]
  readonly methods: Record<string, unknown>
  all(handler: RequestHandler): unknown
}

interface WatchedRequest {
  readonly method: string
  [DENY]?: RequestHandler
  [ROUTE]?: unknown
}

/**
 * Whether a handler of a route may be a middleware. One that takes fewer than three parameters has no `next`: it answers,
 * and what stands behind it is not asked. A `protect` does not count as answering, with a handler or without.
 */
export function mayHandOn(handle: unknown): boolean {
  return typeof handle === 'function' && handle.length >= 3
}

/** Puts `deny` before the handlers that a route has for a method, unless one asks a gate before any of them answers. */
function barIfBare(route: ExpressRoute, requestMethod: string, deny: RequestHandler): void {
  const named = requestMethod.toLowerCase()
  const method = named === 'head' && !route.methods['head'] ? 'get' : named
  const handlers = route.stack.filter((layer) => !layer.method || layer.method === method)
  const decisive = handlers.find(({ handle }) => isProtected(handle) || !mayHandOn(handle))
  if (handlers.length === 0 || isProtected(decisive?.handle)) return
  const { _all: answersAll } = route.methods
  route.all(deny)
  // `all` makes a route answer every method; this one is to answer those it had.
  if (answersAll === undefined) delete route.methods['_all']
  const layer = route.stack.pop()
  if (layer !== undefined) route.stack.unshift(Object.assign(layer, { method }))
}

/** Registered symbols: of two copies of this package in one process, the listener of either serves both. */
const DENY: unique symbol = Symbol.for('sallyport.deny')
const ROUTE: unique symbol = Symbol.for('sallyport.route')

/** The same two functions for all requests: with some of its own, each would be of another shape to the runtime. */
const LISTENER: PropertyDescriptor & ThisType<WatchedRequest> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[ROUTE]
  },
  set(route: ExpressRoute) {
    this[ROUTE] = route
    const deny = this[DENY]
    if (deny !== undefined) barIfBare(route, this.method, deny)
  },
}
