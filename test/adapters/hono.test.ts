import { Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, test } from 'vitest'
import { denyByDefault, protect } from '../../src/adapters/hono.js'
import { createGate } from '../../src/gate.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const rule = { scopes: authenticated() }
const alice = { headers: { authorization: 'Bearer user~alice' } }
const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
}

describe('protect', () => {
  test('gives the handler the principal and the resource', async () => {
    const app = new Hono()
    app.get(
      '/things/:id',
      protect(gate, {
        ...rule,
        load: (c) => ({ id: c.req.param('id') }),
        allow: (who) => who.subject === 'alice',
      }),
      (c) => c.json({ subject: c.var.principal.subject, id: c.var.resource.id }),
    )
    expect(await (await app.request('https://x/things/7', alice)).json()).toEqual({
      subject: 'alice',
      id: '7',
    })
  })

  test('keeps a grant out of shared caches, unless the handler says otherwise', async () => {
    const app = new Hono()
    app.get('/', protect(gate, rule), (c) => c.text('in'))
    app.get('/raw', protect(gate, rule), () => new Response('in'))
    app.get('/sealed', protect(gate, rule), () => Response.redirect('https://x/raw'))
    app.get('/own', protect(gate, rule), (c) =>
      c.text('in', 200, { 'cache-control': 'max-age=60' }),
    )
    app.get('/open', protect(gate, { accept: 'anyone' }), (c) => c.text('in'))
    const cacheControl = async (path: string) =>
      (await app.request(`https://x${path}`, alice)).headers.get('cache-control')
    expect(await cacheControl('/')).toBe('private')
    expect(await cacheControl('/raw')).toBe('private')
    expect(await cacheControl('/sealed')).toBe('private')
    expect(await cacheControl('/own')).toBe('max-age=60')
    expect(await cacheControl('/open')).toBeNull()
    expect((await app.request('https://x/', alice)).headers.has('www-authenticate')).toBe(false)
  })

  test('leaves no permissions of an outer rule to the handler of an inner one without an action', async () => {
    const scopes = defineScopes({ resources: { notes: ['read'] } })
    const policy = definePolicy(scopes, {
      types: { note: { attributes: {} } },
      rules: ({ on }) => [on('note').allow('all', 'notes:read')],
    })
    const asking = createGate({
      resource: 'https://api.example.com',
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy, principal: () => ({}) },
    })
    const app = new Hono()
    app.use('*', protect(asking, { action: 'notes:read', type: 'note', list: true }))
    app.get('/outer', (c) => c.json(typeof c.get('permissions' as never)))
    app.get('/inner', protect(asking, { scopes: authenticated() }), (c) =>
      c.json(typeof c.var.permissions),
    )
    const reader = { headers: { authorization: 'Bearer user~alice~notes.read' } }
    expect(await (await app.request('https://x/outer', reader)).json()).toBe('object')
    expect(await (await app.request('https://x/inner', reader)).json()).toBe('undefined')
  })

  test('hands a network error on as it is', async () => {
    const app = new Hono()
    app.get('/', protect(gate, rule), () => Response.error())
    expect((await app.request('https://x/', alice)).type).toBe('error')
  })

  test('an error of the handler is not swallowed', async () => {
    const app = new Hono()
    app.get('/', protect(gate, rule), () => {
      throw new Error('broken')
    })
    app.onError((_error, c) => c.text('caught', 418))
    expect((await app.request('https://x/', alice)).status).toBe(418)
  })
})

