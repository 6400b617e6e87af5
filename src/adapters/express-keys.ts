import type { RequestHandler } from 'express'
import { type KeysToServe, type ServeKeysOptions, servedKeys } from '../http/served-keys.js'
import { markServing } from './inventory-mark.js'

/**
 * Serves the keys that verify your tokens (a JWK Set) to anyone: `app.use(serveKeys(signingKeys))`.
 *
 * Answers at `/.well-known/jwks.json`, or at another `path`, on the application at the root of the host. Mount it before
 * a `cors()` that names origins of its own: anyone may read this.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function serveKeys(
  signingKeys: KeysToServe,
  options: ServeKeysOptions = {},
): RequestHandler {
  const keys = servedKeys(signingKeys, options)
  const handler: RequestHandler = async (request, response, next) => {
    if (!keys.isAt(request.originalUrl)) return next()
    const known = request.headers['if-none-match'] ?? null
    const { status, fields, body } = await keys.answer(request.method, known)
    for (const [name, value] of fields) response.setHeader(name, value)
    response.status(status).end(body)
  }
  return markServing(handler, 'keys', keys.path)
}
