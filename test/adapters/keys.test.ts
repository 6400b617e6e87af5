import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import cors from 'cors'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import { createGate } from '../../src/gate.js'
import { servedKeys } from '../../src/http/served-keys.js'
import { signJwt } from '../../src/jwt/sign-jwt.js'
import {
  createSigningKeys,
  type SigningKeys,
} from '../../src/lifecycle/signing-keys/signing-keys.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createTestClock, type TestClock } from '../../src/testing/test-clock.js'
import { stubApiKey } from '../support/stub-verifiers.js'

const PATH = '/.well-known/jwks.json'
const servers: Server[] = []
afterAll(() => Promise.all(servers.map((server) => new Promise((done) => server.close(done)))))

const gate = createGate({
  resource: 'https://api.example.com',
  verifiers: { machine: stubApiKey('acme') },
})

const LISTENERS: Readonly<
  Record<string, (keys: SigningKeys) => RequestListener | Promise<RequestListener>>
> = {
  express: (keys) =>
    express()
      .use(onExpress.serveKeys(keys))
      .use(cors({ origin: 'https://app.example.com' }))
      .use(onExpress.denyByDefault(gate)),
  fastify: async (signingKeys) => {
    const app = Fastify()
    await app.register(onFastify.denyByDefault, { gate })
    await app.register(onFastify.serveKeys, { signingKeys })
    await app.ready()
    return app.routing.bind(app)
  },
  hono: (keys) =>
    getRequestListener(
      new Hono().use(onHono.denyByDefault(gate), onHono.serveKeys(keys)).fetch,
    ) as RequestListener,
  fetch: (keys) =>
    getRequestListener(
      onFetch.serveKeys(keys, async () => new Response(null, { status: 404 })),
    ) as RequestListener,
}

