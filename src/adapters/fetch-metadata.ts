import type { MetadataOptions } from '../gate/resource-metadata.js'
import type { RouteGate } from '../gate.js'

/**
 * Serves the metadata that tells OAuth clients where to get a token (RFC 9728), and leaves everything else to `handler`:
 * `serveMetadata(gate, denyByDefault(gate, route))`. From then on challenges name it.
 *
 * Answers at the well-known path of the gate's `resource`.
 *
 * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
 */
export function serveMetadata<Rest extends readonly unknown[]>(
  gate: RouteGate,
  handler: (request: Request, ...rest: Rest) => Promise<Response>,
  options: MetadataOptions = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const metadata = gate.serveMetadata(options)
  return async (request, ...rest) => {
    if (!metadata.isAt(request.url)) return handler(request, ...rest)
    const { status, fields, body } = metadata.answer(request.method)
    const isEmpty = body === '' || request.method === 'HEAD'
    return new Response(isEmpty ? null : body, {
      status,
      headers: new Headers(fields.map(([name, value]): [string, string] => [name, value])),
    })
  }
}
