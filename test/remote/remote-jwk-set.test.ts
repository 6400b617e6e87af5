import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JwkSet, KeySetLookup } from '../../src/jwt/jwk-set.js'
import { generateSigningKey, type SigningKeyPair, signJwt } from '../../src/jwt/sign-jwt.js'
import { createJwtVerifier, type JwtVerifier } from '../../src/jwt/verify-jwt.js'
import { type RemoteJwkSetOptions, remoteJwkSet } from '../../src/remote/remote-jwk-set.js'
import { type JwksServer, serving, startJwksServer } from './jwks-server.js'

const NOW = 1_767_225_600
const JSON_TYPE = { headers: { 'content-type': 'application/json' } }
const CLAIMS = {
  iss: 'https://id.example.com',
  aud: 'api',
  sub: 'alice',
  client_id: 'web',
  jti: 'one',
  iat: NOW,
  exp: NOW + 3_600,
}

let server: JwksServer
let first: SigningKeyPair
let second: SigningKeyPair

beforeAll(async () => {
  first = await generateSigningKey('ES256')
  second = await generateSigningKey('ES256')
})
beforeEach(async () => {
  server = await startJwksServer(serving({ keys: [first.publicJwk] }))
})
afterEach(() => server.close())

const remote = (options: Partial<RemoteJwkSetOptions> = {}) =>
  remoteJwkSet({ url: server.url, timeoutMilliseconds: 2_000, cooldown: 30, ...options })
const kidsOf = (lookup: KeySetLookup) =>
  lookup.kind === 'set' ? lookup.set.keys.map(({ kid }) => kid) : lookup.kind
const setOf = (lookup: KeySetLookup): JwkSet => {
  if (lookup.kind !== 'set') throw new Error('there should be a set')
  return lookup.set
}
const verifierOf = (options: Partial<RemoteJwkSetOptions> = {}): JwtVerifier =>
  createJwtVerifier({
    issuer: CLAIMS.iss,
    audience: CLAIMS.aud,
    algorithms: ['ES256'],
    keys: remote(options),
  })
const signedBy = (pair: SigningKeyPair, kid = pair.privateJwk.kid) =>
  signJwt(CLAIMS, { key: { ...pair.privateJwk, kid }, type: 'at+jwt' })