describe.each(Object.entries(LISTENERS))('on %s', (_name, listener) => {
  let url = ''
  const trouble = { fails: false }
  const { keys, clock } = signingKeys(trouble)
  beforeAll(async () => {
    url = await serving(await listener(keys))
  })

  test('anyone gets the keys, and may keep them', async () => {
    const answer = await fetch(`${url}?a=b`)
    expect(answer.status).toBe(200)
    expect(fieldsOf(answer)).toEqual({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-type': expect.stringMatching(/^application\/jwk-set\+json/),
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
    })
    const { keys: shown } = (await answer.json()) as { keys: Record<string, unknown>[] }
    expect(shown).toHaveLength(2)
    for (const key of shown) expect(key).not.toHaveProperty('d')
  })

  test('who has them is told so', async () => {
    const etag = (await fetch(url)).headers.get('etag') ?? ''
    for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
      const answer = await fetch(url, { headers: { 'If-None-Match': known } })
      expect(answer.status, known).toBe(304)
      expect(answer.headers.get('etag')).toBe(etag)
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
      expect(await answer.text()).toBe('')
    }
    for (const other of ['"a"', etag.slice(1, -1), '']) {
      const answer = await fetch(url, { headers: { 'If-None-Match': other } })
      expect(answer.status, other).toBe(200)
    }
  })

  test('other methods write nothing', async () => {
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const options = await fetch(url, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await fetch(url, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })

  test('other paths are left alone', async () => {
    expect((await fetch(`${url}/`)).status).not.toBe(200)
    expect((await fetch(url.replace('jwks', 'jwk'))).status).not.toBe(200)
  })

  test('an outage is one, and is not kept by anybody', async () => {
    trouble.fails = true
    clock.advance(3_630)
    const answer = await fetch(url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('retry-after')).toBe('5')
    trouble.fails = false
    clock.advance(5)
    expect((await fetch(url)).status).toBe(200)
  })
})

describe('a verifier that uses jose', () => {
  test('meets no key that it does not know, across a rotation and without asking again', async () => {
    const { keys, clock, asked, set } = await aRemoteVerifier()
    const first = await tokenOf(keys, clock)
    await verified(first, set, clock)
    expect(asked()).toBe(1)
    clock.advance(90 * 86_400)
    const second = await tokenOf(keys, clock)
    expect(kidOf(second)).not.toBe(kidOf(first))
    await verified(second, set, clock)
    expect(asked()).toBe(1)
  })

  test('asks for a key that came later, and still takes what older ones signed', async () => {
    const { keys, clock, asked, set } = await aRemoteVerifier()
    await verified(await tokenOf(keys, clock), set, clock)
    await keys.tick()
    clock.advance(90 * 86_400)
    await keys.tick()
    clock.advance(90 * 86_400 - 300)
    const old = await tokenOf(keys, clock)
    clock.advance(300)
    await verified(await tokenOf(keys, clock), set, clock)
    expect(asked()).toBe(2)
    await verified(old, set, clock)
    expect(asked()).toBe(2)
  })

  test('refuses what a compromised key has signed once it has asked', async () => {
    const { keys, clock, set } = await aRemoteVerifier()
    const stolen = await tokenOf(keys, clock)
    await verified(stolen, set, clock)
    const standby = await keys.compromise(kidOf(stolen))
    expect(standby).toEqual({ kind: 'compromised' })
    await verified(await tokenOf(keys, clock), set, clock)
    await set.reload()
    await expect(verified(stolen, set, clock)).rejects.toThrow('no applicable key')
  })
})

describe('servedKeys', () => {
  test('takes a path of your own, as URLs spell it', () => {
    const { keys } = signingKeys({ fails: false })
    const served = servedKeys(keys, { path: '/oauth/keys' })
    for (const target of ['/oauth/keys', '/oauth/keys?a', 'https://a.example/oauth/keys']) {
      expect(served.isAt(target)).toBe(true)
    }
    for (const target of ['/oauth/keys/', '/.well-known/jwks.json', '//oauth/keys', '*', '']) {
      expect(served.isAt(target)).toBe(false)
    }
    for (const path of ['keys', '', 'https://a.example/keys', '/a b', '/a?b', '//a/b', '/a/../b']) {
      expect(() => servedKeys(keys, { path }), path).toThrow(
        expect.objectContaining({ code: 'option_invalid' }),
      )
    }
  })
})

function signingKeys(trouble: { fails: boolean }): { keys: SigningKeys; clock: TestClock } {
  const store = memoryStore()
  const clock = createTestClock()
  const keys = createSigningKeys({
    store: {
      ...store,
      get(wanted) {
        if (trouble.fails) throw new Error('the store is down')
        return store.get(wanted)
      },
    },
    algorithm: 'ES256',
    keyEncryptionKey: crypto.getRandomValues(new Uint8Array(32)),
    clock,
  })
  return { keys, clock }
}

async function aRemoteVerifier() {
  const { keys, clock } = signingKeys({ fails: false })
  let requests = 0
  const app = express().use((_request, _response, next) => {
    requests++
    next()
  }, onExpress.serveKeys(keys))
  const set = createRemoteJWKSet(new URL(await serving(app)), { cooldownDuration: 0 })
  return { keys, clock, set, asked: () => requests }
}

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}${PATH}`
}

async function tokenOf(keys: SigningKeys, clock: TestClock): Promise<string> {
  const lookup = await keys.current(clock.now())
  if (lookup.kind === 'unavailable') throw lookup.cause
  return signJwt({ iss: 'us', exp: clock.now() + 600 }, { key: lookup.key, type: 'at+jwt' })
}

function verified(token: string, set: JWTVerifyGetKey, clock: TestClock) {
  return jwtVerify(token, set, { issuer: 'us', currentDate: new Date(clock.now() * 1_000) })
}

function kidOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  return (header as { readonly kid: string }).kid
}

/** What is said of the document, beside what servers add. */
function fieldsOf({ headers }: Response): Readonly<Record<string, string>> {
  const told = [
    'access-control-allow-origin',
    'cache-control',
    'content-type',
    'etag',
    'set-cookie',
  ]
  return Object.fromEntries([...headers].filter(([name]) => told.includes(name)))
}
