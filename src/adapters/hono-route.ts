import type { Context } from 'hono'
import { isProtected } from './protected-mark.js'

/** A handler that Hono has matched, and the route that it stands at. */
export type MatchedRoute = Context['req']['matchedRoutes'][number]

/** For the deny-by-default mount: whether one of these asks a gate, and before it there are only middlewares. */
export function isGuarded(routes: readonly MatchedRoute[]): boolean {
  const at = routes.findIndex(({ handler }, index) => {
    const target = targetOf(handler)
    return isProtected(target) && !(accepting.has(target) && !isOfItsRoute(routes, index))
  })
  const guard = routes[at]
  if (guard === undefined) return false
  return routes.slice(0, at).every(({ handler, method, path }) => {
    const target = targetOf(handler)
    const mayBeMiddleware = typeof target === 'function' && target.length !== 1
    return mayBeMiddleware && (method === 'ALL' || (method === guard.method && path === guard.path))
  })
}

/**
 * Whether a middleware stands at the route itself, as of `app.get(path, protect(gate, rule), handler)`: what comes next
 * has the same path. A rule for anyone speaks for nothing else that is behind it.
 */
export function isOfItsRoute(routes: readonly MatchedRoute[], index: number): boolean {
  const route = routes[index]
  return route !== undefined && !isWide(route) && routes[index + 1]?.path === route.path
}

/** A path that many routes may be below. */
export function isWide(route: MatchedRoute): boolean {
  return route.method === 'ALL' && route.path.endsWith('*')
}

/** Marks a middleware whose rule accepts anyone. */
export function markAccepting(middleware: object): void {
  accepting.add(middleware)
}

/** The handler itself, where Hono has wrapped it to keep a sub-application's error handler. */
export function targetOf(handler: unknown): unknown {
  let target = handler
  while (typeof target === 'function' && '__COMPOSED_HANDLER' in target)
    target = target.__COMPOSED_HANDLER
  return target
}

const accepting = new WeakSet<object>()
