import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, serve } from '@hono/node-server'
import express from 'express'
import Fastify, { type FastifyRequest } from 'fastify'
import { type Context, Hono } from 'hono'
import { afterAll, beforeAll, describe, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import {
  type ContractApplication,
  createAdapterContract,
  ruleFor,
  type ServedApplication,
} from '../../src/testing/adapter-contract.js'
import { createDpopContract } from '../../src/testing/dpop-contract.js'

type Serve = (application: ContractApplication) => Promise<ServedApplication>

const serveExpress: Serve = async ({ gate, routes, bareRoutes, onBareHandler }) => {
  const app = express()
  app.use(onExpress.denyByDefault(gate))
  app.use(onExpress.serveMetadata(gate))
  for (const route of routes) {
    const rule = ruleFor(route, (request: express.Request) => ({
      id: String(request.params['id']),
    }))
    const method = route.method.toLowerCase() as 'get' | 'post' | 'delete' | 'options'
    app[method](
      route.path,
      onExpress.protect(gate, rule, (_request, response, granted) =>
        response.json(route.body(granted)),
      ),
    )
  }
  for (const [method, path] of bareRoutes) {
    app[method.toLowerCase() as 'get' | 'post'](path, (_request, response) => {
      onBareHandler()
      response.json({})
    })
  }
  return listening(createServer(app))
}

const serveFastify: Serve = async ({ gate, routes, bareRoutes, onBareHandler }) => {
  const app = Fastify()
  await app.register(onFastify.denyByDefault, { gate })
  await app.register(onFastify.serveMetadata, { gate })
  for (const route of routes) {
    const rule = ruleFor(
      route,
      (request: FastifyRequest<{ Params: { id: string } }>) => request.params,
    )
    const url = route.path
    const { method } = route
    app.route({
      method,
      url,
      ...onFastify.protect(gate, rule, (_request, _reply, granted) => route.body(granted)),
    })
  }
  for (const [method, url] of bareRoutes) {
    app.route({
      method,
      url,
      handler: async () => {
        onBareHandler()
        return {}
      },
    })
  }
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { origin, close: () => app.close() }
}

const serveHono: Serve = async ({ gate, routes, bareRoutes, onBareHandler }) => {
  const app = new Hono()
  app.use(onHono.denyByDefault(gate))
  app.use(onHono.serveMetadata(gate))
  for (const route of routes) {
    const rule = ruleFor(route, (c: Context) => ({ id: String(c.req.param('id')) }))
    app.on(route.method, route.path, onHono.protect(gate, rule), (c) => {
      const { principal, resource, permissions } = c.var
      return c.json(
        route.body({
          kind: 'granted',
          principal,
          resource,
          permissions,
          trace: [],
        }) as object,
      )
    })
  }
  for (const [method, path] of bareRoutes) {
    app.on(method, path, (c) => {
      onBareHandler()
      return c.json({})
    })
  }
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({
        origin: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => server.close(() => done())),
      }),
    )
  })
}

const serveFetch: Serve = async ({ gate, routes, bareRoutes, onBareHandler }) => {
  const idOf = (request: Request) => new URL(request.url).pathname.split('/')[2] ?? ''
  const handlers = new Map<string, onFetch.FetchHandler<[]>>()
  for (const route of routes) {
    const rule = ruleFor(route, (request: Request) => ({ id: idOf(request) }))
    handlers.set(
      `${route.method} ${route.path}`,
      onFetch.protect(gate, rule, (_request, granted) => Response.json(route.body(granted))),
    )
  }
  for (const [method, path] of bareRoutes) {
    handlers.set(`${method} ${path}`, async () => {
      onBareHandler()
      return Response.json({})
    })
  }
  const handler = onFetch.denyByDefault(gate, (request) => {
    const { pathname } = new URL(request.url)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const pattern = pathname.replace(/^(\/(?:things|papers|open-papers)\/).*/, '$1:id')
    // A preflight is sent to the handler of the method it asks about, as a hostile router might.
    const asked = request.headers.get('access-control-request-method') ?? method
    return handlers.get(`${asked} ${pattern}`) ?? handlers.get(`${method} ${pattern}`)
  })
  return listening(createServer(getRequestListener(onFetch.serveMetadata(gate, handler))))
}

function listening(server: ReturnType<typeof createServer>): Promise<ServedApplication> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({
        origin: `http://127.0.0.1:${port}`,
        close: () => new Promise((done) => server.close(() => done())),
      })
    })
  })
}

describe.each<[string, Serve]>([
  ['express', serveExpress],
  ['fastify', serveFastify],
  ['hono', serveHono],
  ['fetch', serveFetch],
])('the %s adapter', async (_, serveWith) => {
  describe.each([
    ['the contract', await createAdapterContract()],
    ['the contract of DPoP', await createDpopContract()],
  ])('%s', (_contract, { application, cases }) => {
    let served: ServedApplication

    beforeAll(async () => {
      served = await serveWith(application)
    })
    afterAll(() => served.close())

    for (const { name, run } of cases) test(name, () => run(served.origin))
  })
})
