import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/sdk/client/auth.js'
import cors from 'cors'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import { createGate } from '../../src/gate.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { stubApiKey } from '../support/stub-verifiers.js'

const rule = { scopes: 'tools:call' } as const
const PATH = '/.well-known/oauth-protected-resource'
const servers: Server[] = []
afterAll(() => Promise.all(servers.map((server) => new Promise((done) => server.close(done)))))

/** A server at a port of its own, before what it answers is known: the gate is made of its origin. */
async function listening(): Promise<{ origin: string; answer(listener: RequestListener): void }> {
  const server = createServer()
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    answer: (listener) => server.on('request', listener),
  }
}

const aGate = async (resource: string, authorizationServer: string) => {
  const issuer = await createTestIssuer({ issuer: authorizationServer, audience: resource })
  return createGate({
    resource,
    scopes: defineScopes({ resources: { tools: ['call', 'list'] }, superuser: 'admin:all' }),
    // The API key comes first: its challenge must not hide the other one from clients that read but one.
    verifiers: { machine: stubApiKey('acme'), user: jwtBearer(issuer.trust) },
  })
}
type TestGate = Awaited<ReturnType<typeof aGate>>

/** An application below `/mcp`, whose metadata therefore stands beside it. */
const LISTENERS: Readonly<
  Record<string, (gate: TestGate) => RequestListener | Promise<RequestListener>>
> = {
  express: (gate) =>
    express()
      .use(cors({ origin: 'https://app.example.com' }))
      .use(onExpress.serveMetadata(gate))
      .use(onExpress.denyByDefault(gate))
      .post('/mcp', onExpress.protect(gate, rule)),
  fastify: async (gate) => {
    const app = Fastify()
    await app.register(onFastify.denyByDefault, { gate })
    await app.register(onFastify.serveMetadata, { gate })
    app.post(
      '/mcp',
      onFastify.protect(gate, rule, () => ({})),
    )
    await app.ready()
    return app.routing.bind(app)
  },
  hono: (gate) => {
    const app = new Hono().use(onHono.denyByDefault(gate), onHono.serveMetadata(gate))
    app.post('/mcp', onHono.protect(gate, rule), (c) => c.json({}))
    return getRequestListener(app.fetch) as RequestListener
  },
  fetch: (gate) => {
    const handler = onFetch.protect(gate, rule, () => Response.json({}))
    const route = onFetch.denyByDefault(gate, () => handler)
    return getRequestListener(onFetch.serveMetadata(gate, route)) as RequestListener
  },
}

describe.each(Object.keys(LISTENERS))('on %s', (name) => {
  let origin = ''
  let issuer = ''
  const ask = () => fetch(`${origin}/mcp`, { method: 'POST' })

  beforeAll(async () => {
    const authorizationServer = await listening()
    issuer = authorizationServer.origin
    authorizationServer.answer((request, response) => {
      const isMetadata = request.url === '/.well-known/oauth-authorization-server'
      response.writeHead(isMetadata ? 200 : 404, { 'Content-Type': 'application/json' }).end(
        JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          response_types_supported: ['code'],
        }),
      )
    })
    const api = await listening()
    origin = api.origin
    const gate = await aGate(`${origin}/mcp`, issuer)
    const listener = await LISTENERS[name]?.(gate)
    if (listener !== undefined) api.answer(listener)
  })

  test('an MCP client finds the authorization server from a 401', async () => {
    const refusal = await ask()
    expect(refusal.status).toBe(401)
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(refusal)
    expect([resourceMetadataUrl?.href, scope]).toEqual([`${origin}${PATH}/mcp`, 'tools:call'])
    const metadata = await discoverOAuthProtectedResourceMetadata(`${origin}/mcp`, {
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
    })
    expect(metadata).toEqual({
      resource: `${origin}/mcp`,
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: ['tools:call'],
    })
    const server = await discoverAuthorizationServerMetadata(issuer)
    expect(server?.token_endpoint).toBe(`${issuer}/token`)
  })

  test('a strict client finds it from the URL of the API alone', async () => {
    const resource = new URL(`${origin}/mcp`)
    const response = await oauth.resourceDiscoveryRequest(resource, {
      [oauth.allowInsecureRequests]: true,
    })
    const metadata = await oauth.processResourceDiscoveryResponse(resource, response)
    expect(metadata.authorization_servers).toEqual([issuer])
  })

  test('a client in a browser may read it', async () => {
    const fields = { origin: 'https://client.example', 'access-control-request-method': 'GET' }
    const response = await fetch(`${origin}${PATH}/mcp`, { headers: fields })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('it stands where the path of the resource says, and nowhere else', async () => {
    for (const path of [PATH, `${PATH}/`, `${PATH}/mcp/`, `${PATH}/mcp/x`, `/mcp${PATH}`]) {
      expect([path, (await fetch(`${origin}${path}`)).status]).not.toEqual([path, 200])
    }
  })
})

describe('a challenge', () => {
  test('names no metadata that nobody serves', async () => {
    const gate = await aGate('https://api.example.com', 'https://id.example.com')
    const app = new Hono().post('/mcp', onHono.protect(gate, rule), (c) => c.json({}))
    const challenges = async () =>
      (await app.request('https://api.example.com/mcp', { method: 'POST' })).headers.get(
        'www-authenticate',
      )
    expect(await challenges()).not.toContain('resource_metadata')
    // Served later all the same: from then on it is named.
    onHono.serveMetadata(gate)
    expect(await challenges()).toContain(`resource_metadata="https://api.example.com${PATH}"`)
  })
})

test('Hono serves the metadata of a resource whose path has to be percent-encoded', async () => {
  const gate = await aGate('https://api.example.com/v%201/\u00fc', 'https://id.example.com')
  const app = new Hono().use(onHono.denyByDefault(gate), onHono.serveMetadata(gate))
  const status = async (path: string) =>
    (await app.request(`https://api.example.com${PATH}${path}`)).status
  expect(await status('/v%201/%C3%BC')).toBe(200)
  expect(await status('/v%25201/%C3%BC')).toBe(401)
})

describe('deny by default on Hono', () => {
  test('is opened by the metadata for its own path only', async () => {
    const gate = await aGate('https://api.example.com', 'https://id.example.com')
    const app = new Hono().use(onHono.denyByDefault(gate)).use(onHono.serveMetadata(gate))
    app.get('/bare', (c) => c.text('in'))
    app.get('/.well-known/other', (c) => c.text('in'))
    const status = async (path: string) =>
      (await app.request(`https://api.example.com${path}`)).status
    expect(await status('/bare')).toBe(401)
    expect(await status('/.well-known/other')).toBe(401)
    expect(await status(PATH)).toBe(200)
    const first = new Hono().use(onHono.denyByDefault(gate)).get(PATH, (c) => c.text('in'))
    first.use(onHono.serveMetadata(gate))
    expect((await first.request(`https://api.example.com${PATH}`)).status).toBe(401)
  })
})
