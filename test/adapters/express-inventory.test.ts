import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { denyByDefault, inventory, protect } from '../../src/adapters/express.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const rule = { scopes: authenticated() }
const guard = () => protect(gate, rule)
const handler = (_request: express.Request, response: express.Response) => void response.end()

const open = (_request: express.Request, response: express.Response) => void response.send('open')

/** What a stranger gets. */
async function statusesOf(app: express.Express, paths: readonly string[]): Promise<number[]> {
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const statuses: number[] = []
  for (const path of paths) statuses.push((await fetch(origin + path)).status)
  server.close()
  return statuses
}

/** Each route with how many rules it has and whether a mount bars it: `GET /x 1`. */
function listed(app: express.Express | express.Router, options = {}): readonly string[] {
  return inventory(app, options).map(
    ({ name, kind, rule, before }) =>
      `${name} ${kind === 'barred' ? kind : before.length + (rule === null ? 0 : 1)}`,
  )
}

describe('a middleware with a rule', () => {
  it('counts for the routes below its path that come after it', () => {
    const app = express()
    app.get('/api/early', handler)
    app.use('/api', guard())
    app.get('/api', handler)
    app.get('/api/:id', protect(gate, rule, handler))
    app.get('/apis', handler)
    app.get('/', handler)
    expect(listed(app)).toEqual([
      'GET /api/early 0',
      'GET /api 1',
      'GET /api/:id 2',
      'GET /apis 0',
      'GET / 0',
    ])
  })

  it('counts inside its router only, and for routers below', () => {
    const app = express()
    const [outer, inner, beside] = [express.Router(), express.Router(), express.Router()]
    outer.use(guard())
    outer.get('/:id', handler)
    inner.get('/deep', handler)
    outer.use('/inner', inner)
    beside.get('/x', handler)
    app.use('/outer', outer)
    app.use('/beside', beside)
    expect(listed(app)).toEqual(['GET /outer/:id 1', 'GET /outer/inner/deep 1', 'GET /beside/x 0'])
    expect(listed(inner)).toEqual(['GET /deep 0'])
  })

  it('counts where its path is longer than that of a router', () => {
    const app = express()
    const router = express.Router()
    router.get('/admin/:id', handler)
    router.get('/open', handler)
    app.use(['/api/admin', '/api/other'], guard())
    app.use('/api', router)
    expect(listed(app)).toEqual(['GET /api/admin/:id 1', 'GET /api/open 0'])
  })

  it('does not count where a parameter, wildcard or optional part of the route leads past it', () => {
    const app = express()
    app.use('/a/:id', guard())
    app.use('/files/:name/meta', guard())
    app.get('/a{/:id}', handler)
    app.get('/:any', handler)
    app.get('/files/*path/meta', handler)
    app.get('/a/b', handler)
    app.get('/a/*rest', handler)
    expect(listed(app)).toEqual([
      'GET /a{/:id} 0',
      'GET /:any 0',
      'GET /files/*path/meta 0',
      'GET /a/b 1',
      'GET /a/*rest 0',
    ])
  })

  it('does not count without a proof: a part of a segment, a regular expression, an array with /', async () => {
    const app = express()
    app.use('/reports/:year-:month', guard())
    app.get('/reports/:id', open)
    app.use('/api/:section', guard())
    app.get('/api/*rest', open)
    app.use(/^\/[a-z-]+$/i, guard())
    app.get('/:id', open)
    const router = express.Router()
    router.use(['/', '/deep'], guard())
    router.get('/:id', open)
    app.use('/:tenant/items', router)
    expect(listed(app)).toEqual([
      'GET /reports/:id 0',
      'GET /api/*rest 0',
      'GET /:id 0',
      'GET /:tenant/items/:id 0',
    ])
    expect(await statusesOf(app, ['/reports/1', '/api//x', '/42', '/t/items/1'])).toEqual([
      200, 200, 200, 200,
    ])
  })

  it('does not count where only one of them looks at case', () => {
    const app = express()
    app.set('case sensitive routing', true)
    const careless = express.Router()
    careless.get('/admin/x', handler)
    const careful = express.Router({ caseSensitive: true })
    careful.get('/admin/y', handler)
    app.use('/admin', guard())
    app.use('/', careless)
    app.use('/', careful)
    expect(listed(app)).toEqual(['GET /admin/x 0', 'GET /admin/y 1'])
  })

  it('counts before a regular expression only if it stands for every path', () => {
    const app = express()
    app.use('/a', guard())
    app.get(/^\/a\/b/, handler)
    app.use(guard())
    app.get(/^\/c/, handler)
    const router = express.Router()
    router.use(guard())
    router.get('/d', handler)
    app.use(/\/r/, router)
    expect(listed(app)).toEqual(['GET /^\\/a\\/b/ 0', 'GET /^\\/c/ 1', 'GET /\\/r/d 2'])
  })

  it('speaks for nothing behind it if it lets strangers in, as at the mount', () => {
    const app = express()
    app.use(denyByDefault(gate))
    app.use(protect(gate, { accept: ['anyone', 'user'] }))
    app.get('/x', handler)
    expect(listed(app)).toEqual(['GET /x barred'])
  })
})

