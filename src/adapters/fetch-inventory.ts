import { ConfigurationError } from '../errors.js'
import { type ListedRoute, listedRoute } from '../gate/listed-route.js'
import { ruleOf } from './inventory-mark.js'

/**
 * Lists handlers with their rules, by the names that you route them by: `inventory({ 'GET /users': listUsers })`. A
 * name is method and path; `ALL` stands for every method.
 *
 * There is no router to look into, so this lists what you hand over: pass the very table that your `route` function
 * picks from. A handler that `protect` has not made is listed as bare, whether or not `denyByDefault` stands before it.
 *
 * @throws ConfigurationError `option_invalid` for a name that is not a method, one space and a path
 */
export function inventory(
  handlers: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>,
): readonly ListedRoute[] {
  const named = isMap(handlers) ? [...handlers] : Object.entries(handlers)
  return Object.freeze(
    named.map(([name, handler]) => {
      const [, method, path] = /^([A-Z-]+) (\/\S*|\*)$/.exec(name) ?? []
      if (method === undefined || path === undefined) {
        throw new ConfigurationError(
          'option_invalid',
          `inventory: '${name}' is not the name of a route, such as 'GET /users'.`,
        )
      }
      const rule = ruleOf(handler)
      return listedRoute({ method, path, rules: rule === null ? [] : [rule] })
    }),
  )
}

function isMap(
  handlers: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>,
): handlers is ReadonlyMap<string, unknown> {
  return handlers instanceof Map
}
