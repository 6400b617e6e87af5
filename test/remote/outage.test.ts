import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { protect } from '../../src/adapters/fetch.js'
import { createGate } from '../../src/gate.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import type { KeySource, KeysOfIssuer } from '../../src/jwt/jwk-set.js'
import { generateSigningKey, type SigningKeyPair, signJwt } from '../../src/jwt/sign-jwt.js'
import type { GateEvent } from '../../src/outcome/event.js'
import { discoveredKeys } from '../../src/remote/discovered-keys.js'
import { remoteJwkSet } from '../../src/remote/remote-jwk-set.js'
import type { KeySourceOptions } from '../../src/remote/source-options.js'
import { authenticated } from '../../src/scope/requirement.js'
import { aRequest } from '../../src/testing/requests.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { EVERY_FAULT, type FaultServer, startFaultServer } from '../support/fault-server.js'

const AUDIENCE = 'https://api.example.com'
const MAX_AGE = 600
const STALE = 3_600
const LIMITS: KeySourceOptions = {
  maxAge: MAX_AGE,
  staleIfError: STALE,
  cooldown: 10,
  timeoutMilliseconds: 300,
}

let first: SigningKeyPair
let second: SigningKeyPair
let server: FaultServer

beforeAll(async () => {
  first = await generateSigningKey('ES256')
  second = await generateSigningKey('ES256')
})
beforeEach(async () => {
  server = await startFaultServer([first.publicJwk])
})
afterEach(() => server.close())

/** An API with one route behind a gate, whose clock a test moves. */
function apiWith(source: 'keys at a URL' | 'discovered keys', issuer = server) {
  const clock = createTestClock()
  const events: GateEvent[] = []
  const keys: KeySource | KeysOfIssuer =
    source === 'keys at a URL'
      ? remoteJwkSet({ url: issuer.jwksUrl, ...LIMITS })
      : (of) => discoveredKeys({ ...of, ...LIMITS })
  const gate = createGate({
    resource: AUDIENCE,
    clock,
    verifiers: {
      user: jwtBearer({
        issuer: issuer.issuer,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        keys,
        maxLifetime: '24h',
      }),
    },
    onEvent: (event) => events.push(event),
  })
  const handle = protect(gate, { scopes: authenticated() }, () => new Response('in'))
  return {
    clock,
    /** What was told of the keys. */
    told: () => events.filter(({ kind }) => kind.startsWith('key')),
    get: (token: string) => handle(aRequest('/', { bearer: token })),
    token: (pair: SigningKeyPair, kid = pair.privateJwk.kid) =>
      tokenOf(issuer, pair, clock.now(), kid),
  }
}

/** A token for a day, so that only keys can end it; a new one each time. */
function tokenOf({ issuer }: FaultServer, pair: SigningKeyPair, now: number, kid: string) {
  const claims = {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'alice',
    client_id: 'app',
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 80_000,
  }
  return signJwt(claims, { key: { ...pair.privateJwk, kid }, type: 'at+jwt' })
}

const statusOf = async (response: Response | Promise<Response>) => (await response).status

