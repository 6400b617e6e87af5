/** An API for programs: a key is made, listed, used, rotated and revoked. What a key may do stands on the routes. */
import Fastify, { type FastifyRequest } from 'fastify'
import {
  type ApiKeys,
  apiKey,
  createApiKeys,
  createGate,
  defineScopes,
  type ProxyOptions,
  type Redacted,
  type Store,
} from 'sallyport'
import { denyByDefault, protect } from 'sallyport/fastify'

export interface Config {
  /** This API's own public URL. */
  readonly apiUrl: string
  /** The proxies that end TLS for us, if all requests come through them; else null. */
  readonly proxy: ProxyOptions | null
}

const scopes = defineScopes({ resources: { keys: ['read', 'write'], reports: ['read'] } })

type ScopeName = (typeof scopes.names)[number]

/** Keys from their creation to their end. The store keeps hashes: whoever steals it has no keys. */
export function createKeys(store: Store): ApiKeys {
  // The prefix is not a secret. Scanners find a leaked key by it.
  return createApiKeys({ prefix: 'acme', store, scopes })
}

export async function createApp({ apiUrl, proxy }: Config, keys: ApiKeys) {
  const gate = createGate({
    resource: apiUrl,
    proxy,
    scopes,
    verifiers: { application: apiKey({ prefix: 'acme', store: keys }) },
  })

  const app = Fastify({ bodyLimit: 10_240 })
  await app.register(denyByDefault, { gate }) // a route that somebody forgot to protect lets nobody in

  // The store is down. Above all, a revocation that may not have happened is not reported as done.
  app.setErrorHandler(async (error: { code?: string; statusCode?: number }, _request, reply) => {
    if (error.code !== 'store_unavailable') throw error
    return reply.code(503).header('Retry-After', '5').send({ error: error.code })
  })

  app.get(
    '/health',
    protect(gate, { accept: 'anyone' }, async () => ({ status: 'ok' })),
  )

  app.get(
    '/reports',
    protect(gate, { scopes: 'reports:read' }, async (_request, _reply, { principal }) => ({
      reportsOf: principal.applicationId,
    })),
  )

  app.get('/keys', {
    schema: { querystring: PAGE },
    ...protect(
      gate,
      { scopes: 'keys:read' },
      async (request: FastifyRequest<{ Querystring: Page }>, reply, { principal }) => {
        const { after = null } = request.query
        const page = await keys.list({ applicationId: principal.applicationId, after })
        if (page.kind !== 'page') return reply.code(503).send({ error: page.reason })
        return { keys: page.records, next: page.next }
      },
    ),
  })

  app.post('/keys', {
    schema: { body: NEW_KEY },
    ...protect(
      gate,
      { scopes: 'keys:write' },
      async (request: FastifyRequest<{ Body: NewKey }>, reply, { principal }) => {
        const { scopes: names, name } = request.body
        // A key makes no key that may do more than itself.
        if (!names.every((each) => scopes.can(principal.grant, each))) {
          return reply.code(403).send({ error: 'scopes_exceeded' })
        }
        const { applicationId } = principal
        const created = await keys.create({ applicationId, scopes: names, ...(name && { name }) })
        if (created.kind !== 'created') return reply.code(503).send({ error: created.kind })
        return reply.code(201).header('Cache-Control', 'no-store').send(shownOnce(created))
      },
    ),
  })

  /** One of one's own keys. For other applications' keys 404, as for keys that do not exist. */
  const ownKey = {
    scopes: 'keys:write',
    load: (request: FastifyRequest<{ Params: { id: string } }>) => keys.find(request.params.id),
    allow: (
      who: { readonly applicationId: string },
      record: { readonly applicationId: string },
    ): boolean => record.applicationId === who.applicationId,
    hide: true,
  } as const

  app.post(
    '/keys/:id/rotation',
    protect(gate, ownKey, async (_request, reply, { resource }) => {
      const rotated = await keys.rotate(resource.id) // the old secret works for a day more
      if (rotated.kind === 'unavailable') return reply.code(503).send({ error: rotated.reason })
      if (rotated.kind !== 'rotated') return reply.code(409).send({ error: rotated.kind })
      return reply.header('Cache-Control', 'no-store').send(shownOnce(rotated))
    }),
  )

  app.delete(
    '/keys/:id',
    protect(gate, ownKey, async (_request, reply, { resource }) => {
      await keys.revoke(resource.id) // from the next request on, it is refused
      return reply.code(204).send()
    }),
  )

  return app
}

/** The only answer that has a key in it. */
function shownOnce({ key, record }: { readonly key: Redacted; readonly record: object }): object {
  return { key: key.reveal(), ...record }
}

interface Page {
  readonly after?: string
}

interface NewKey {
  readonly scopes: readonly ScopeName[]
  readonly name?: string
}

/** What Fastify checks requests by, after the gate has let the caller in. */
const PAGE = { type: 'object', properties: { after: { type: 'string', maxLength: 512 } } }

const NEW_KEY = {
  type: 'object',
  required: ['scopes'],
  additionalProperties: false,
  properties: {
    scopes: { type: 'array', maxItems: 16, items: { type: 'string', enum: scopes.names } },
    name: { type: 'string', minLength: 1, maxLength: 100, pattern: '^[^\\p{C}]+$' },
  },
}
