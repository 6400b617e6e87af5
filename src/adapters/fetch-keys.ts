import { type KeysToServe, type ServeKeysOptions, servedKeys } from '../http/served-keys.js'

/**
 * Serves the keys that verify your tokens (a JWK Set) to anyone, and leaves everything else to `handler`:
 * `serveKeys(signingKeys, denyByDefault(gate, route))`.
 *
 * Answers at `/.well-known/jwks.json`, or at another `path`.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function serveKeys<Rest extends readonly unknown[]>(
  signingKeys: KeysToServe,
  handler: (request: Request, ...rest: Rest) => Promise<Response>,
  options: ServeKeysOptions = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const keys = servedKeys(signingKeys, options)
  return async (request, ...rest) => {
    if (!keys.isAt(request.url)) return handler(request, ...rest)
    const known = request.headers.get('if-none-match')
    const { status, fields, body } = await keys.answer(request.method, known)
    const isEmpty = body === '' || request.method === 'HEAD'
    return new Response(isEmpty ? null : body, {
      status,
      headers: new Headers(fields.map(([name, value]): [string, string] => [name, value])),
    })
  }
}
