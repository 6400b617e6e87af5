/** The API on Hono 4, served by Node. */
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { connectionOf, viewFetchRequest } from 'sallyport'
import { denyByDefault, protect } from 'sallyport/hono'
import type { Reply } from './accounts.js'
import { type Api, BAD_BODY, HOSTNAME, type Served, WEB_APP } from './api.js'
import { listed } from './lists.js'
import { createRules } from './rules.js'

export function createHonoApp({ gate, data, accounts }: Api) {
  const { users, posts, teams } = data
  const rules = createRules(data, (c: Context) => c.req.param('id') ?? '')
  const app = new Hono()
  app.use(cors({ origin: WEB_APP })) // before the gate: a preflight carries no credential
  app.use(bodyLimit({ maxSize: 10_240 })) // as the other frameworks have one: anybody may send a login
  app.use(denyByDefault(gate)) // a route that somebody forgot to protect lets nobody in

  app.get('/health', protect(gate, rules['GET /health']), (c) => c.json({ status: 'ok' }))
  const sourceOf = (c: Context) =>
    gate.clientNetwork(viewFetchRequest(c.req.raw, connectionOf(c.env, c.req.raw)))
  app.post('/login', protect(gate, rules['POST /login']), async (c) =>
    send(c, await accounts.logIn(await readJson(c), sourceOf(c))),
  )
  app.post('/refresh', protect(gate, rules['POST /refresh']), async (c) =>
    send(c, await accounts.refresh(await readJson(c))),
  )
  app.post('/logout', protect(gate, rules['POST /logout']), async (c) =>
    send(c, await accounts.logOut(c.var.principal)),
  )
  app.post('/logout-everywhere', protect(gate, rules['POST /logout-everywhere']), async (c) =>
    send(c, await accounts.logOutEverywhere(c.var.principal)),
  )
  app.post('/password', protect(gate, rules['POST /password']), async (c) =>
    send(c, await accounts.changePassword(c.var.principal, await readJson(c), sourceOf(c))),
  )
  app.get('/devices', protect(gate, rules['GET /devices']), async (c) =>
    send(c, await accounts.devices(c.var.principal)),
  )
  app.delete('/devices/:id', protect(gate, rules['DELETE /devices/:id']), async (c) =>
    send(c, await accounts.endDevice(c.var.principal, c.req.param('id'))),
  )

  app.get('/weather', protect(gate, rules['GET /weather']), (c) =>
    c.json({ forecast: 'sunny', application: c.var.principal.applicationId }),
  )
  app.get('/account', protect(gate, rules['GET /account']), (c) =>
    c.json({ username: c.var.principal.subject }),
  )
  app.get('/profile', protect(gate, rules['GET /profile']), (c) =>
    c.json({ subject: c.var.principal.subject, scopes: c.var.principal.grant.tokens }),
  )

  app.get('/users', protect(gate, rules['GET /users']), (c) => c.json(users.all()))
  app.post('/users', protect(gate, rules['POST /users']), async (c) => {
    const user = data.createUser(await readJson(c))
    return user === null ? c.json(BAD_BODY, 400) : c.json(user, 201)
  })
  app.get('/users/:id', protect(gate, rules['GET /users/:id']), (c) => c.json(c.var.resource))
  app.delete('/users/:id', protect(gate, rules['DELETE /users/:id']), (c) => {
    users.remove(c.var.resource.id)
    return c.body(null, 204)
  })

  app.get('/posts', protect(gate, rules['GET /posts']), async (c) =>
    send(c, await listed(c.var.permissions, { action: 'posts:read', type: 'post' }, posts.all())),
  )
  app.post('/posts', protect(gate, rules['POST /posts']), async (c) => {
    const post = data.createPost(await readJson(c), c.var.principal)
    return post === null ? c.json(BAD_BODY, 400) : c.json(post, 201)
  })
  app.get('/posts/:id', protect(gate, rules['GET /posts/:id']), (c) => c.json(c.var.resource))
  app.delete('/posts/:id', protect(gate, rules['DELETE /posts/:id']), (c) => {
    posts.remove(c.var.resource.id)
    return c.body(null, 204)
  })

  app.get('/teams', protect(gate, rules['GET /teams']), async (c) =>
    send(c, await listed(c.var.permissions, { action: 'teams:read', type: 'team' }, teams.all())),
  )
  app.get('/teams/:id', protect(gate, rules['GET /teams/:id']), (c) => c.json(c.var.resource))
  app.delete('/teams/:id', protect(gate, rules['DELETE /teams/:id']), (c) => {
    teams.remove(c.var.resource.id)
    return c.body(null, 204)
  })
  return app
}

function send(c: Context, { status, fields, body }: Reply): Response {
  if (body === null) return new Response(null, { status, headers: fields })
  return c.body(JSON.stringify(body), {
    status: status as 200, // of a reply with a body
    headers: { 'content-type': 'application/json', ...fields },
  })
}

/** Text that is not JSON is no user and no post. */
function readJson(c: Context): Promise<unknown> {
  return c.req.json().catch(() => null)
}

export function serveHono(api: Api, port = 0): Promise<Served> {
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: createHonoApp(api).fetch, hostname: HOSTNAME, port },
      ({ port: taken }) =>
        resolve({
          origin: `http://${HOSTNAME}:${taken}`,
          close: () =>
            new Promise((done) => {
              server.close(() => done())
              if ('closeAllConnections' in server) server.closeAllConnections()
            }),
        }),
    )
    server.once('error', reject)
  })
}
