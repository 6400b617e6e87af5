import type { Hono } from 'hono'
import { type ListedRoute, listedRoute } from '../gate/listed-route.js'
import type { RuleDescription } from '../gate/rule-description.js'
import { coversPath } from './hono-paths.js'
import { isWide, type MatchedRoute, targetOf } from './hono-route.js'
import { isBarring, ruleForOthers, ruleOf, servedAt } from './inventory-mark.js'

/** An application whatever its types, and all that is asked of it. */
type Routed = Pick<Hono, 'routes'>

/**
 * Lists every route of an application with the rules that a request meets on its way to it: `inventory(app)`, after the
 * last route was defined. Sub-applications and base paths are part of the path.
 *
 * What a middleware such as `app.use('/api/*', protect(gate, rule))` has put before a route counts if the texts of both
 * paths prove that no request gets around it. Where the rule lets strangers in, it speaks for its own path only. HEAD, which Hono answers as GET, is not listed.
 *
 * It cannot see whether a middleware answers by itself. As Hono's own tools do, it takes for a middleware what is
 * registered for every method (`use`, `all`, `mount`) and takes `next`; such a handler, and what `app.mount` puts in, are
 * not listed. Nor does it see what a handler before `protect` at the same path does.
 */
export function inventory(app: Routed): readonly ListedRoute[] {
  const listed = new Map<string, ListedRoute>()
  for (const [index, route] of app.routes.entries()) {
    const key = `${route.method} ${route.path}`
    const before = app.routes.slice(0, index)
    const served = servedAt(targetOf(route.handler))
    if (served !== null) {
      const place = { method: 'GET', path: served.path }
      const document = { ...place, ...served, rules: rulesBefore(before, place) }
      listed.set(`${place.method} ${place.path}`, listedRoute(document))
    } else if (!listed.has(key) && answers(route, app.routes.slice(index + 1))) {
      listed.set(key, listedRoute(found(route, before)))
    }
  }
  return Object.freeze([...listed.values()])
}

function found(route: MatchedRoute, before: readonly MatchedRoute[]) {
  const { method, path } = route
  const barred = before.some(
    (each) => isBarring(targetOf(each.handler)) && coversPath(each.path, path),
  )
  return { method, path, barred, rules: rulesBefore(before, route) }
}

/** Whether this is what answers at its path in the end, and no middleware on the way. */
function answers({ method, path, handler }: MatchedRoute, after: readonly MatchedRoute[]): boolean {
  const target = targetOf(handler)
  if (typeof target !== 'function' || ruleOf(target) !== null || isBarring(target)) return false
  if (target.length === 1) return true
  const isLast = !after.some((each) => each.method === method && each.path === path)
  // Two parameters may also be those of a handler that has no use for the second.
  return isLast && (method !== 'ALL' || target.length === 0)
}

function rulesBefore(
  before: readonly MatchedRoute[],
  { method, path }: Pick<MatchedRoute, 'method' | 'path'>,
): readonly RuleDescription[] {
  return before.flatMap((each) => {
    if ((each.method !== 'ALL' && each.method !== method) || !coversPath(each.path, path)) return []
    const target = targetOf(each.handler)
    const isItsOwn = each.path === path && !isWide(each)
    return (isItsOwn ? ruleOf(target) : ruleForOthers(target)) ?? []
  })
}
