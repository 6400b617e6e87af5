/** An API for holders of JWT access tokens with typed claims: documents that belong to a tenant and to an owner. */
import express from 'express'
import { createGate, defineScopes, jwtBearer, remoteJwkSet } from 'sallyport'
import { denyByDefault, protect, serveMetadata } from 'sallyport/express'
import * as z from 'zod'

/** The environment. `ISSUER` and `AUDIENCE` are compared exactly: mind the slash at the end. */
export const Environment = z.object({
  ISSUER: z.url(),
  AUDIENCE: z.string().min(1),
  JWKS_URL: z.url(),
  API_URL: z.url(),
  /** How many proxies end TLS before us and set X-Forwarded-Proto, if all requests come through them. */
  PROXY_HOPS: z.coerce.number().int().default(0),
  PORT: z.coerce.number().int().default(3000),
})

/** What we need from a token besides the registered claims. One without it is refused: 401. */
const Claims = z.object({ tenant: z.string().min(1) })

export function createApp({
  ISSUER,
  AUDIENCE,
  JWKS_URL,
  API_URL,
  PROXY_HOPS,
}: z.infer<typeof Environment>) {
  const gate = createGate({
    resource: API_URL,
    proxy: PROXY_HOPS === 0 ? null : { hops: PROXY_HOPS },
    scopes: defineScopes({ resources: { documents: ['read', 'delete'] } }),
    verifiers: {
      user: jwtBearer({
        issuer: ISSUER,
        audience: AUDIENCE, // a token for another API of the same issuer is refused
        algorithms: ['RS256'], // what your issuer signs with; a token has no say in it
        keys: remoteJwkSet({ url: JWKS_URL }),
        claims: Claims, // from here on, `principal.claims.tenant` is a string
      }),
    },
  })

  // The place for your database. All tokens are of one issuer, so the subject says who the owner is.
  const documents = new Map(
    [
      { id: '1', tenant: 'acme', owner: 'alice', text: 'Plan' },
      { id: '2', tenant: 'acme', owner: 'bob', text: 'Budget' },
      { id: '3', tenant: 'globex', owner: 'carol', text: 'Secret' },
    ].map((document) => [document.id, document]),
  )
  const load = (request: express.Request) => documents.get(String(request.params['id']))

  const app = express()
  app.disable('x-powered-by')
  app.use(serveMetadata(gate)) // OAuth clients find our issuer by it
  app.use(denyByDefault(gate)) // a route that somebody forgot to protect lets nobody in

  app.get(
    '/health',
    protect(gate, { accept: 'anyone' }, (_request, response) => response.json({ status: 'ok' })),
  )

  app.get(
    '/documents',
    protect(
      gate,
      { accept: 'user', scopes: 'documents:read' },
      (_request, response, { principal }) =>
        response.json(
          [...documents.values()].filter(({ tenant }) => tenant === principal.claims.tenant),
        ),
    ),
  )

  app.get(
    '/documents/:id',
    protect(
      gate,
      {
        accept: 'user',
        scopes: 'documents:read',
        load, // none: 404
        allow: (who, document) => document.tenant === who.claims.tenant,
        hide: true, // 404 instead of 403: nobody learns what other tenants have
      },
      (_request, response, { resource }) => response.json(resource),
    ),
  )

  app.delete(
    '/documents/:id',
    protect(
      gate,
      {
        accept: 'user',
        scopes: 'documents:delete',
        load,
        allow: (who, { tenant, owner }) => tenant === who.claims.tenant && owner === who.subject,
        hide: true,
      },
      (_request, response, { resource }) => {
        documents.delete(resource.id)
        response.status(204).end()
      },
    ),
  )

  return app
}