describe('a route', () => {
  it('is listed once for each of its paths and methods', () => {
    const app = express()
    app.get(['/a', '/b'], handler)
    app.route('/c').post(guard(), handler).put(handler).all(handler)
    expect(listed(app)).toEqual(['GET /a 0', 'GET /b 0', 'POST /c 1', 'PUT /c 0', 'ALL /c 0'])
  })

  it('has every rule among its handlers, those for all methods included', () => {
    const app = express()
    app.route('/x').all(guard()).get(guard(), handler)
    expect(listed(app)).toEqual(['ALL /x 1', 'GET /x 2'])
  })

  it('is as bare after the mount has barred it as before', async () => {
    const app = express()
    app.use(denyByDefault(gate))
    app.get('/x', handler)
    app.all('/y', handler)
    const before = inventory(app)
    expect(await statusesOf(app, ['/x', '/y'])).toEqual([401, 401])
    expect(inventory(app)).toEqual(before)
    expect(listed(app)).toEqual(['GET /x barred', 'ALL /y barred'])
  })

  it('has no rule that stands behind a handler that answers, as at the mount', async () => {
    const app = express()
    const middleware: express.RequestHandler = (_request, _response, next) => next()
    app.get('/before', open, guard())
    app.use(denyByDefault(gate))
    app.route('/all').get(open).all(guard())
    app.get('/after', open, guard())
    app.get('/fine', middleware, guard(), open)
    const expected = ['GET /before 0', 'GET /all barred', 'ALL /all 1']
    expect(listed(app)).toEqual([...expected, 'GET /after barred', 'GET /fine 1'])
    const paths = ['/before', '/all', '/after', '/after', '/fine']
    expect(await statusesOf(app, paths)).toEqual([200, 401, 401, 401, 401])
    expect(listed(app)).toEqual([...expected, 'GET /after barred', 'GET /fine 1'])
  })

  it('of a strict router has its slash in its name', () => {
    const router = express.Router({ strict: true })
    router.get('/adm', handler)
    router.get('/adm/', handler)
    router.get('/', handler)
    const app = express()
    app.get('/easy/', handler)
    app.use('/in', router)
    expect(listed(app)).toEqual(['GET /easy 0', 'GET /in/adm 0', 'GET /in/adm/ 0', 'GET /in 0'])
  })

  it('is barred by a mount below whose path it stands, and by no other', () => {
    const app = express()
    app.use('/api', denyByDefault(gate))
    app.get('/api/x', handler)
    app.get('/x', handler)
    expect(listed(app)).toEqual(['GET /api/x barred', 'GET /x 0'])
  })

  it('may have a name in quotes, and escaped characters', () => {
    const app = express()
    app.use('/a\\:b', guard())
    app.use('/v/:"the id"', guard())
    app.get('/a\\:b/c', handler)
    app.get('/v/:"other id"/d', handler)
    expect(listed(app)).toEqual(['GET /a\\:b/c 1', 'GET /v/:"other id"/d 1'])
  })
})

describe('an application that is mounted', () => {
  it('is not left out in silence', () => {
    const app = express()
    app.use('/admin', express())
    expect(() => inventory(app)).toThrow(
      expect.objectContaining({
        code: 'inventory_incomplete',
        message: expect.stringContaining('mounted at /admin'),
      }),
    )
  })

  it('is listed where it is named, below what stands before it', () => {
    const [app, admin, deep, other] = [express(), express(), express(), express()]
    deep.get('/y', handler)
    admin.get('/x', handler)
    admin.use('/deep', deep)
    other.get('/z', handler)
    app.use('/admin', guard(), admin)
    app.use(other)
    expect(listed(app, { mounted: [other, deep, admin] })).toEqual([
      'GET /admin/x 1',
      'GET /admin/deep/y 1',
      'GET /z 0',
    ])
    expect(() => inventory(app, { mounted: [admin, other] })).toThrow('/deep')
  })
})

describe('what Express does not tell', () => {
  it('is said: the path of a router, in versions of it that forget it', () => {
    const app = express()
    const router = express.Router()
    router.get('/x', handler)
    app.use('/api', router)
    for (const layer of app.router.stack) delete (layer as { rawPath?: unknown }).rawPath
    expect(() => inventory(app)).toThrow('update the package "router"')
  })

  it('is said of an object that is no application', () => {
    expect(() => inventory((() => {}) as unknown as express.Express)).toThrow(
      expect.objectContaining({ code: 'inventory_incomplete' }),
    )
  })
})
