/** The API on Express 5. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import cors from 'cors'
import express, { type Request, type Response } from 'express'
import { viewNodeRequest } from 'sallyport'
import { denyByDefault, protect } from 'sallyport/express'
import type { Reply } from './accounts.js'
import { type Api, BAD_BODY, HOSTNAME, type Served, WEB_APP } from './api.js'
import { listed } from './lists.js'
import { createRules } from './rules.js'

export function createExpressApp({ gate, data, accounts }: Api) {
  const { users, posts, teams } = data
  const rules = createRules(data, (request: Request) => String(request.params['id']))
  const app = express()
  app.disable('x-powered-by')
  app.use(cors({ origin: WEB_APP })) // before the gate: a preflight carries no credential
  app.use(denyByDefault(gate)) // a route that somebody forgot to protect lets nobody in

  app.get(
    '/health',
    protect(gate, rules['GET /health'], (_request, response) => response.json({ status: 'ok' })),
  )
  const sourceOf = (request: Request) => gate.clientNetwork(viewNodeRequest(request))
  app.post(
    '/login',
    protect(gate, rules['POST /login'], async (request, response) =>
      send(response, await accounts.logIn(await readJson(request, response), sourceOf(request))),
    ),
  )
  app.post(
    '/refresh',
    protect(gate, rules['POST /refresh'], async (request, response) =>
      send(response, await accounts.refresh(await readJson(request, response))),
    ),
  )
  app.post(
    '/logout',
    protect(gate, rules['POST /logout'], async (_request, response, { principal }) =>
      send(response, await accounts.logOut(principal)),
    ),
  )
  app.post(
    '/logout-everywhere',
    protect(gate, rules['POST /logout-everywhere'], async (_request, response, { principal }) =>
      send(response, await accounts.logOutEverywhere(principal)),
    ),
  )
  app.post(
    '/password',
    protect(gate, rules['POST /password'], async (request, response, { principal }) => {
      const fields = await readJson(request, response)
      send(response, await accounts.changePassword(principal, fields, sourceOf(request)))
    }),
  )
  app.get(
    '/devices',
    protect(gate, rules['GET /devices'], async (_request, response, { principal }) =>
      send(response, await accounts.devices(principal)),
    ),
  )
  app.delete(
    '/devices/:id',
    protect(gate, rules['DELETE /devices/:id'], async (request, response, { principal }) =>
      send(response, await accounts.endDevice(principal, String(request.params['id']))),
    ),
  )

  app.get(
    '/weather',
    protect(gate, rules['GET /weather'], (_request, response, { principal }) =>
      response.json({ forecast: 'sunny', application: principal.applicationId }),
    ),
  )
  app.get(
    '/account',
    protect(gate, rules['GET /account'], (_request, response, { principal }) =>
      response.json({ username: principal.subject }),
    ),
  )
  app.get(
    '/profile',
    protect(gate, rules['GET /profile'], (_request, response, { principal }) =>
      response.json({ subject: principal.subject, scopes: principal.grant.tokens }),
    ),
  )

  app.get(
    '/users',
    protect(gate, rules['GET /users'], (_request, response) => response.json(users.all())),
  )
  app.post(
    '/users',
    protect(gate, rules['POST /users'], async (request, response) => {
      const user = data.createUser(await readJson(request, response))
      if (user === null) response.status(400).json(BAD_BODY)
      else response.status(201).json(user)
    }),
  )
  app.get(
    '/users/:id',
    protect(gate, rules['GET /users/:id'], (_request, response, { resource }) =>
      response.json(resource),
    ),
  )
  app.delete(
    '/users/:id',
    protect(gate, rules['DELETE /users/:id'], (_request, response, { resource }) => {
      users.remove(resource.id)
      response.status(204).end()
    }),
  )

  app.get(
    '/posts',
    protect(gate, rules['GET /posts'], async (_request, response, { permissions }) => {
      const question = { action: 'posts:read', type: 'post' } as const
      send(response, await listed(permissions, question, posts.all()))
    }),
  )
  app.post(
    '/posts',
    protect(gate, rules['POST /posts'], async (request, response, { principal }) => {
      const post = data.createPost(await readJson(request, response), principal)
      if (post === null) response.status(400).json(BAD_BODY)
      else response.status(201).json(post)
    }),
  )
  app.get(
    '/posts/:id',
    protect(gate, rules['GET /posts/:id'], (_request, response, { resource }) =>
      response.json(resource),
    ),
  )
  app.delete(
    '/posts/:id',
    protect(gate, rules['DELETE /posts/:id'], (_request, response, { resource }) => {
      posts.remove(resource.id)
      response.status(204).end()
    }),
  )

  app.get(
    '/teams',
    protect(gate, rules['GET /teams'], async (_request, response, { permissions }) => {
      const question = { action: 'teams:read', type: 'team' } as const
      send(response, await listed(permissions, question, teams.all()))
    }),
  )
  app.get(
    '/teams/:id',
    protect(gate, rules['GET /teams/:id'], (_request, response, { resource }) =>
      response.json(resource),
    ),
  )
  app.delete(
    '/teams/:id',
    protect(gate, rules['DELETE /teams/:id'], (_request, response, { resource }) => {
      teams.remove(resource.id)
      response.status(204).end()
    }),
  )
  return app
}

function send(response: Response, { status, fields, body }: Reply): void {
  response.status(status).set(fields)
  if (body === null) response.end()
  else response.json(body)
}

/** Reads the body inside the handler, so that only those whom the gate let in can make us parse anything. */
function readJson(request: Request, response: Response): Promise<unknown> {
  return new Promise((resolve) => {
    parseJson(request, response, (error?: unknown) => resolve(error ? null : request.body))
  })
}

const parseJson = express.json({ limit: '10kb' })

export function serveExpress(api: Api, port = 0): Promise<Served> {
  const server = createServer(createExpressApp(api))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOSTNAME, () => {
      const { port: taken } = server.address() as AddressInfo // it listens on a port, not on a pipe
      resolve({
        origin: `http://${HOSTNAME}:${taken}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeAllConnections()
          }),
      })
    })
  })
}
