import express from 'express'
import Fastify, { type FastifyPluginCallback } from 'fastify'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import type { ListedRoute } from '../../src/gate/listed-route.js'
import { createGate } from '../../src/gate.js'
import type { PrincipalsByName, Rule } from '../../src/policy/route/rule.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubApiKey, stubBearer } from '../support/stub-verifiers.js'

const scopes = defineScopes({ resources: { users: ['read', 'write'], posts: ['read'] } })
const gate = createGate<PrincipalsByName, string>({
  resource: 'https://api.example.com/v1',
  scopes,
  verifiers: {
    user: { ...stubBearer(), metadata: { issuers: ['https://id.example.com'] } },
    machine: stubApiKey('acme'),
  },
})

type Method = 'get' | 'post' | 'put' | 'delete' | 'options' | 'head' | 'all'
type AnyRule = Rule<string, PrincipalsByName, string, unknown, unknown>

/** An application to build: its routes, in which a prefix stands for a router, plugin or base path. */
interface Blueprint {
  readonly denies: boolean
  readonly serves: boolean
  readonly routes: readonly (readonly [method: Method, path: string, rule: AnyRule | null])[]
  readonly below: Readonly<Record<string, Blueprint['routes']>>
}

const jwks = { jwks: () => new Promise<never>(() => {}) }

function onExpressApp({ denies, serves, routes, below }: Blueprint): readonly ListedRoute[] {
  const app = express()
  if (denies) app.use(onExpress.denyByDefault(gate))
  if (serves) app.use(onExpress.serveMetadata(gate), onExpress.serveKeys(jwks))
  const bare: express.RequestHandler = (_request, response) => void response.end()
  const define = (router: Pick<express.Router, Method>, list: Blueprint['routes']) => {
    for (const [method, path, rule] of list) {
      router[method](path, rule === null ? bare : onExpress.protect(gate, rule, () => {}))
    }
  }
  define(app, routes)
  for (const [prefix, list] of Object.entries(below)) {
    const router = express.Router()
    define(router, list)
    app.use(prefix, router)
  }
  return onExpress.inventory(app)
}

async function onFastifyApp(blueprint: Blueprint): Promise<readonly ListedRoute[]> {
  const { denies, serves, routes, below } = blueprint
  const app = Fastify()
  await app.register(denies ? onFastify.denyByDefault : onFastify.takeInventory, { gate })
  if (serves) {
    await app.register(onFastify.serveMetadata, { gate })
    await app.register(onFastify.serveKeys, { signingKeys: jwks })
  }
  const define = (instance: typeof app, list: Blueprint['routes']) => {
    for (const [method, path, rule] of list) {
      const bare = { handler: async () => '' }
      instance[method](path, rule === null ? bare : onFastify.protect(gate, rule, async () => ''))
    }
  }
  define(app, routes)
  for (const [prefix, list] of Object.entries(below)) {
    const plugin: FastifyPluginCallback = (child, _options, done) => {
      define(child as typeof app, list)
      done()
    }
    app.register(plugin, { prefix })
  }
  await app.ready()
  return onFastify.inventory(app)
}

function onHonoApp({ denies, serves, routes, below }: Blueprint): readonly ListedRoute[] {
  const app = new Hono()
  if (denies) app.use(onHono.denyByDefault(gate))
  if (serves) app.use(onHono.serveMetadata(gate)).use(onHono.serveKeys(jwks))
  const define = (router: Hono, list: Blueprint['routes']) => {
    for (const [method, path, rule] of list) {
      if (rule !== null) router.on(method, path, onHono.protect(gate, rule))
      router.on(method, path, (c) => c.body(null))
    }
  }
  define(app, routes)
  for (const [prefix, list] of Object.entries(below)) {
    const router = new Hono()
    define(router, list)
    app.route(prefix, router)
  }
  return onHono.inventory(app)
}

function onFetchTable({ routes, below }: Blueprint): readonly ListedRoute[] {
  const prefixed = Object.entries(below).flatMap(([prefix, list]) =>
    list.map(([method, path, rule]) => [method, prefix + path, rule] as const),
  )
  return onFetch.inventory(
    new Map(
      [...routes, ...prefixed].map(([method, path, rule]) => [
        `${method.toUpperCase()} ${path}`,
        rule === null
          ? async () => new Response()
          : onFetch.protect(gate, rule, () => new Response()),
      ]),
    ),
  )
}

const read: AnyRule = { accept: 'user', scopes: 'users:read' }
const write: AnyRule = {
  accept: ['machine', 'user'],
  scopes: scopes.allOf('users:read', 'users:write'),
  load: () => ({}),
  allow: () => true,
  hide: true,
}
const open: AnyRule = { accept: 'anyone' }
const either: AnyRule = { accept: ['anyone', 'user'] }
const proven: AnyRule = { scopes: authenticated(), login: { maxAge: 60 } }

