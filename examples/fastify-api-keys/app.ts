/** An API for programs: a key is made, listed, used and revoked. What a key may do stands on the routes. */
import Fastify, { type FastifyRequest } from 'fastify'
import { apiKey, createApiKey, createGate, defineScopes, type ProxyOptions } from 'sallyport'
import { denyByDefault, protect } from 'sallyport/fastify'
import type { KeyStore } from './key-store.js'

export interface Config {
  /** This API's own public URL. */
  readonly apiUrl: string
  /** The proxies that end TLS for us, if all requests come through them; else null. */
  readonly proxy: ProxyOptions | null
}

const scopes = defineScopes({ resources: { keys: ['read', 'write'], reports: ['read'] } })

type ScopeName = (typeof scopes.names)[number]

/** The start of every key, so that scanners find a leaked one. Not a secret. */
const PREFIX = 'acme'

/** Makes a key and keeps its record. The key itself is not kept: show it once. */
export async function issueKey(
  store: KeyStore,
  applicationId: string,
  names: readonly ScopeName[],
) {
  const now = Math.floor(Date.now() / 1_000)
  const { key, record } = createApiKey({ prefix: PREFIX, applicationId, scopes: names, now })
  await store.insert(record)
  return { key: key.reveal(), id: record.id, expiresAt: record.expiresAt }
}

export async function createApp({ apiUrl, proxy }: Config, store: KeyStore) {
  const gate = createGate({
    resource: apiUrl,
    proxy,
    scopes,
    verifiers: { application: apiKey({ prefix: PREFIX, store }) },
  })

  const app = Fastify({ bodyLimit: 10_240 })
  await app.register(denyByDefault, { gate }) // a route that somebody forgot to protect lets nobody in

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

  app.get(
    '/keys',
    protect(gate, { scopes: 'keys:read' }, async (_request, _reply, { principal }) => {
      const records = await store.list(principal.applicationId)
      // Never the hash: nobody needs it but the store.
      return records.map(({ secretHash: _, ...shown }) => shown)
    }),
  )

  app.post('/keys', {
    schema: { body: NEW_KEY },
    ...protect(
      gate,
      { scopes: 'keys:write' },
      async (request: FastifyRequest<{ Body: NewKey }>, reply, { principal }) => {
        const names = request.body.scopes
        // A key makes no key that may do more than itself.
        if (!names.every((name) => scopes.can(principal.grant, name))) {
          return reply.code(403).send({ error: 'scopes_exceeded' })
        }
        reply.code(201).header('Cache-Control', 'no-store')
        return issueKey(store, principal.applicationId, names)
      },
    ),
  })

  app.delete(
    '/keys/:id',
    protect(
      gate,
      {
        scopes: 'keys:write',
        load: (request: FastifyRequest<{ Params: { id: string } }>) =>
          store.find(request.params.id),
        allow: (who, record) => record.applicationId === who.applicationId,
        hide: true, // 404 for other applications' keys, as for keys that do not exist
      },
      async (_request, reply, { resource }) => {
        await store.remove(resource.id) // from the next request on, it is refused
        return reply.code(204).send()
      },
    ),
  )

  return app
}

interface NewKey {
  readonly scopes: readonly ScopeName[]
}

/** What Fastify checks the body by, after the gate has let the caller in. */
const NEW_KEY = {
  type: 'object',
  required: ['scopes'],
  additionalProperties: false,
  properties: {
    scopes: { type: 'array', maxItems: 16, items: { type: 'string', enum: scopes.names } },
  },
}