describe('remoteJwkSet', () => {
  it.each([
    'http://id.example.com/jwks',
    'http://127.0.0.1.evil.example/jwks',
    'http://localhost.evil.example/jwks',
    'http://localhost@evil.example/jwks',
    'http://10.0.0.1/jwks',
    'https://user@id.example.com/jwks',
    'https://user:secret@id.example.com/jwks',
    'https://:secret@id.example.com/jwks',
    'ftp://id.example.com/jwks',
    'file:///etc/jwks.json',
    'data:application/json,{"keys":[]}',
    'javascript:0',
    '/jwks',
    'id.example.com/jwks',
    'https://',
    '',
  ])('does not start with the URL %j', (url) => {
    expect(() => remoteJwkSet({ url })).toThrow(
      expect.objectContaining({
        code: 'url_invalid',
        message: expect.not.stringContaining('secret'),
      }),
    )
  })

  it.each([
    'https://id.example.com/jwks',
    'https://id.example.com:8443/a/b?c=d',
    'http://localhost:3000/jwks',
    'http://127.0.0.1/jwks',
    'http://[::1]:3000/jwks',
    'HTTPS://ID.EXAMPLE.COM/jwks',
  ])('starts with the URL %j', (url) => {
    expect(() => remoteJwkSet({ url })).not.toThrow()
  })

  it.each([
    { url: undefined },
    { url: 1 },
    { cooldown: 0 },
    { cooldown: '2h' },
    { maxAge: 0 },
    { maxAge: '25h' },
    { timeoutMilliseconds: 0 },
    { timeoutMilliseconds: 60_001 },
    { timeoutMilliseconds: 1.5 },
    { maxBytes: 0 },
    { maxBytes: 16_777_217 },
    { minAge: 0 },
    { minAge: '11m' },
    { minAge: 61, maxAge: 60 },
    { staleIfError: -1 },
    { staleIfError: '25h' },
    { fetch: 'fetch' },
    { ttl: 1 },
  ])('does not start with %j', (options) => {
    const all = { url: 'https://id.example.com', ...options } as RemoteJwkSetOptions // wrong on purpose
    expect(() => remoteJwkSet(all)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  it('asks for nothing before it has to', async () => {
    remote()
    await sleep(20)
    expect(server.requests).toHaveLength(0)
  })

  it('asks politely: no cookies, no credentials, and for a key set', async () => {
    await remote().current(NOW)
    const [request] = server.requests
    expect(request?.method).toBe('GET')
    expect(request?.headers.accept).toBe('application/jwk-set+json, application/json')
    expect(request?.headers).not.toHaveProperty('cookie')
    expect(request?.headers).not.toHaveProperty('authorization')
  })

  it('makes one request for fifty that wait for it', async () => {
    const keys = remote()
    const lookups = await Promise.all(Array.from({ length: 50 }, () => keys.current(NOW)))
    expect(server.requests).toHaveLength(1)
    expect(new Set(lookups.map(setOf)).size).toBe(1)
  })

  it('serves what it has until it is too old, and then asks again', async () => {
    const keys = remote({ maxAge: 600 })
    const set = setOf(await keys.current(NOW))
    expect(setOf(await keys.current(NOW + 449))).toBe(set)
    expect(server.requests).toHaveLength(1)
    server.answer = serving({ keys: [second.publicJwk] })
    expect(kidsOf(await keys.current(NOW + 600))).toEqual([second.publicJwk.kid])
    expect(server.requests).toHaveLength(2)
  })

  it('asks again if the clock has been set back, for then no age means anything', async () => {
    const keys = remote({ cooldown: 30 })
    await keys.current(NOW)
    await keys.current(NOW + 60)
    expect(server.requests).toHaveLength(1)
    server.answer = serving({ keys: [second.publicJwk] })
    expect(kidsOf(await keys.current(NOW - 3_600))).toEqual([second.publicJwk.kid])
    expect(server.requests).toHaveLength(2)
  })

  it('asks for newer keys at most once per cooldown', async () => {
    const keys = remote({ cooldown: 30 })
    const set = setOf(await keys.current(NOW))
    for (const later of [0, 1, 29]) expect(setOf(await keys.refreshed(NOW + later, set))).toBe(set)
    expect(server.requests).toHaveLength(1)
    server.answer = serving({ keys: [second.publicJwk] })
    const newer = setOf(await keys.refreshed(NOW + 30, set))
    expect(newer).not.toBe(set)
    expect(setOf(await keys.refreshed(NOW + 59, newer))).toBe(newer)
    expect(server.requests).toHaveLength(2)
  })

  it('does not ask on behalf of one who has seen older keys than it holds', async () => {
    const keys = remote()
    const old = setOf(await keys.current(NOW))
    server.answer = serving({ keys: [second.publicJwk] })
    const newer = setOf(await keys.refreshed(NOW + 30, old))
    expect(setOf(await keys.refreshed(NOW + 100, old))).toBe(newer)
    expect(server.requests).toHaveLength(2)
  })
})

describe('a key endpoint that fails', () => {
  const failures: readonly (readonly [string, Parameters<typeof startJwksServer>[0]])[] = [
    ['with 500', (_, response) => response.writeHead(500).end(JSON.stringify({ keys: [] }))],
    ['with 404', (_, response) => response.writeHead(404).end()],
    ['with 204', (_, response) => response.writeHead(204).end()],
    ['with a redirect', (_, response) => response.writeHead(302, { location: '/other' }).end()],
    [
      'with a redirect that has a body',
      (_, response) =>
        response
          .writeHead(301, { location: 'http://127.0.0.1:1/' })
          .end(JSON.stringify({ keys: [] })),
    ],
    ['with HTML', serving('<html>')],
    ['with an empty body', serving('')],
    ['with JSON that is no key set', serving([])],
    ['with a duplicate member', serving('{"keys":[],"keys":[]}')],
    ['without any key', serving('{"keys":[]}')],
    ['with too many keys', serving({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })],
    ['by closing the connection', (request) => request.socket.destroy()],
    [
      'in the middle of its body',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"keys":')
        setImmediate(() => response.destroy())
      },
    ],
  ]

  it.each(failures)('%s makes the keys unavailable', async (_, answer) => {
    server.answer = answer
    const lookup = await remote().current(NOW)
    expect(lookup).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 30 })
    expect(server.requests).toHaveLength(1)
  })

  it('by never answering is given up on in time', async () => {
    server.answer = () => undefined
    const started = Date.now()
    const lookup = await remote({ timeoutMilliseconds: 100 }).current(NOW)
    expect(lookup.kind).toBe('unavailable')
    expect(Date.now() - started).toBeLessThan(1_500)
  })

  it('by answering drop by drop is given up on in time, and cut off', async () => {
    let timer: NodeJS.Timeout | undefined
    const closed = new Promise<void>((resolve) => {
      server.answer = (_, response) => {
        response.writeHead(200)
        timer = setInterval(() => response.write(' '), 10)
        response.on('close', () => {
          clearInterval(timer)
          resolve()
        })
      }
    })
    const lookup = await remote({ timeoutMilliseconds: 150 }).current(NOW)
    expect(lookup.kind).toBe('unavailable')
    await closed
  })

  it('with 50 MB is cut off after 256 KiB, whatever length it declares', async () => {
    let sent = 0
    const closed = new Promise<void>((resolve) => {
      server.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.on('close', resolve)
        response.on('error', () => undefined)
        const block = ' '.repeat(65_536)
        const more = () => {
          while (sent < 50_000_000 && !response.destroyed) {
            sent += block.length
            if (!response.write(block)) {
              response.once('drain', more)
              return
            }
          }
          response.end()
        }
        more()
      }
    })
    const lookup = await remote().current(NOW)
    expect(lookup.kind).toBe('unavailable')
    await closed
    expect(sent).toBeLessThan(25_000_000)
  })

  it('with one byte more than allowed is refused, and with exactly as many is read', async () => {
    const document = JSON.stringify({ keys: [first.publicJwk] })
    server.answer = serving(document)
    const whole = await remote({ maxBytes: document.length }).current(NOW)
    expect(kidsOf(whole)).toEqual([first.publicJwk.kid])
    expect(kidsOf(await remote({ maxBytes: document.length - 1 }).current(NOW))).toBe('unavailable')
  })

  it('is left alone for the cooldown, and the wait is told truly', async () => {
    server.answer = (_, response) => response.writeHead(500).end()
    const keys = remote({ cooldown: 30 })
    await keys.current(NOW)
    const waits = []
    for (const later of [1, 10, 29]) {
      const lookup = await keys.current(NOW + later)
      waits.push(lookup.kind === 'unavailable' && lookup.retryAfterSeconds)
    }
    expect(waits).toEqual([29, 20, 1])
    expect(server.requests).toHaveLength(1)
    server.answer = serving({ keys: [first.publicJwk] })
    expect(kidsOf(await keys.current(NOW + 30))).toEqual([first.publicJwk.kid])
  })

  it('does not take away keys that are not too old, but cannot tell of newer ones', async () => {
    const keys = remote({ maxAge: 600, staleIfError: 0 })
    const set = setOf(await keys.current(NOW))
    server.answer = (_, response) => response.writeHead(500).end()
    expect((await keys.refreshed(NOW + 30, set)).kind).toBe('unavailable')
    expect((await keys.refreshed(NOW + 31, set)).kind).toBe('unavailable')
    expect(server.requests).toHaveLength(2)
    expect(setOf(await keys.current(NOW + 449))).toBe(set)
    expect((await keys.refreshed(NOW + 31, set)).kind).toBe('unavailable')
    expect(server.requests).toHaveLength(2)
    expect(setOf(await keys.current(NOW + 599))).toBe(set)
    expect((await keys.current(NOW + 600)).kind).toBe('unavailable')
  })
})

