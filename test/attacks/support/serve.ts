import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import * as onExpress from '../../../src/adapters/express.js'
import * as onFastify from '../../../src/adapters/fastify.js'
import * as onFetch from '../../../src/adapters/fetch.js'
import * as onHono from '../../../src/adapters/hono.js'
import type { Gate } from '../../../src/gate.js'
import type { Granted } from '../../../src/outcome/outcome.js'
import type { ContractRule } from '../../../src/testing/adapter-contract.js'

/** What is attacked, whatever serves it: guarded routes, and one bare handler behind a guarded mount. */
export interface Application {
  readonly routes: readonly GuardedRoute[]
  /** Guards everything below `/vault`; the handlers there have no rule of their own. */
  readonly vault: { readonly gate: Gate; readonly rule: ContractRule<unknown> }
  /** Each handler calls it; what it returns is the body. */
  readonly body: (granted: Granted | null) => object
}

export interface GuardedRoute {
  /** Answers GET and POST. */
  readonly path: string
  readonly gate: Gate
  readonly rule: ContractRule<unknown>
}

/** A running server. */
export interface Served {
  readonly origin: string
  close(): Promise<void>
}

export type AdapterName = 'express' | 'fastify' | 'hono' | 'fetch'
export const ADAPTERS: readonly AdapterName[] = ['express', 'fastify', 'hono', 'fetch']

/** Serves the application on one adapter, over a loopback socket. */
export function serveOn(adapter: AdapterName, application: Application): Promise<Served> {
  return SERVERS[adapter](application)
}

async function serveExpress({ routes, vault, body }: Application): Promise<Served> {
  const app = express()
  // Express tells stacks to clients otherwise; that is its setting, not ours.
  app.set('env', 'production')
  const [first] = routes
  if (first !== undefined) app.use(onExpress.denyByDefault(first.gate))
  // Before the guards, so that they see a form.
  app.use(express.urlencoded({ extended: false }))
  for (const { path, gate, rule } of routes) {
    const guarded = onExpress.protect(gate, rule, (_request, response, granted) =>
      response.json(body(granted)),
    )
    app.get(path, guarded)
    app.post(path, guarded)
  }
  app.use('/vault', onExpress.protect(vault.gate, vault.rule))
  app.get('/vault/gold', (_request, response) => response.json(body(null)))
  return listening(createServer(app))
}

async function serveFastify({ routes, vault, body }: Application): Promise<Served> {
  const app = Fastify()
  const [first] = routes
  if (first !== undefined) await app.register(onFastify.denyByDefault, { gate: first.gate })
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))
  for (const { path: url, gate, rule } of routes) {
    const guarded = onFastify.protect(gate, rule, (_request, _reply, granted) => body(granted))
    app.route({ method: ['GET', 'POST'], url, ...guarded })
  }
  await app.register(
    (mount, _options, done) => {
      const { onRequest } = onFastify.protect(vault.gate, vault.rule, () => ({}))
      mount.addHook('onRequest', onRequest).get('/gold', () => body(null))
      done()
    },
    { prefix: '/vault' },
  )
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return { origin, close: () => app.close() }
}

async function serveHono({ routes, vault, body }: Application): Promise<Served> {
  const app = new Hono()
  const [first] = routes
  if (first !== undefined) app.use(onHono.denyByDefault(first.gate))
  for (const { path, gate, rule } of routes) {
    app.on(['GET', 'POST'], path, onHono.protect(gate, rule), (c) => {
      const { principal, resource } = c.var
      return c.json(
        body({ kind: 'granted', principal, resource, permissions: undefined, trace: [] }),
      )
    })
  }
  app.use('/vault/*', onHono.protect(vault.gate, vault.rule))
  app.get('/vault/gold', (c) => c.json(body(null)))
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ origin: `http://127.0.0.1:${port}`, close: () => closed(server) }),
    )
  })
}

async function serveFetch({ routes, vault, body }: Application): Promise<Served> {
  const handlers = new Map<string, onFetch.FetchHandler<[]>>()
  for (const { path, gate, rule } of routes) {
    handlers.set(
      path,
      onFetch.protect(gate, rule, (_request, granted) => Response.json(body(granted))),
    )
  }
  handlers.set(
    '/vault/gold',
    onFetch.protect(vault.gate, vault.rule, () => Response.json(body(null))),
  )
  const [first] = routes
  if (first === undefined) throw new Error('no routes')
  const handler = onFetch.denyByDefault(first.gate, (request) =>
    // @hono/node-server hands on what a client calls the host, though it may fit into no URL (`xn--a`).
    URL.canParse(request.url) ? handlers.get(new URL(request.url).pathname) : undefined,
  )
  return listening(createServer(getRequestListener(handler)))
}

function listening(server: ReturnType<typeof createServer>): Promise<Served> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // a TCP server that listens has one
      resolve({ origin: `http://127.0.0.1:${port}`, close: () => closed(server) })
    })
  })
}

function closed(server: { close(done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

const SERVERS: Readonly<Record<AdapterName, (application: Application) => Promise<Served>>> = {
  express: serveExpress,
  fastify: serveFastify,
  hono: serveHono,
  fetch: serveFetch,
}
