/**
 * Whether every request that Hono would hand to one path, it would hand to a middleware at another: `/api/*` covers
 * `/api/users/:id`. That is so for `*`, for the very same path, and where the texts prove it segment by segment: literals
 * and whole required parameters, and a `*` at the end of the middleware's. In a route, only what that `*` covers may be
 * something else.
 *
 * Never says yes for a middleware that may be passed by.
 */
export function coversPath(middleware: string, route: string): boolean {
  if (middleware === '*' || middleware === '/*' || middleware === route) return true
  const wide = middleware.split('/')
  const narrow = route.split('/')
  const isPrefix = wide.at(-1) === '*'
  if (isPrefix) wide.pop()
  if (isPrefix ? narrow.length < wide.length : narrow.length !== wide.length) return false
  return wide.every((segment, index) =>
    // Before the first slash there is nothing, in both.
    index === 0 ? segment === narrow[0] : coversSegment(segment, narrow[index] ?? ''),
  )
}

function coversSegment(wide: string, narrow: string): boolean {
  if (PARAMETER.test(wide)) return PARAMETER.test(narrow) || LITERAL.test(narrow)
  return wide === narrow && LITERAL.test(wide)
}

const PARAMETER = /^:\w+$/

/** Without characters that mean something to one of Hono's routers. */
const LITERAL = /^[\p{L}\p{N}_~.%@-]+$/u