describe('a fetch of your own', () => {
  const withFetch = (fetch: unknown) =>
    remoteJwkSet({
      url: 'https://id.example.com/jwks',
      timeoutMilliseconds: 100,
      fetch: fetch as typeof globalThis.fetch, // some are wrong on purpose
    }).current(NOW)

  it('is given the URL of the configuration, no redirects and no cookies', async () => {
    const calls: unknown[][] = []
    const lookup = await withFetch(async (...call: unknown[]) => {
      calls.push(call)
      return Response.json({ keys: [first.publicJwk] })
    })
    expect(kidsOf(lookup)).toEqual([first.publicJwk.kid])
    expect(calls).toEqual([
      [
        'https://id.example.com/jwks',
        expect.objectContaining({ redirect: 'manual', credentials: 'omit' }),
      ],
    ])
  })

  it('works where a request has no credentials to set', async () => {
    const descriptor = Object.getOwnPropertyDescriptor(Request.prototype, 'credentials')
    Reflect.deleteProperty(Request.prototype, 'credentials')
    try {
      const lookup = await withFetch(async (_: unknown, init: object) => {
        expect(init).not.toHaveProperty('credentials')
        return Response.json({ keys: [first.publicJwk] })
      })
      expect(kidsOf(lookup)).toEqual([first.publicJwk.kid])
    } finally {
      Object.defineProperty(Request.prototype, 'credentials', descriptor ?? {})
    }
  })

  it.each([
    [
      'throws at once',
      () => {
        throw new Error('sync')
      },
    ],
    ['rejects', () => Promise.reject(new Error('async'))],
    ['rejects with nothing', () => Promise.reject()],
    ['gives nothing', () => undefined],
    ['hangs and ignores the signal', () => new Promise(() => undefined)],
    ['gives a response without a body', async () => new Response(null, JSON_TYPE)],
    ['gives a body that hangs', async () => new Response(new ReadableStream(), JSON_TYPE)],
    [
      'gives a body that breaks',
      async () =>
        new Response(
          new ReadableStream({
            pull() {
              throw new Error('broken')
            },
          }),
          JSON_TYPE,
        ),
    ],
  ])('that %s makes the keys unavailable and nothing else', async (_, fetch) => {
    expect((await withFetch(fetch)).kind).toBe('unavailable')
  })

  it('that answers too late has its answer left unread', async () => {
    let pulls = 0
    const body = new ReadableStream(
      {
        pull(controller) {
          pulls += 1
          controller.enqueue(new Uint8Array(1))
        },
      },
      { highWaterMark: 0 },
    )
    const late = sleep(150).then(() => new Response(body, JSON_TYPE))
    expect((await withFetch(() => late)).kind).toBe('unavailable')
    await late
    await sleep(20)
    expect(pulls).toBe(0)
  })

  it('has its endless body cancelled', async () => {
    let isCancelled = false
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
      cancel() {
        isCancelled = true
      },
    })
    expect((await withFetch(async () => new Response(body, JSON_TYPE))).kind).toBe('unavailable')
    expect(isCancelled).toBe(true)
  })
})

