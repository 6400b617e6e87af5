/** An API for holders of JWT access tokens: each user has notes. Who may do what stands on the routes. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import {
  authenticated,
  createGate,
  defineScopes,
  jwtBearer,
  type ProxyOptions,
  remoteJwkSet,
} from 'sallyport'
import { denyByDefault, protect, serveMetadata } from 'sallyport/hono'

export interface Config {
  /** The exact `iss` of the tokens: mind the slash at its end. */
  readonly issuer: string
  /** The exact `aud` that means this API. Tokens for another API of the same issuer are refused. */
  readonly audience: string
  readonly jwksUrl: string
  /** This API's own public URL. */
  readonly apiUrl: string
  /** The proxies that end TLS for us, if all requests come through them; else null. */
  readonly proxy: ProxyOptions | null
}

export function createApp({ issuer, audience, jwksUrl, apiUrl, proxy }: Config) {
  const gate = createGate({
    resource: apiUrl,
    proxy,
    scopes: defineScopes({
      resources: { notes: ['read', 'write'] },
      actionImplies: { write: ['read'] },
    }),
    verifiers: {
      user: jwtBearer({
        issuer,
        audience,
        algorithms: ['RS256'], // what your issuer signs with; a token has no say in it
        keys: remoteJwkSet({ url: jwksUrl }),
      }),
    },
  })

  // The place for your database. All tokens are of one issuer, so the subject says whose a note is.
  const notes = new Map<string, string[]>()

  const app = new Hono()
  app.use(serveMetadata(gate)) // OAuth clients find our issuer by it
  app.use(denyByDefault(gate)) // a route that somebody forgot to protect lets nobody in

  app.get('/health', protect(gate, { accept: 'anyone' }), (c) => c.json({ status: 'ok' }))

  app.get('/me', protect(gate, { accept: 'user', scopes: authenticated() }), (c) =>
    c.json({ subject: c.var.principal.subject }),
  )

  app.get('/notes', protect(gate, { accept: 'user', scopes: 'notes:read' }), (c) =>
    c.json(notes.get(c.var.principal.subject) ?? []),
  )

  app.post(
    '/notes',
    protect(gate, { accept: 'user', scopes: 'notes:write' }), // first, so that strangers send no body
    bodyLimit({ maxSize: 10_240 }),
    async (c) => {
      const { subject } = c.var.principal
      const text = await c.req.text()
      notes.set(subject, [...(notes.get(subject) ?? []), text])
      return c.json({ text }, 201)
    },
  )

  return app
}
