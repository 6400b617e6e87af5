import { createServer, IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import cors from 'cors'
import express from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { denyByDefault, grantOf, protect } from '../../src/adapters/express.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const rule = { scopes: authenticated() }
const alice = { headers: { authorization: 'Bearer user~alice' } }
const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://a.example', 'access-control-request-method': 'POST' },
}

let server: Server | undefined
afterEach(() => server?.close())

async function serving(app: express.Express): Promise<string> {
  server = createServer(app)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('protect as a middleware', () => {
  test('hands on to what follows, which reads the grant from the request', async () => {
    const app = express()
    app.use('/api', protect(gate, rule))
    app.get('/api/me', (request, response) => {
      const { principal } = grantOf(request)
      response.json(principal.kind === 'user' ? principal.subject : null)
    })
    const origin = await serving(app)
    expect(await (await fetch(`${origin}/api/me`, alice)).json()).toBe('alice')
    expect((await fetch(`${origin}/api/me`)).status).toBe(401)
  })

  test('is missed loudly: a grant that nobody gave is a configuration error', async () => {
    const app = express()
    let caught: unknown
    app.get('/', (request, response) => {
      try {
        grantOf(request)
      } catch (error) {
        caught = error
      }
      response.end()
    })
    await fetch(await serving(app))
    expect(caught).toMatchObject({ code: 'not_granted' })
  })
})

describe('the handler', () => {
  test.each(['sync', 'async'])('that fails (%s) is Express business', async (how) => {
    const app = express()
    app.get(
      '/',
      protect(gate, rule, () => {
        if (how === 'async') return Promise.reject(new Error('broken'))
        throw new Error('broken')
      }),
    )
    app.use(((_error, _request, response, _next) => {
      response.status(418).end()
    }) satisfies express.ErrorRequestHandler)
    expect((await fetch(await serving(app), alice)).status).toBe(418)
  })
})

describe('an answer', () => {
  test('to someone in particular is kept out of shared caches', async () => {
    const app = express()
    app.get(
      '/',
      protect(gate, rule, (_request, response) => response.json('in')),
    )
    const { headers } = await fetch(await serving(app), alice)
    expect(headers.get('cache-control')).toBe('private')
  })

  test.each([null, 'found'])(
    'that someone else has given meanwhile stands, and the handler does not run (%s)',
    async (resource) => {
      const app = express()
      let ran = false
      const slow = {
        ...rule,
        load: () => new Promise<string | null>((resolve) => setTimeout(resolve, 50, resource)),
      }
      app.use((_request, response, next) => {
        setTimeout(() => response.status(408).end(), 5)
        next()
      })
      app.get(
        '/',
        protect(gate, slow, () => {
          ran = true
        }),
      )
      // Express would cut the connection off, and with it whatever is asked over it next.
      const failed: express.ErrorRequestHandler = (_error, _request, _response, _next) => {
        ran = true
      }
      app.use(failed)
      expect((await fetch(await serving(app), alice)).status).toBe(408)
      await new Promise((resolve) => setTimeout(resolve, 80))
      expect(ran).toBe(false)
    },
  )
})

describe('a token in a form body', () => {
  test('is refused, also beside a good one in the field', async () => {
    const app = express()
    app.use(express.urlencoded())
    app.post(
      '/',
      protect(gate, rule, (_request, response) => response.json('in')),
    )
    const origin = await serving(app)
    const post = (body: string, headers: Record<string, string> = {}) =>
      fetch(origin, { method: 'POST', body: new URLSearchParams(body), headers })
    expect((await post('access_token=user~alice')).status).toBe(400)
    expect((await post('access_token=x', alice.headers)).status).toBe(400)
    expect((await post('a=b', alice.headers)).status).toBe(200)
  })
})

describe('below a mount path', () => {
  test('a token in the query is still seen', async () => {
    const app = express()
    const router = express.Router()
    router.get(
      '/x',
      protect(gate, rule, (_request, response) => response.json('in')),
    )
    app.use('/api', router)
    const origin = await serving(app)
    expect((await fetch(`${origin}/api/x?access_token=abc`, alice)).status).toBe(400)
    expect((await fetch(`${origin}/api/x`, alice)).status).toBe(200)
  })
})

describe('preflights', () => {
  test('are left to CORS that is mounted before', async () => {
    const app = express()
    app.use(cors())
    app.all('/x', protect(gate, rule))
    const answer = await fetch(`${await serving(app)}/x`, preflight)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('never reach what stands behind the rule, however it is mounted', async () => {
    const app = express()
    const ran: string[] = []
    const handler: express.RequestHandler = (request, response) => {
      ran.push(request.path)
      response.json('in')
    }
    app.use(denyByDefault(gate))
    app.all(
      '/route',
      protect(gate, rule, (request, response) => handler(request, response, () => {})),
    )
    app.all('/chain', protect(gate, rule), handler)
    app.use('/mounted', protect(gate, rule), handler)
    app.all('/twice/*splat', protect(gate, rule))
    app.all('/twice/route', handler)
    const origin = await serving(app)
    for (const path of ['/route', '/chain', '/mounted', '/mounted/x', '/twice/route']) {
      expect((await fetch(origin + path, preflight)).status, path).toBe(204)
    }
    expect(ran).toEqual([])
  })

  test('a refusal keeps the fields that CORS has set, and adds to what is exposed', async () => {
    const app = express()
    app.use(cors({ exposedHeaders: ['X-Request-Id'] }))
    app.get('/x', protect(gate, rule))
    const { headers } = await fetch(`${await serving(app)}/x`, {
      headers: { origin: 'https://a.example' },
    })
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-expose-headers')).toBe('X-Request-Id, WWW-Authenticate')
  })
})

describe('deny by default', () => {
  test('finds bare routes in routers, behind parameters, for every method, and lets no handler run', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    const router = express.Router()
    const ran: string[] = []
    const bare: express.RequestHandler = (request, response) => {
      ran.push(request.path)
      response.end()
    }
    router.get('/:id', bare)
    router
      .route('/both')
      .post(protect(gate, rule, (_request, response) => response.json('in')))
      .put(bare)
    app.use('/api', router)
    app.all('/all', bare)
    app.get(
      '/good',
      protect(gate, rule, (_request, response) => response.json('in')),
    )
    app.get(
      '/open',
      protect(gate, { accept: 'anyone' }, (_request, response) => response.json('in')),
    )
    const origin = await serving(app)
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${origin}${path}`, init)).status
    for (let round = 0; round < 2; round++) {
      expect(await status('/api/1')).toBe(401)
      expect(await status('/api/1', alice)).toBe(403)
      expect(await status('/all', { ...alice, method: 'PATCH' })).toBe(403)
      expect(await status('/all', preflight)).not.toBe(200)
      expect(await status('/good', alice)).toBe(200)
      expect(await status('/good')).toBe(401)
      expect(await status('/open')).toBe(200)
      expect(await status('/api/both', { ...alice, method: 'POST' })).toBe(200)
      expect(await status('/api/both', { ...alice, method: 'PUT' })).toBe(403)
      expect(await status('/api/1', { ...alice, method: 'HEAD' })).toBe(403)
    }
    expect(ran).toEqual([])
  })

  test('knows a route that a middleware before it protects', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    app.use('/api', protect(gate, rule))
    app.get('/api/x', (_request, response) => void response.end())
    const origin = await serving(app)
    expect((await fetch(`${origin}/api/x`)).status).toBe(401)
    expect((await fetch(`${origin}/api/x`, alice)).status).toBe(200)
  })

  test('judges each request of a router that is mounted twice, whoever came first', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    const router = express.Router()
    router.get('/x', (_request, response) => void response.json('in'))
    app.use('/guarded', protect(gate, rule), router)
    app.use('/bare', router)
    const origin = await serving(app)
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(origin + path, init)).status
    for (let round = 0; round < 2; round++) {
      expect(await status('/guarded/x', alice)).toBe(200)
      expect(await status('/bare/x')).toBe(401)
      expect(await status('/bare/x', alice)).toBe(403)
    }
  })

  test('is not opened for a bare route by a rule for anyone before it', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    app.use(protect(gate, { accept: ['anyone', 'user'] }))
    app.get('/bare', (_request, response) => void response.json('in'))
    const origin = await serving(app)
    expect((await fetch(`${origin}/bare`)).status).toBe(401)
    expect((await fetch(`${origin}/bare`, alice)).status).toBe(403)
  })

  test('does not make a route answer methods that it did not answer', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    app.get('/x', (_request, response) => void response.end())
    const origin = await serving(app)
    expect((await fetch(`${origin}/x`, alice)).status).toBe(403)
    expect((await fetch(`${origin}/x`, { ...alice, method: 'POST' })).status).toBe(404)
    expect((await fetch(`${origin}/none`, alice)).status).toBe(404)
  })
})

describe('what listens for the routes of a request', () => {
  const bare: express.RequestHandler = (_request, response) => void response.send('bare')

  test('hears each request, one whose route was named before the mount included', async () => {
    const app = express()
    const names: unknown[] = []
    app.all('/*path', (_request, _response, next) => next())
    app.use(denyByDefault(gate))
    app.use((request, _response, next) => {
      names.push((request.route as { path: string }).path)
      next()
    })
    app.get('/bare', bare)
    app.get('/guarded', protect(gate, rule), (request, response) => {
      response.json((request.route as { path: string }).path)
    })
    const origin = await serving(app)
    for (let time = 0; time < 3; time++) {
      expect((await fetch(`${origin}/bare`, alice)).status).toBe(403)
      expect(await (await fetch(`${origin}/guarded`, alice)).json()).toBe('/guarded')
    }
    expect(new Set(names)).toEqual(new Set(['/*path']))
  })

  test('hears applications and routers below, and those beside it not', async () => {
    const app = express()
    const beside = express()
    beside.get('/bare', bare)
    const below = express()
    below.get('/bare', bare)
    const guarded = express()
    guarded.use(denyByDefault(gate))
    guarded.use('/below', below)
    guarded.use('/router', express.Router().get('/bare', bare))
    app.use('/beside', beside)
    app.use('/guarded', guarded)
    const origin = await serving(app)
    for (let time = 0; time < 2; time++) {
      expect((await fetch(`${origin}/beside/bare`)).status).toBe(200)
      expect((await fetch(`${origin}/guarded/below/bare`, alice)).status).toBe(403)
      expect((await fetch(`${origin}/guarded/router/bare`)).status).toBe(401)
    }
  })

  test('goes on hearing a request that leaves the application with the mount, whatever it was mounted in', async () => {
    const app = express()
    const names: unknown[] = []
    app.all('/*path', (_request, _response, next) => next())
    const inner = express()
    inner.use(denyByDefault(gate))
    const middle = express()
    middle.use(inner)
    app.use(middle)
    app.use((request, _response, next) => {
      names.push((request.route as { path: string } | undefined)?.path)
      next()
    })
    app.get('/bare', bare)
    const origin = await serving(app)
    for (let time = 0; time < 2; time++) {
      expect((await fetch(`${origin}/bare`, alice)).status).toBe(403)
    }
    expect(new Set(names)).toEqual(new Set(['/*path']))
  })

  test('goes on hearing it in an application that a router has taken in, which knows nothing of the one around it', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    const taken = express()
    taken.get('/bare', bare)
    app.use('/taken', express.Router().use(taken))
    app.use('/called', (request, response, next) => void taken(request, response, next))
    const origin = await serving(app)
    for (let time = 0; time < 2; time++) {
      expect((await fetch(`${origin}/taken/bare`, alice)).status).toBe(403)
      expect((await fetch(`${origin}/called/bare`, alice)).status).toBe(403)
    }
  })

  test('needs no application: a router by itself is judged as well, and Node is left as it was', async () => {
    const router = express.Router()
    router.use(denyByDefault(gate))
    router.get('/bare', bare)
    server = createServer((request, response) => {
      // What an application would see to, and no more.
      Object.setPrototypeOf(response, express.response)
      router(request as never, response as never, () => response.end())
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    for (let time = 0; time < 2; time++) {
      expect((await fetch(`http://127.0.0.1:${port}/bare`)).status).toBe(401)
    }
    expect('route' in IncomingMessage.prototype).toBe(false)
  })
})