describe('a verifier with remote keys', () => {
  it('verifies a token, and fetches once for many', async () => {
    const verifier = verifierOf()
    const token = await signedBy(first)
    const verified = await Promise.all(
      Array.from({ length: 50 }, () => verifier.verify(token, NOW)),
    )
    expect(verified.every(({ kind }) => kind === 'verified')).toBe(true)
    expect(server.requests).toHaveLength(1)
  })

  it('makes at most one request per cooldown for forged key ids', async () => {
    const verifier = verifierOf({ cooldown: 30 })
    const forged = await Promise.all(
      Array.from({ length: 20 }, (_, at) => signedBy(second, `forged-${at}`)),
    )
    for (const token of forged) {
      expect(await verifier.verify(token, NOW)).toMatchObject({
        kind: 'refused',
        reason: 'key_unknown',
      })
    }
    expect(server.requests).toHaveLength(1)
    await Promise.all(forged.map((token) => verifier.verify(token, NOW + 30)))
    expect(server.requests).toHaveLength(2)
    expect((await verifier.verify(await signedBy(first), NOW + 31)).kind).toBe('verified')
    expect(server.requests).toHaveLength(2)
  })

  it('follows a rotation as soon as a token needs the new key', async () => {
    const verifier = verifierOf()
    await verifier.verify(await signedBy(first), NOW)
    server.answer = serving({ keys: [first.publicJwk, second.publicJwk] })
    expect((await verifier.verify(await signedBy(second), NOW + 30)).kind).toBe('verified')
    expect((await verifier.verify(await signedBy(first), NOW + 31)).kind).toBe('verified')
    expect(server.requests).toHaveLength(2)
  })

  it('refuses a key that was withdrawn, from the next fetch on', async () => {
    const verifier = verifierOf({ maxAge: 600 })
    const token = await signedBy(first)
    await verifier.verify(token, NOW)
    server.answer = serving({ keys: [second.publicJwk] })
    expect((await verifier.verify(token, NOW + 599)).kind).toBe('verified')
    expect(await verifier.verify(token, NOW + 600)).toMatchObject({ reason: 'key_unknown' })
    expect((await verifier.verify(await signedBy(second), NOW + 601)).kind).toBe('verified')
  })

  it('does not use a key that was replaced under the same id', async () => {
    const verifier = verifierOf({ maxAge: 600 })
    await verifier.verify(await signedBy(first), NOW)
    server.answer = serving({ keys: [{ ...second.publicJwk, kid: first.publicJwk.kid }] })
    const verification = await verifier.verify(await signedBy(first), NOW + 600)
    expect(verification).toMatchObject({ kind: 'refused', reason: 'signature_invalid' })
  })

  it('says unavailable, and not refused, while keys cannot be had', async () => {
    server.answer = (_, response) => response.writeHead(503).end()
    expect(await verifierOf().verify(await signedBy(first), NOW)).toMatchObject({
      kind: 'unavailable',
      reason: 'keys_unavailable',
      retryAfterSeconds: 30,
    })
  })

  it('serves the good keys of a set that also holds bad ones', async () => {
    const bad = [
      { ...second.publicJwk, y: second.publicJwk.x },
      second.privateJwk,
      { kty: 'oct', k: 'AA' },
    ]
    server.answer = serving({ keys: [...bad, null, first.publicJwk] })
    const verifier = verifierOf()
    expect((await verifier.verify(await signedBy(first), NOW)).kind).toBe('verified')
    expect((await verifier.verify(await signedBy(second), NOW)).kind).toBe('refused')
  })

  it('asks no address but its own, whatever a token says', async () => {
    const decoy = await startJwksServer(serving({ keys: [second.publicJwk] }))
    const header = {
      alg: 'ES256',
      typ: 'at+jwt',
      kid: second.publicJwk.kid,
      jku: decoy.url,
      x5u: decoy.url,
    }
    const [, payload, signature] = (await signedBy(second)).split('.')
    const token = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`
    expect((await verifierOf().verify(token, NOW)).kind).toBe('refused')
    expect(decoy.requests).toHaveLength(0)
    await decoy.close()
  })
})
