import type { MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import { type KeysToServe, type ServeKeysOptions, servedKeys } from '../http/served-keys.js'
import { markServed } from './hono-metadata.js'
import { markServing } from './inventory-mark.js'
import { markDecided } from './protected-mark.js'

/**
 * Serves the keys that verify your tokens (a JWK Set) to anyone: `app.use(serveKeys(signingKeys))`.
 *
 * Answers at `/.well-known/jwks.json`, or at another `path`, on the application at the root of the host, before or after
 * `denyByDefault`.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function serveKeys(
  signingKeys: KeysToServe,
  options: ServeKeysOptions = {},
): MiddlewareHandler {
  const keys = servedKeys(signingKeys, options)
  const middleware: MiddlewareHandler = async (c, next) => {
    if (!keys.isAt(c.req.url)) return next()
    markDecided(c)
    const known = c.req.header('if-none-match') ?? null
    const { status, fields, body } = await keys.answer(c.req.method, known)
    const isEmpty = body === '' || c.req.method === 'HEAD'
    for (const [name, value] of fields) c.header(name, value)
    return c.newResponse(isEmpty ? null : body, status as StatusCode) // one of `respond`'s own
  }
  return markServing(markServed(middleware, keys), 'keys', keys.path)
}