const plain: Blueprint = { denies: false, serves: false, routes: [], below: {} }

const everywhere = [
  ['express', onExpressApp],
  ['fastify', onFastifyApp],
  ['hono', onHonoApp],
  ['fetch', onFetchTable],
] as const
const withMounts = everywhere.filter(([name]) => name !== 'fetch')

describe.each(everywhere)('the inventory on %s', (_, build) => {
  it('has every route once, with its rule as the gate describes it', async () => {
    const routes: Blueprint['routes'] = [
      ['get', '/users', read],
      ['post', '/users', write],
      ['get', '/users/:id', proven],
    ]
    const listed = await build({ ...plain, routes })
    expect(listed).toEqual([
      route('GET', '/users', read),
      route('POST', '/users', write),
      route('GET', '/users/:id', proven),
    ])
    expect(listed.map(({ requirement }) => requirement)).toEqual([
      { kind: 'scope', name: 'users:read' },
      scopes.allOf('users:read', 'users:write'),
      { kind: 'authenticated' },
    ])
  })

  it('is the same whoever asks again, frozen, and JSON', async () => {
    const listed = await build({ ...plain, routes: [['get', '/users', read]] })
    expect(Object.isFrozen(listed) && Object.isFrozen(listed[0])).toBe(true)
    expect(JSON.parse(JSON.stringify(listed))).toEqual(listed)
  })

  it('tells routes for everybody from routes without a rule', async () => {
    const routes: Blueprint['routes'] = [
      ['get', '/health', open],
      ['get', '/posts', either],
      ['get', '/forgotten', null],
    ]
    expect(kindsOf(await build({ ...plain, routes }))).toEqual([
      'GET /health open',
      'GET /posts open',
      'GET /forgotten bare',
    ])
  })

  it('puts the prefix before the path of a route below it', async () => {
    const below = {
      '/api': [['get', '/users/:id', read]],
      '/v2': [['get', '/users', null]],
    } as const
    expect(kindsOf(await build({ ...plain, routes: [['get', '/', open]], below }))).toEqual([
      'GET / open',
      'GET /api/users/:id guarded',
      'GET /v2/users bare',
    ])
  })

  it('says ALL for a route that answers every method, once', async () => {
    const routes: Blueprint['routes'] = [
      ['all', '/any', read],
      ['all', '/bare', null],
    ]
    expect(kindsOf(await build({ ...plain, routes }))).toEqual([
      'ALL /any guarded',
      'ALL /bare bare',
    ])
  })

  it('lists OPTIONS where somebody has defined it', async () => {
    const routes: Blueprint['routes'] = [
      ['get', '/users', read],
      ['options', '/users', open],
    ]
    expect(kindsOf(await build({ ...plain, routes }))).toEqual([
      'GET /users guarded',
      'OPTIONS /users open',
    ])
  })
})

describe.each(withMounts)('the inventory on %s', (_, build) => {
  it('says that a mount bars what has no rule, and nothing else', async () => {
    const routes: Blueprint['routes'] = [
      ['get', '/users', read],
      ['get', '/forgotten', null],
    ]
    const below = { '/api': [['post', '/forgotten', null]] } as const
    expect(kindsOf(await build({ ...plain, denies: true, routes, below }))).toEqual([
      'GET /users guarded',
      'GET /forgotten barred',
      'POST /api/forgotten barred',
    ])
  })

  it.each([true, false])(
    'lists the documents of sallyport as open (with a mount: %s)',
    async (denies) => {
      const listed = await build({
        ...plain,
        denies,
        serves: true,
        routes: [['get', '/users', read]],
      })
      expect(listed.map(({ name, kind, document }) => ({ name, kind, document }))).toEqual([
        {
          name: 'GET /.well-known/oauth-protected-resource/v1',
          kind: 'open',
          document: 'metadata',
        },
        { name: 'GET /.well-known/jwks.json', kind: 'open', document: 'keys' },
        { name: 'GET /users', kind: 'guarded', document: null },
      ])
    },
  )
})

function kindsOf(routes: readonly ListedRoute[]): readonly string[] {
  return routes.map(({ name, kind }) => `${name} ${kind}`)
}

function route(method: string, path: string, rule: AnyRule): object {
  const description = gate.guard(rule).rule
  return expect.objectContaining({
    name: `${method} ${path}`,
    method,
    path,
    kind: 'guarded',
    rule: description,
    before: [],
  })
}
