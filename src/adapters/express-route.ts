import type { RequestHandler } from 'express'
import { isProtected } from './protected-mark.js'

/** The part of Express's `Route` that is used; it is the same in Express 4 and 5. */
export interface ExpressRoute {
  readonly stack: { readonly handle: unknown; readonly method?: string | undefined }[]
  readonly methods: Record<string, unknown>
  all(handler: RequestHandler): unknown
}

/** For the deny-by-default mount: puts `deny` before the handlers that a route has for a method, unless one of them asks a gate. */
export function barIfBare(route: ExpressRoute, requestMethod: string, deny: RequestHandler): void {
  const named = requestMethod.toLowerCase()
  const method = named === 'head' && !route.methods['head'] ? 'get' : named
  const handlers = route.stack.filter((layer) => !layer.method || layer.method === method)
  if (handlers.length === 0 || handlers.some(({ handle }) => isProtected(handle))) return
  const { _all: answersAll } = route.methods
  route.all(deny)
  // `all` makes a route answer every method; this one is to answer those it had.
  if (answersAll === undefined) delete route.methods['_all']
  const layer = route.stack.pop()
  if (layer !== undefined) route.stack.unshift(Object.assign(layer, { method }))
}