describe('preflights', () => {
  test('are left to CORS that is mounted before', async () => {
    const app = new Hono()
    app.use(cors())
    app.use(denyByDefault(gate))
    app.post('/', protect(gate, rule), (c) => c.text('in'))
    const answer = await app.request('https://x/', preflight)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('never reach a handler', async () => {
    const app = new Hono()
    let ran = false
    app.all('/', protect(gate, rule), (c) => {
      ran = true
      return c.text('in')
    })
    const answer = await app.request('https://x/', preflight)
    expect([answer.status, answer.headers.get('access-control-allow-origin'), ran]).toEqual([
      204,
      null,
      false,
    ])
  })

  test('a refusal keeps what CORS has set and adds the challenge to what is exposed', async () => {
    const app = new Hono()
    app.use(cors({ origin: '*', exposeHeaders: ['X-Request-Id'] }))
    app.get('/', protect(gate, rule), (c) => c.text('in'))
    const { headers } = await app.request('https://x/', {
      headers: { origin: 'https://a.example' },
    })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe('X-Request-Id, WWW-Authenticate')
    expect(headers.get('cache-control')).toBe('no-store')
  })
})

describe('deny by default', () => {
  test('refuses bare routes, also in sub-applications with error handlers of their own', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    let ran = 0
    const sub = new Hono()
    sub.onError((_error, c) => c.text('caught', 418))
    sub.get('/bare', (c) => {
      ran += 1
      return c.text('in')
    })
    sub.get('/good', protect(gate, rule), (c) => c.text('in'))
    app.route('/sub', sub)
    app.get('/open', protect(gate, { accept: 'anyone' }), (c) => c.text('in'))
    const status = async (path: string, init = {}) =>
      (await app.request(`https://x${path}`, init)).status
    expect(await status('/sub/bare')).toBe(401)
    expect(await status('/sub/bare', alice)).toBe(403)
    expect(await status('/sub/good', alice)).toBe(200)
    expect(await status('/open')).toBe(200)
    expect(await status('/none')).toBe(401)
    expect(ran).toBe(0)
  })

  test('is not opened by a rule that stands behind a bare route', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.use(async (_c, next) => next())
    app.get('/users/export', (c) => c.text('in'))
    app.get('/users/:id', protect(gate, rule), (c) => c.text('in'))
    app.all('/bare', (c) => c.text('in'))
    app.all('*', protect(gate, rule))
    const status = async (path: string, init = {}) =>
      (await app.request(`https://x${path}`, init)).status
    for (const path of ['/users/export', '/bare']) {
      expect(await status(path)).toBe(401)
      expect(await status(path, alice)).toBe(403)
    }
    expect(await status('/users/7', alice)).toBe(200)
  })

  test('takes back what answers without a rule, though it could have been a middleware', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.mount('/legacy', () => new Response('in', { headers: { 'set-cookie': 'a=b' } }))
    app.all('/proxy/*', async (c, next) => (c.req.path === '/x' ? next() : c.text('in')))
    app.get('*', protect(gate, { accept: 'anyone' }), (c) => c.text('page'))
    for (const path of ['/legacy/x', '/proxy/x']) {
      const answer = await app.request(`https://x${path}`)
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null])
      expect((await app.request(`https://x${path}`, alice)).status).toBe(403)
    }
    expect(await (await app.request('https://x/page')).text()).toBe('page')
  })

  test('closes what stands behind an answer that it takes back', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    let isClosed = false
    const file = () =>
      new ReadableStream({
        cancel() {
          isClosed = true
        },
      })
    app.use('/files/*', async (c, next) => (c.req.path === '/x' ? next() : c.body(file())))
    app.get('/files/*', protect(gate, rule), (c) => c.text('in'))
    expect((await app.request('https://x/files/a')).status).toBe(401)
    expect(isClosed).toBe(true)
  })

  test('is not opened for a bare route by a rule for anyone before it', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.use('*', protect(gate, { accept: ['anyone', 'user'] }))
    let ran = false
    app.get('/bare', (c) => {
      ran = true
      return c.text('in')
    })
    app.get('/good', protect(gate, rule), (c) => c.text('in'))
    expect((await app.request('https://x/bare')).status).toBe(401)
    expect((await app.request('https://x/bare', alice)).status).toBe(403)
    expect(ran).toBe(false)
    expect((await app.request('https://x/good', alice)).status).toBe(200)
  })

  test('lets a middleware pass that was wrapped', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    const traced =
      (middleware: MiddlewareHandler): MiddlewareHandler =>
      (...given) =>
        middleware(...given)
    app.use(
      '/x',
      traced(async (_c, next) => next()),
    )
    app.get('/x', protect(gate, rule), (c) => c.text('in'))
    expect((await app.request('https://x/x', alice)).status).toBe(200)
  })

  test('lets handlers of the same route stand before the rule', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.get(
      '/x',
      async (_c, next) => next(),
      protect(gate, rule),
      (c) => c.text('in'),
    )
    expect((await app.request('https://x/x')).status).toBe(401)
    expect((await app.request('https://x/x', alice)).status).toBe(200)
  })

  test('knows a route that a middleware before it protects', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.use('/api/*', protect(gate, rule))
    app.get('/api/x', (c) => c.text('in'))
    expect((await app.request('https://x/api/x')).status).toBe(401)
    expect((await app.request('https://x/api/x', alice)).status).toBe(200)
  })
})
