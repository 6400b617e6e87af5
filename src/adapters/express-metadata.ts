import type { RequestHandler } from 'express'
import type { MetadataOptions } from '../gate/resource-metadata.js'
import type { RouteGate } from '../gate.js'
import { markServing } from './inventory-mark.js'

/**
 * Serves the metadata that tells OAuth clients where to get a token (RFC 9728): `app.use(serveMetadata(gate))`. From then on
 * challenges name it.
 *
 * Answers at the well-known path of the gate's `resource`, on the application at the root of the host, before or after
 * `denyByDefault`. Mount it before a `cors()` that names origins of its own: anyone may read this.
 *
 * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
 */
export function serveMetadata(gate: RouteGate, options: MetadataOptions = {}): RequestHandler {
  const metadata = gate.serveMetadata(options)
  const handler: RequestHandler = (request, response, next) => {
    if (!metadata.isAt(request.originalUrl)) return next()
    const { status, fields, body } = metadata.answer(request.method)
    for (const [name, value] of fields) response.setHeader(name, value)
    response.status(status).end(body)
  }
  return markServing(handler, 'metadata', metadata.path)
}
