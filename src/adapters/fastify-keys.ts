import type { FastifyPluginCallback } from 'fastify'
import { type KeysToServe, type ServeKeysOptions, servedKeys } from '../http/served-keys.js'
import { recordServing } from './fastify-inventory.js'

/**
 * Serves the keys that verify your tokens (a JWK Set) to anyone: `app.register(serveKeys, { signingKeys })`.
 *
 * Answers at `/.well-known/jwks.json`, or at another `path`, before any route is looked at: register it at the root.
 *
 * @throws ConfigurationError `option_invalid`
 */
export const serveKeys: FastifyPluginCallback<
  { readonly signingKeys: KeysToServe } & ServeKeysOptions
> = Object.assign(
  ((app, { signingKeys, ...options }, done) => {
    const keys = servedKeys(signingKeys, options)
    recordServing(app, 'keys', keys.path)
    app.addHook('onRequest', async (request, reply) => {
      if (!keys.isAt(request.originalUrl)) return
      const known = request.headers['if-none-match'] ?? null
      const { status, fields, body } = await keys.answer(request.method, known)
      for (const [name, value] of fields) reply.header(name, value)
      return reply.code(status).send(body)
    })
    done()
  }) satisfies FastifyPluginCallback<{ readonly signingKeys: KeysToServe } & ServeKeysOptions>,
  // What fastify-plugin would set: the hook is for the routes beside this plugin, not for those inside it.
  {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'sallyport-keys',
  },
)