describe.each(['keys at a URL', 'discovered keys'] as const)('an API with %s', (source) => {
  describe.each(EVERY_FAULT)('when the issuer’s server begins to %s', (fault) => {
    it('serves every good request for all of the stale time, then is unavailable, and recovers', async () => {
      const api = apiWith(source)
      expect(await statusOf(api.get(await api.token(first)))).toBe(200)
      await server.use(fault)
      const later = [MAX_AGE + 1_800, MAX_AGE + 1_801, MAX_AGE + STALE - 1]
      const moments = [MAX_AGE * 0.9, MAX_AGE - 1, MAX_AGE, MAX_AGE + 1, ...later]
      const start = api.clock.now()
      for (const moment of moments) {
        api.clock.advance(start + moment - api.clock.now())
        const tokens = await Promise.all([api.token(first), api.token(first)])
        expect(await Promise.all(tokens.map((token) => statusOf(api.get(token))))).toEqual([
          200, 200,
        ])
      }
      api.clock.advance(1)
      const late = await api.get(await api.token(first))
      expect(late.status).toBe(503)
      expect(Number(late.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      await server.use(null)
      api.clock.advance(300)
      expect(await statusOf(api.get(await api.token(first)))).toBe(200)
      expect(server.redirected()).toBe(0)
    })

    it('is unavailable and says until when, if it never had the keys', async () => {
      const api = apiWith(source)
      await server.use(fault)
      const answers = await Promise.all(
        [first, second, first].map(async (pair) => api.get(await api.token(pair))),
      )
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
      for (const { headers } of answers) {
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(10)
        expect(headers.has('www-authenticate')).toBe(false)
      }
      expect(server.paths.length).toBeLessThanOrEqual(1)
    })

    it('asks at most once per cooldown, whatever keys a storm of forged tokens names', async () => {
      const api = apiWith(source)
      await api.get(await api.token(first))
      await server.use(fault)
      const before = server.paths.length
      const forged = forgedFrom(await api.token(first), 50)
      api.clock.advance(10)
      for (const seconds of [0, 1, 8]) {
        api.clock.advance(seconds)
        // Nobody knows whether the issuer has such a key by now.
        expect(await statusesOf(forged, api)).toEqual(new Set([503]))
        expect(server.paths.length - before).toBeLessThanOrEqual(1)
        expect(await statusOf(api.get(await api.token(first)))).toBe(200)
      }
    })
  })

  it('asks once per cooldown while the issuer is well and a thousand forged tokens come at once', async () => {
    const api = apiWith(source)
    await api.get(await api.token(first))
    const before = server.paths.length
    const forged = forgedFrom(await api.token(first), 1_000)
    for (const cooldowns of [1, 2]) {
      for (const seconds of [10, 0, 1]) {
        api.clock.advance(seconds)
        expect(await statusesOf(forged, api)).toEqual(new Set([401]))
        expect(server.paths.length - before).toBe(cooldowns)
      }
    }
  })

  it('follows a rotation, and refuses a key from the document on that lacks it', async () => {
    const api = apiWith(source)
    const old = await api.token(first)
    expect(await statusOf(api.get(old))).toBe(200)
    server.keys = [first.publicJwk, second.publicJwk]
    api.clock.advance(10)
    expect(await statusOf(api.get(await api.token(second)))).toBe(200)
    expect(await statusOf(api.get(old))).toBe(200)
    server.keys = [second.publicJwk]
    api.clock.advance(MAX_AGE)
    expect(await statusOf(api.get(old))).toBe(401)
    await server.use('refuse')
    api.clock.advance(MAX_AGE)
    expect(await statusOf(api.get(old))).toBe(503)
    expect(await statusOf(api.get(await api.token(second)))).toBe(200)
  })

  it('asks again for tokens that it remembers, and refuses them with their key', async () => {
    const api = apiWith(source)
    const token = await api.token(first)
    expect(await statusOf(api.get(token))).toBe(200)
    api.clock.advance(MAX_AGE - 5)
    expect(await statusOf(api.get(await api.token(first)))).toBe(200)
    const remembered = await api.token(first)
    expect(await statusOf(api.get(remembered))).toBe(200)
    server.keys = [second.publicJwk]
    api.clock.advance(10)
    // A token with the new key has the issuer asked, if the renewal ahead of the age has not seen it yet.
    await api.get(await api.token(second))
    expect(await statusOf(api.get(remembered))).toBe(401)
  })

  it('tells the operator what becomes of the keys, under the verifier’s name', async () => {
    const api = apiWith(source)
    const [{ x = '', ...point }, name] = [second.publicJwk, { verifier: 'user' }]
    server.keys = [first.publicJwk, { ...point, x, y: x }]
    await api.get(await api.token(first))
    await server.use('answer 503')
    api.clock.advance(MAX_AGE)
    await api.get(await api.token(first))
    await server.use(null)
    server.keys = [second.publicJwk]
    api.clock.advance(40)
    await api.get(await api.token(second))
    const from = source === 'keys at a URL' ? server.jwksUrl : server.issuer
    expect(api.told()).toEqual(
      [
        { kind: 'key_skipped', kid: point.kid, problem: 'point_invalid', ...name },
        { kind: 'keys_stale', ageSeconds: MAX_AGE, ...name },
        { kind: 'keys_recovered', failedAttempts: 1, ...name },
        {
          kind: 'keys_changed',
          added: [point.kid],
          removed: [first.publicJwk.kid, point.kid],
          ...name,
        },
      ].map((event) => expect.objectContaining({ ...event, source: from })),
    )
  })

  it('makes no mistake in an hour of rotations every half minute, each used as soon as it is published', async () => {
    const api = apiWith(source)
    const published = (step: number): Jwk => ({ ...first.publicJwk, kid: `key-${step}` })
    for (let step = 2; step < 122; step += 1) {
      server.keys = [published(step - 1), published(step)]
      const statuses = []
      for (const key of [step, step - 1, step - 2]) {
        statuses.push(await statusOf(api.get(await api.token(first, `key-${key}`))))
      }
      expect(statuses).toEqual([200, 200, 401])
      api.clock.advance(30)
    }
  })

  it.each<[string, (good: Jwk, other: Jwk) => readonly Jwk[]]>([
    ['a private key', (good, other) => [{ ...other, d: 'AQAB' }, good]],
    ['a shared secret', (good) => [{ kty: 'oct', kid: 's', k: 'c2VjcmV0' }, good]],
    [
      'two keys of one id',
      (good, other) => [{ ...other, kid: 'twin' }, { ...good, kid: 'twin' }, good],
    ],
    ['a point off its curve', (good, { x = '', ...other }) => [{ ...other, x, y: x }, good]],
  ])('serves the good keys of a document that also holds %s', async (_, keysWith) => {
    server.keys = keysWith(first.publicJwk, second.publicJwk)
    const api = apiWith(source)
    expect(await statusOf(api.get(await api.token(first)))).toBe(200)
    expect(await statusOf(api.get(await api.token(second)))).toBe(401)
  })

  it('remembers nothing of ten thousand tokens with keys of their own', async () => {
    const api = apiWith(source)
    const real = await api.token(first)
    await api.get(real)
    const largest = await largestCollection(async () => {
      for (const [at, token] of forgedFrom(real, 10_000).entries()) {
        if (at % 500 === 0) api.clock.advance(1)
        await api.get(token)
      }
    })
    expect(largest).toBeLessThan(100)
  })
})

describe('two issuers of one verifier', () => {
  it('fail apart: one that is down costs the other nothing', async () => {
    const other = await startFaultServer([second.publicJwk])
    try {
      const clock = createTestClock()
      const settings = {
        audience: AUDIENCE,
        algorithms: ['ES256'] as const,
        keys: (of: { readonly issuer: string }) => discoveredKeys({ ...of, ...LIMITS }),
        maxLifetime: '24h' as const,
      }
      const gate = createGate({
        resource: AUDIENCE,
        clock,
        verifiers: {
          user: jwtBearer({
            issuers: [server, other].map(({ issuer }) => ({ issuer, ...settings })),
          }),
        },
      })
      const handle = protect(gate, { scopes: authenticated() }, () => new Response('in'))
      await server.use('hang')
      for (let at = 0; at < 5; at += 1) {
        clock.advance(100)
        const bearers = await Promise.all([
          tokenOf(server, first, clock.now(), first.privateJwk.kid),
          tokenOf(other, second, clock.now(), second.privateJwk.kid),
        ])
        const statuses = bearers.map((bearer) => statusOf(handle(aRequest('/', { bearer }))))
        expect(await Promise.all(statuses)).toEqual([503, 200])
      }
    } finally {
      await other.close()
    }
  })
})

/** The token under so many key ids that nobody has: as good as any forged ones. */
function forgedFrom(token: string, count: number): readonly string[] {
  const [, payload, signature] = token.split('.')
  return Array.from({ length: count }, (_, at) => {
    const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: `forged-${at}` })
    return `${Buffer.from(header).toString('base64url')}.${payload}.${signature}`
  })
}

async function statusesOf(
  tokens: readonly string[],
  { get }: ReturnType<typeof apiWith>,
): Promise<ReadonlySet<number>> {
  return new Set(await Promise.all(tokens.map((token) => statusOf(get(token)))))
}

/** The size that the largest Map or Set has in the end, of all that something was added to meanwhile. */
async function largestCollection(work: () => Promise<void>): Promise<number> {
  const touched = new Set<{ readonly size: number }>()
  const [set, add] = [Map.prototype.set, Set.prototype.add]
  Map.prototype.set = function (...entry) {
    add.call(touched, this)
    return set.apply(this, entry)
  }
  Set.prototype.add = function (value) {
    if (this !== touched) add.call(touched, this)
    return add.call(this, value)
  }
  try {
    await work()
  } finally {
    Map.prototype.set = set
    Set.prototype.add = add
  }
  return Math.max(0, ...[...touched].map(({ size }) => size))
}
