import { createHash } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  connect,
  createSecureServer,
  createServer as createServer2,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2'
import { createServer as createTlsServer, request as requestOverTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, describe, expect, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import { createGate } from '../../src/gate.js'
import type { ProxyOptions } from '../../src/index.js'
import type { GateEvent } from '../../src/outcome/event.js'
import { authenticated } from '../../src/scope/requirement.js'
import { sendRaw } from '../../src/testing/send.js'
import { selfSigned } from '../support/self-signed.js'
import { stubApiKey, stubBearer, stubCookie } from '../support/stub-verifiers.js'

const rule = { scopes: authenticated() }
const events: GateEvent[] = []
const closing: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

const aGate = (proxy: ProxyOptions | null) =>
  createGate({
    resource: 'https://api.example.com',
    proxy,
    verifiers: {
      user: stubBearer(),
      session: stubCookie('session'),
      machine: stubApiKey('acme'),
      ops: {
        ...stubBearer(),
        recognises: { kind: 'basic' },
        offer: { scheme: 'Basic', parameters: {} },
      },
    },
    onEvent: (event) => events.push(event),
  })

type TestGate = ReturnType<typeof aGate>

/** What Node calls for a request, whichever framework answers it. */
const LISTENERS: Readonly<
  Record<string, (gate: TestGate) => RequestListener | Promise<RequestListener>>
> = {
  express: (gate) =>
    express().get(
      '/',
      onExpress.protect(gate, rule, (_, response) => response.json({})),
    ),
  fastify: async (gate) => {
    const app = Fastify()
    app.get(
      '/',
      onFastify.protect(gate, rule, () => ({})),
    )
    await app.ready()
    return app.routing.bind(app)
  },
  hono: (gate) => {
    const app = new Hono().get('/', onHono.protect(gate, rule), (c) => c.json({}))
    return getRequestListener(app.fetch) as RequestListener
  },
  fetch: (gate) =>
    getRequestListener(
      onFetch.protect(gate, rule, () => Response.json({})) as (
        request: Request,
      ) => Promise<Response>,
    ) as RequestListener,
}

async function listening(server: Server | Http2Server | Http2SecureServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = async (name: string, proxy: ProxyOptions | null) =>
  listening(createServer(await LISTENERS[name]?.(aGate(proxy))))

type Fields = Readonly<Record<string, string>>

const BEARER: Fields = { Authorization: 'Bearer user~alice' }
const send = async (origin: string, fields: Fields, path = '/', host = 'api.example.com') => {
  const lines = Object.entries({ Host: host, ...fields })
  return (await sendRaw(origin, { method: 'GET', path, fields: lines })).status
}

describe.each(Object.keys(LISTENERS))('on %s', async (name) => {
  const direct = await serve(name, null)
  const behind = await serve(name, { hops: 1 })
  const known = await serve(name, { addresses: ['127.0.0.0/8'] })
  const elsewhere = await serve(name, { addresses: ['10.0.0.0/8'] })
  const https = { 'X-Forwarded-Proto': 'https' }

  test.each([
    ['a bearer token', BEARER, 'user~alice'],
    ['an API key', { 'X-API-Key': 'acme_key' }, 'acme_key'],
    ['a cookie', { Cookie: 'session=user~bob' }, 'user~bob'],
    ['a password', { Authorization: 'Basic YTpi' }, null],
  ])('%s over cleartext is refused, and the operator told which', async (_, fields, text) => {
    const before = events.length
    expect(await send(direct, fields)).toBe(400)
    const leaks = events.slice(before).filter(({ kind }) => kind === 'leaked')
    expect(leaks).toMatchObject([
      {
        where: 'cleartext',
        fingerprint:
          text === null ? null : createHash('sha256').update(text).digest('hex').slice(0, 16),
      },
    ])
  })

  test('a client cannot claim TLS by the target that it writes', async () => {
    expect(await send(direct, BEARER, 'https://api.example.com/')).toBe(400)
    expect(await send(elsewhere, BEARER, 'https://api.example.com/')).toBe(400)
  })

  test('nor by any field, unless proxies are configured', async () => {
    const claims = {
      ...https,
      Forwarded: 'proto=https',
      'X-Forwarded-Ssl': 'on',
      'X-Forwarded-Scheme': 'https',
      X_Forwarded_Proto: 'https',
      'X-Original-URL': 'https://api.example.com/',
      'X-Rewrite-URL': 'https://api.example.com/',
      'X-Forwarded-Host': 'localhost',
    }
    expect(await send(direct, { ...BEARER, ...claims })).toBe(400)
    expect(await send(elsewhere, { ...BEARER, ...claims })).toBe(400)
    expect(await send(behind, { ...BEARER, ...claims, 'X-Forwarded-Proto': 'http' })).toBe(400)
  })

  test('this machine needs no TLS', async () => {
    expect(await send(direct, BEARER, '/', 'localhost')).toBe(200)
    expect(await send(elsewhere, BEARER, '/', '127.0.0.1:3000')).toBe(200)
  })

  test('a proxy is believed, by what it wrote last', async () => {
    for (const origin of [behind, known]) {
      expect(await send(origin, { ...BEARER, ...https })).toBe(200)
      const lines = ['https', 'http'].map((value) => ['X-Forwarded-Proto', value] as const)
      const fields = [...Object.entries({ Host: 'localhost', ...BEARER }), ...lines]
      expect((await sendRaw(origin, { method: 'GET', path: '/', fields })).status).toBe(400)
      expect(await send(origin, BEARER, 'https://api.example.com/')).toBe(400)
      expect(await send(origin, BEARER, '/', 'localhost')).toBe(400)
    }
  })
})

const askOverHttp2 = (origin: string, scheme: string, authority: string) =>
  new Promise<number>((resolve, reject) => {
    const session = connect(origin, { rejectUnauthorized: false })
    session.on('error', reject)
    const stream = session.request({
      ':path': '/',
      ':scheme': scheme,
      ':authority': authority,
      authorization: BEARER['Authorization'],
    })
    stream.on('response', (fields) => resolve(Number(fields[':status'])))
    stream.on('error', reject)
    stream.on('close', () => session.close())
    stream.resume()
    stream.end()
  })

describe('over TLS that this process ends', () => {
  const identity = selfSigned('api.example.com')
  const fields = { host: 'api.example.com', authorization: BEARER['Authorization'] }

  test.each(Object.keys(LISTENERS))('a credential is taken, on %s', async (name) => {
    const listener = await LISTENERS[name]?.(aGate(null))
    const { port } = new URL(await listening(createTlsServer(identity, listener)))
    const status = await new Promise((resolve, reject) => {
      requestOverTls(
        { port, host: '127.0.0.1', headers: fields, rejectUnauthorized: false, agent: false },
        (response) => resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })

  test.each(['hono', 'fetch'])('and over HTTP/2, on %s', async (name) => {
    const listener = await LISTENERS[name]?.(aGate(null))
    // One signature for both of Node's request classes.
    const { port } = new URL(await listening(createSecureServer(identity, listener as never)))
    expect(await askOverHttp2(`https://127.0.0.1:${port}`, 'https', 'api.example.com')).toBe(200)
  })
})

describe('over HTTP/2 without TLS', () => {
  const listeners = async (): Promise<readonly (readonly [string, string])[]> => {
    const fastify = Fastify({ http2: true })
    // Fastify types its requests by the server's class; what the adapter reads is in both.
    const route = onFastify.protect(aGate(null), rule, () => ({})) as never
    fastify.get('/', route)
    closing.push(() => fastify.close())
    const origins = [['fastify', await fastify.listen({ host: '127.0.0.1', port: 0 })] as const]
    for (const name of ['hono', 'fetch']) {
      const listener = await LISTENERS[name]?.(aGate(null))
      const server = createServer2(listener as never) // one signature for both of Node's request classes
      origins.push([name, await listening(server)] as never)
    }
    return origins
  }

  test('a client cannot claim it by :scheme, and :authority is no more than a Host', async () => {
    for (const [name, origin] of await listeners()) {
      expect([name, await askOverHttp2(origin, 'https', 'api.example.com')]).toEqual([name, 400])
      expect([name, await askOverHttp2(origin, 'http', 'api.example.com')]).toEqual([name, 400])
      expect([name, await askOverHttp2(origin, 'https', 'localhost:1')]).toEqual([name, 200])
    }
  })
})
