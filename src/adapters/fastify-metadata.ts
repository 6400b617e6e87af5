import type { FastifyPluginCallback } from 'fastify'
import type { MetadataOptions } from '../gate/resource-metadata.js'
import type { RouteGate } from '../gate.js'
import { recordServing } from './fastify-inventory.js'

/**
 * Serves the metadata that tells OAuth clients where to get a token (RFC 9728): `app.register(serveMetadata, { gate })`. From
 * then on challenges name it.
 *
 * Answers at the well-known path of the gate's `resource`, before any route is looked at: register it at the root.
 *
 * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
 */
export const serveMetadata: FastifyPluginCallback<{ readonly gate: RouteGate } & MetadataOptions> =
  Object.assign(
    ((app, { gate, ...options }, done) => {
      const metadata = gate.serveMetadata(options)
      recordServing(app, 'metadata', metadata.path)
      app.addHook('onRequest', (request, reply, proceed) => {
        if (!metadata.isAt(request.originalUrl)) return proceed()
        const { status, fields, body } = metadata.answer(request.method)
        for (const [name, value] of fields) reply.header(name, value)
        reply.code(status).send(body)
      })
      done()
    }) satisfies FastifyPluginCallback<{ readonly gate: RouteGate } & MetadataOptions>,
    // What fastify-plugin would set: the hook is for the routes beside this plugin, not for those inside it.
    {
      [Symbol.for('skip-override')]: true,
      [Symbol.for('fastify.display-name')]: 'sallyport-metadata',
    },
  )
