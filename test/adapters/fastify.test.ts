import cors from '@fastify/cors'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import { describe, expect, test } from 'vitest'
import { denyByDefault, protect } from '../../src/adapters/fastify.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const rule = { scopes: authenticated() }
const alice = { authorization: 'Bearer user~alice', host: 'localhost' }
const preflight = { origin: 'https://a.example', 'access-control-request-method': 'POST' }

describe('protect', () => {
  test('asks the gate before the body is read', async () => {
    const app = Fastify()
    app.post(
      '/',
      protect(gate, rule, async (request) => request.body),
    )
    const malformed = {
      method: 'POST',
      url: '/',
      payload: '{',
      headers: { 'content-type': 'application/json' },
    } as const
    expect((await app.inject(malformed)).statusCode).toBe(401)
    expect(
      (await app.inject({ ...malformed, headers: { ...malformed.headers, ...alice } })).statusCode,
    ).toBe(400)
  })

  test('hands the grant to the handler, and the handler its return value to Fastify', async () => {
    const app = Fastify()
    app.get(
      '/',
      protect(gate, rule, async (_request, _reply, { principal }) => ({
        subject: principal.subject,
      })),
    )
    const answer = await app.inject({ url: '/', headers: alice })
    expect(answer.json()).toEqual({ subject: 'alice' })
  })

  test('stands beside other options of the route', async () => {
    const app = Fastify()
    const schema = { querystring: { type: 'object', required: ['q'] } }
    app.get('/', { schema, ...protect(gate, rule, async () => 'in') })
    expect((await app.inject({ url: '/', headers: alice })).statusCode).toBe(400)
    expect((await app.inject({ url: '/?q=1', headers: alice })).statusCode).toBe(200)
  })

  test('does not run the handler if someone took the hook out of the route', async () => {
    const app = Fastify()
    let ran = false
    const { handler } = protect(gate, rule, async () => {
      ran = true
    })
    app.get('/', { handler })
    expect((await app.inject({ url: '/', headers: alice })).statusCode).toBe(500)
    expect(ran).toBe(false)
  })

  test('sees the query that a rewrite has cut', async () => {
    const app = Fastify({ rewriteUrl: (request) => (request.url ?? '/').split('?')[0] ?? '/' })
    app.get(
      '/',
      protect(gate, rule, async () => 'in'),
    )
    expect((await app.inject({ url: '/?access_token=abc', headers: alice })).statusCode).toBe(400)
  })

  test('keeps a grant out of shared caches', async () => {
    const app = Fastify()
    app.get(
      '/',
      protect(gate, rule, async () => 'in'),
    )
    expect((await app.inject({ url: '/', headers: alice })).headers['cache-control']).toBe(
      'private',
    )
  })

  test('sees a token in the query', async () => {
    const app = Fastify()
    app.get(
      '/',
      protect(gate, rule, async () => 'in'),
    )
    expect((await app.inject({ url: '/?access_token=abc', headers: alice })).statusCode).toBe(400)
  })
})

describe('preflights', () => {
  test('are left to CORS', async () => {
    const app = Fastify()
    await app.register(cors)
    await app.register(denyByDefault, { gate })
    app.post(
      '/',
      protect(gate, rule, async () => 'in'),
    )
    const answer = await app.inject({ method: 'OPTIONS', url: '/', headers: preflight })
    expect(answer.statusCode).toBe(204)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test('never reach the handler of a route that answers OPTIONS', async () => {
    const app = Fastify()
    let ran = false
    const handler = async () => {
      ran = true
      return 'in'
    }
    app.route({ method: ['OPTIONS', 'POST'], url: '/', ...protect(gate, rule, handler) })
    expect((await app.inject({ method: 'OPTIONS', url: '/', headers: preflight })).statusCode).toBe(
      204,
    )
    expect(ran).toBe(false)
  })

  test('a refusal keeps what CORS has exposed and adds the challenge to it', async () => {
    const app = Fastify()
    await app.register(cors, { exposedHeaders: ['X-Request-Id'] })
    app.get(
      '/',
      protect(gate, rule, async () => 'in'),
    )
    const { headers } = await app.inject({ url: '/', headers: { origin: 'https://a.example' } })
    expect(headers['access-control-expose-headers']).toEqual(['X-Request-Id', 'WWW-Authenticate'])
    expect(headers['access-control-allow-origin']).toBe('*')
  })
})

describe('deny by default', () => {
  test('covers bare routes beside it and in plugins below, HEAD included', async () => {
    const app = Fastify()
    await app.register(denyByDefault, { gate })
    let ran = 0
    const bare = async () => {
      ran += 1
      return 'in'
    }
    app.get('/bare', bare)
    const plugin: FastifyPluginAsync = async (inner) => {
      inner.get('/inner', bare)
      inner.get(
        '/good',
        protect(gate, rule, async () => 'in'),
      )
      inner.get('/hooked', { onRequest: async () => {}, handler: bare })
    }
    await app.register(plugin)
    const status = async (url: string, headers = {}, method: 'GET' | 'HEAD' = 'GET') =>
      (await app.inject({ url, headers, method })).statusCode
    for (const url of ['/bare', '/inner', '/hooked']) {
      expect(await status(url)).toBe(401)
      expect(await status(url, alice)).toBe(403)
      expect(await status(url, alice, 'HEAD')).toBe(403)
    }
    expect(await status('/good', alice)).toBe(200)
    expect(await status('/none', alice)).toBe(404)
    expect(ran).toBe(0)
  })

  test('covers the routes that were defined before it, and needs no await', async () => {
    const app = Fastify()
    app.get('/early', async () => 'in')
    app.register(denyByDefault, { gate })
    app.get('/late', async () => 'in')
    app.post('/late', async () => 'in')
    app.get(
      '/good',
      protect(gate, rule, async () => 'in'),
    )
    for (const url of ['/early', '/late']) {
      expect((await app.inject({ url })).statusCode).toBe(401)
      expect((await app.inject({ url, headers: alice })).statusCode).toBe(403)
    }
    const malformed = { method: 'POST', url: '/late', payload: '{' } as const
    const headers = { 'content-type': 'application/json' }
    expect((await app.inject({ ...malformed, headers })).statusCode).toBe(401)
    expect((await app.inject({ url: '/good', headers: alice })).statusCode).toBe(200)
    expect((await app.inject({ url: '/none' })).statusCode).toBe(404)
  })

  test('keeps to the plugin that it is registered in', async () => {
    const app = Fastify()
    const plugin: FastifyPluginAsync = async (inner) => {
      await inner.register(denyByDefault, { gate })
      inner.get('/inside', async () => 'in')
    }
    await app.register(plugin)
    app.get('/outside', async () => 'in')
    expect((await app.inject({ url: '/inside' })).statusCode).toBe(401)
    expect((await app.inject({ url: '/outside' })).statusCode).toBe(200)
  })
})

describe('two rules on one route', () => {
  test.each(['first', 'second'])(
    'each has its own grant: the handler of the %s runs',
    async (which) => {
      const app = Fastify()
      const first = protect(
        gate,
        { ...rule, load: () => 'first' },
        (_request, _reply, granted) => ({
          resource: granted.resource,
        }),
      )
      const second = protect(
        gate,
        { ...rule, load: () => 'second' },
        (_request, _reply, granted) => ({
          resource: granted.resource,
        }),
      )
      const { handler } = which === 'first' ? first : second
      app.get('/', { onRequest: [first.onRequest, second.onRequest] }, handler)
      const answer = await app.inject({ url: '/', headers: alice })
      expect([answer.statusCode, answer.json()]).toEqual([200, { resource: which }])
    },
  )
})
