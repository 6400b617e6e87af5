/** The API on Fastify 5. */
import cors from '@fastify/cors'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { viewNodeRequest } from 'sallyport'
import { denyByDefault, protect } from 'sallyport/fastify'
import type { Reply } from './accounts.js'
import { type Api, BAD_BODY, HOSTNAME, type Served, WEB_APP } from './api.js'
import { listed } from './lists.js'
import { createRules } from './rules.js'

export async function createFastifyApp({ gate, data, accounts }: Api) {
  const { users, posts, teams } = data
  const rules = createRules(
    data,
    (request: FastifyRequest<{ Params: { id: string } }>) => request.params.id,
  )
  const app = Fastify({ bodyLimit: 10_240, forceCloseConnections: true })
  // Before the gate: a preflight carries no credential.
  await app.register(cors, { origin: WEB_APP, methods: ['GET', 'POST', 'DELETE'] })
  await app.register(denyByDefault, { gate }) // a route that somebody forgot to protect lets nobody in

  app.get(
    '/health',
    protect(gate, rules['GET /health'], async () => ({ status: 'ok' })),
  )
  const sourceOf = ({ raw }: FastifyRequest) => gate.clientNetwork(viewNodeRequest(raw))
  app.post(
    '/login',
    protect(gate, rules['POST /login'], async (request, reply) =>
      send(reply, await accounts.logIn(request.body, sourceOf(request))),
    ),
  )
  app.post(
    '/refresh',
    protect(gate, rules['POST /refresh'], async (request, reply) =>
      send(reply, await accounts.refresh(request.body)),
    ),
  )
  app.post(
    '/logout',
    protect(gate, rules['POST /logout'], async (_request, reply, { principal }) =>
      send(reply, await accounts.logOut(principal)),
    ),
  )
  app.post(
    '/logout-everywhere',
    protect(gate, rules['POST /logout-everywhere'], async (_request, reply, { principal }) =>
      send(reply, await accounts.logOutEverywhere(principal)),
    ),
  )
  app.post(
    '/password',
    protect(gate, rules['POST /password'], async (request, reply, { principal }) =>
      send(reply, await accounts.changePassword(principal, request.body, sourceOf(request))),
    ),
  )
  app.get(
    '/devices',
    protect(gate, rules['GET /devices'], async (_request, reply, { principal }) =>
      send(reply, await accounts.devices(principal)),
    ),
  )
  app.delete(
    '/devices/:id',
    protect(gate, rules['DELETE /devices/:id'], async (request, reply, { principal }) =>
      send(reply, await accounts.endDevice(principal, request.params.id)),
    ),
  )

  app.get(
    '/weather',
    protect(gate, rules['GET /weather'], async (_request, _reply, { principal }) => ({
      forecast: 'sunny',
      application: principal.applicationId,
    })),
  )
  app.get(
    '/account',
    protect(gate, rules['GET /account'], async (_request, _reply, { principal }) => ({
      username: principal.subject,
    })),
  )
  app.get(
    '/profile',
    protect(gate, rules['GET /profile'], async (_request, _reply, { principal }) => ({
      subject: principal.subject,
      scopes: principal.grant.tokens,
    })),
  )

  app.get(
    '/users',
    protect(gate, rules['GET /users'], async () => users.all()),
  )
  app.post(
    '/users',
    protect(gate, rules['POST /users'], async (request, reply) => {
      const user = data.createUser(request.body)
      return user === null ? reply.code(400).send(BAD_BODY) : reply.code(201).send(user)
    }),
  )
  app.get(
    '/users/:id',
    protect(gate, rules['GET /users/:id'], async (_request, _reply, { resource }) => resource),
  )
  app.delete(
    '/users/:id',
    protect(gate, rules['DELETE /users/:id'], async (_request, reply, { resource }) => {
      users.remove(resource.id)
      return reply.code(204).send()
    }),
  )

  app.get(
    '/posts',
    protect(gate, rules['GET /posts'], async (_request, reply, { permissions }) => {
      const question = { action: 'posts:read', type: 'post' } as const
      return send(reply, await listed(permissions, question, posts.all()))
    }),
  )
  app.post(
    '/posts',
    protect(gate, rules['POST /posts'], async (request, reply, { principal }) => {
      const post = data.createPost(request.body, principal)
      return post === null ? reply.code(400).send(BAD_BODY) : reply.code(201).send(post)
    }),
  )
  app.get(
    '/posts/:id',
    protect(gate, rules['GET /posts/:id'], async (_request, _reply, { resource }) => resource),
  )
  app.delete(
    '/posts/:id',
    protect(gate, rules['DELETE /posts/:id'], async (_request, reply, { resource }) => {
      posts.remove(resource.id)
      return reply.code(204).send()
    }),
  )

  app.get(
    '/teams',
    protect(gate, rules['GET /teams'], async (_request, reply, { permissions }) => {
      const question = { action: 'teams:read', type: 'team' } as const
      return send(reply, await listed(permissions, question, teams.all()))
    }),
  )
  app.get(
    '/teams/:id',
    protect(gate, rules['GET /teams/:id'], async (_request, _reply, { resource }) => resource),
  )
  app.delete(
    '/teams/:id',
    protect(gate, rules['DELETE /teams/:id'], async (_request, reply, { resource }) => {
      teams.remove(resource.id)
      return reply.code(204).send()
    }),
  )
  return app
}

function send(reply: FastifyReply, { status, fields, body }: Reply): FastifyReply {
  reply.code(status).headers(fields)
  return body === null ? reply.send() : reply.send(body)
}

export async function serveFastify(api: Api, port = 0): Promise<Served> {
  const app = await createFastifyApp(api)
  const origin = await app.listen({ host: HOSTNAME, port })
  return { origin, close: () => app.close() }
}
