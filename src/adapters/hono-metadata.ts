import type { Context, MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { MetadataOptions, ServedMetadata } from '../gate/resource-metadata.js'
import type { RouteGate } from '../gate.js'
import { markServing } from './inventory-mark.js'
import { markDecided } from './protected-mark.js'

/**
 * Serves the metadata that tells OAuth clients where to get a token (RFC 9728): `app.use(serveMetadata(gate))`. From then on
 * challenges name it.
 *
 * Answers at the well-known path of the gate's `resource`, on the application at the root of the host, before or after
 * `denyByDefault`.
 *
 * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
 */
export function serveMetadata(gate: RouteGate, options: MetadataOptions = {}): MiddlewareHandler {
  const metadata = gate.serveMetadata(options)
  const middleware: MiddlewareHandler = async (c, next) => {
    // `c.req.path` has percent-encoding undone, which the resource's path may need.
    if (!metadata.isAt(c.req.url)) return next()
    markDecided(c)
    const { status, fields, body } = metadata.answer(c.req.method)
    const isEmpty = body === '' || c.req.method === 'HEAD'
    for (const [name, value] of fields) c.header(name, value)
    return c.newResponse(isEmpty ? null : body, status as StatusCode) // one of `respond`'s own
  }
  return markServing(markServed(middleware, metadata), 'metadata', metadata.path)
}

/** Remembers where a handler serves what is for anyone. */
export function markServed(
  middleware: MiddlewareHandler,
  document: Pick<ServedMetadata, 'isAt'>,
): MiddlewareHandler {
  served.set(middleware, document)
  return middleware
}

/** For the deny-by-default mount: whether one of the handlers that Hono matched serves a document for anyone at this path. */
export function isServedToAnyone(c: Context): boolean {
  return c.req.matchedRoutes.some(({ handler }) => served.get(handler)?.isAt(c.req.url) === true)
}

const served = new WeakMap<object, Pick<ServedMetadata, 'isAt'>>()
