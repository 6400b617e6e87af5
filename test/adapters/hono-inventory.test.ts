import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, it } from 'vitest'
import { denyByDefault, inventory, protect } from '../../src/adapters/hono.js'
import { coversPath } from '../../src/adapters/hono-paths.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const guard = () => protect(gate, { scopes: authenticated() })
const handler = (c: Context) => c.body(null)

/** Each route with how many rules it has, or that a mount bars it: `GET /x 1`. */
function listed(app: Hono): readonly string[] {
  return inventory(app).map(
    ({ name, kind, rule, before }) =>
      `${name} ${kind === 'barred' ? kind : before.length + (rule === null ? 0 : 1)}`,
  )
}

describe('a middleware with a rule', () => {
  it('counts for the routes that its path covers and that come after it', () => {
    const app = new Hono()
    app.get('/api/early', handler)
    app.use('/api/*', guard())
    app.get('/api', handler)
    app.get('/api/:id', guard(), handler)
    app.get('/apis', handler)
    expect(listed(app)).toEqual(['GET /api/early 0', 'GET /api 1', 'GET /api/:id 2', 'GET /apis 0'])
  })

  it('counts in its sub-application, also where that has an error handler of its own', () => {
    const app = new Hono().basePath('/v1')
    const sub = new Hono()
    sub.onError((_error, c) => c.body(null))
    sub.use(guard())
    sub.get('/:id', handler)
    app.route('/users', sub)
    app.get('/posts', handler)
    expect(listed(app)).toEqual(['GET /v1/users/:id 1', 'GET /v1/posts 0'])
  })

  it('counts for its own method only, if it has one', () => {
    const app = new Hono()
    app.get('/x', guard())
    app.on(['GET', 'POST'], '/x', handler)
    app.all('/y', handler)
    expect(listed(app)).toEqual(['GET /x 1', 'POST /x 0', 'ALL /y 0'])
  })

  it('speaks for nothing below a wide path if it lets strangers in, as at the mount', () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.use('/a/*', protect(gate, { accept: 'anyone' }))
    app.get('/a/x', handler)
    app.use('/b', protect(gate, { accept: 'anyone' }))
    app.get('/b', handler)
    expect(listed(app)).toEqual(['GET /a/x barred', 'GET /b 1'])
  })

  it('speaks for no route but its own if it lets strangers in, as at the mount', async () => {
    const app = new Hono()
    app.use(denyByDefault(gate))
    app.use('/:page', protect(gate, { accept: 'anyone' }))
    app.get('/secret', handler)
    app.all('/x/:page', protect(gate, { accept: 'anyone' }), handler)
    expect(listed(app)).toEqual(['GET /secret barred', 'ALL /x/:page 1'])
    expect((await app.request('/secret')).status).toBe(401)
    expect((await app.request('/x/1')).status).toBe(200)
  })

  it('does not count, nor does a mount, where an optional or empty segment leads past it', async () => {
    const app = new Hono()
    app.use('/archive/:year/*', guard())
    app.get('/archive/:year?/:month?', handler)
    app.use('/t/:tenant/items', denyByDefault(gate))
    app.get('/t/*/items', handler)
    const sub = new Hono()
    sub.use('*', guard())
    sub.get('/:id?', handler)
    app.route('/:lang?/docs', sub)
    expect(inventory(app).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'GET /archive/:year?/:month? bare',
      'GET /t/*/items bare',
      'GET /:lang?/docs/:id? bare',
    ])
    for (const path of ['/archive', '/t//items', '/docs']) {
      expect((await app.request(path)).status).toBe(200)
    }
  })
})

describe('a route', () => {
  it('is what answers, and no middleware', () => {
    const app = new Hono()
    app.use(cors())
    app.get('/x', cors(), guard(), handler)
    app.all('/y', (c) => c.body(null))
    app.get('/next', async (c, _next) => c.body(null))
    app.get('/nothing', () => new Response())
    app.get('/no-handler', guard())
    expect(listed(app)).toEqual(['GET /x 1', 'ALL /y 0', 'GET /next 0', 'GET /nothing 0'])
  })

  it('is the first of several handlers, whatever stands before the others', () => {
    const app = new Hono()
    app.get('/x', handler)
    app.get('/x', guard(), handler)
    expect(listed(app)).toEqual(['GET /x 0'])
  })

  it('is barred by a mount whose path covers it, and by no other', () => {
    const app = new Hono()
    app.use('/api/*', denyByDefault(gate))
    app.get('/api/x', handler)
    app.get('/x', handler)
    expect(listed(app)).toEqual(['GET /api/x barred', 'GET /x 0'])
  })
})

describe('a path covers another', () => {
  it.each([
    ['*', '/'],
    ['/*', '/a/b'],
    ['/a/*', '/a'],
    ['/a/*', '/a/*'],
    ['/a/:x', '/a/b'],
    ['/a/:x', '/a/:y'],
    ['/a/:x?', '/a/:x?'],
    ['/a/:x/*', '/a/:y/b/:z?'],
    ['/:x/v1.0/*', '/a/v1.0'],
    ['/a/:x{[0-9/]+}', '/a/:x{[0-9/]+}'],
    ['/a/*', '/a/:x{.+}/b'],
  ])('%s: %s', (wide, narrow) => {
    expect(coversPath(wide, narrow)).toBe(true)
  })

  it.each([
    ['/a', '/ab'],
    ['/a', '/A'],
    ['/a/*', '/ab'],
    ['/a/*', '/:x'],
    ['/a/:x', '/a'],
    ['/a/:x', '/a/:y?'],
    ['/a/:x', '/a/*'],
    ['/a/:x', '/a/b/c'],
    ['/a/:x', '/a/:y{.+}'],
    ['/a/:x{[0-9]+}', '/a/:y'],
    ['/a/:x{[0-9]+}', '/a/:y{[a-z]+}'],
    ['/:x{.+}/:y', '/:x{.+}/b'],
    ['/*/*', '/a'],
    ['/*/*', '/a/*'],
    ['/a/*/c', '/a/:x/c'],
    ['/a/:x?', '/a'],
    ['/a/:x?', '/a/:y?'],
    ['/a/:x/*', '/a/:x?/:y?'],
    ['/:x?/docs/*', '/:x?/docs/:id?'],
    ['/a/:x/b', '/a/*/b'],
    ['/a/:x', '/a/'],
    ['/a/:x-:y', '/a/:z'],
  ])('or does not: %s and %s', (wide, narrow) => {
    expect(coversPath(wide, narrow)).toBe(false)
  })
})
