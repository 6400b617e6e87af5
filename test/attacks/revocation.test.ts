/** Going on with a credential that was revoked: on every adapter, in the process that revoked it and in another one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGate, type Gate } from '../../src/gate.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'
import { createLifecycle } from '../../src/lifecycle/lifecycle.js'
import { createRevocationMirror, type FeedMirror } from '../../src/lifecycle/revocation/mirror.js'
import { staticSigningKey } from '../../src/lifecycle/signing-keys/signing-key-source.js'
import type { Store } from '../../src/lifecycle/store/store.js'
import { authenticated } from '../../src/scope/requirement.js'
import { memoryStore } from '../../src/stores/memory.js'
import { sendRaw } from '../../src/testing/send.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { ADAPTERS, type Served, serveOn } from './support/serve.js'

const ISSUER = 'https://id.example.com'
const AUDIENCE = 'https://api.example.com'
const { privateJwk, publicJwk } = await generateSigningKey('ES256')

const memory = memoryStore()
let isDown = false
/** The store that both processes share; its feed can be cut off. */
const store: Store = {
  ...memory,
  feed: (options) => {
    if (isDown) throw new Error('down')
    return memory.feed(options)
  },
}
const follow = () => createRevocationMirror({ store, issuer: ISSUER, maxLag: 2 })
/** The mirror of the process that revokes, and that of another one. */
const own = follow()
const elsewhere = follow()
const lifecycle = createLifecycle({
  store,
  issuer: ISSUER,
  audience: AUDIENCE,
  accessTokens: { kind: 'jwt', keys: staticSigningKey(privateJwk) },
  mirrors: [own],
})

async function logIn(subject: string) {
  const started = await lifecycle.startLogin({ subject, clientId: 'web' })
  if (started.kind !== 'started') throw new Error(started.kind)
  const issued = await lifecycle.issue({ login: started.login, clientType: 'public', scopes: [] })
  if (issued.kind !== 'issued') throw new Error(issued.kind)
  return { token: issued.tokens.accessToken.reveal(), session: issued.tokens.session ?? '' }
}

function gateWith(revocation: FeedMirror): Gate {
  return createGate({
    resource: AUDIENCE,
    verifiers: {
      user: jwtBearer({
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: ['ES256'],
        keys: { keys: [publicJwk] },
      }),
    },
    revocation,
  }) as unknown as Gate // the types of its verifiers do not matter here
}

beforeAll(async () => {
  await Promise.all([own.start(), elsewhere.start()])
})
afterAll(() => {
  own.stop()
  elsewhere.stop()
})

describe.each(ADAPTERS)('on %s, a credential that is revoked', (adapter) => {
  const served: Served[] = []
  beforeAll(async () => {
    for (const mirror of [own, elsewhere]) {
      const gate = gateWith(mirror)
      const rule = { scopes: authenticated() }
      const routes = [{ path: '/things', gate, rule }]
      served.push(await serveOn(adapter, { routes, vault: { gate, rule }, body: () => ({}) }))
    }
  })
  afterAll(() => Promise.all(served.map((server) => server.close())))

  const ask = async (where: 'here' | 'elsewhere', token: string, method = 'GET') => {
    const origin = served[where === 'here' ? 0 : 1]?.origin ?? ''
    const fields = [['Authorization', `Bearer ${token}`]] as const
    return (await sendRaw(origin, { method, path: '/things', fields })).status
  }

  test('is refused with the next request where it was revoked, and soon elsewhere', async () => {
    const { token, session } = await logIn('alice')
    const other = await logIn('alice')
    expect([await ask('here', token), await ask('elsewhere', token)]).toEqual([200, 200])
    await lifecycle.revokeSession(session, { subject: 'alice' })
    expect(await ask('here', token)).toBe(401)
    elsewhere.wake()
    await expect.poll(() => ask('elsewhere', token), { timeout: 10_000 }).toBe(401)
    expect([await ask('here', other.token), await ask('elsewhere', other.token)]).toEqual([
      200, 200,
    ])
  })

  test('by a password change is refused, and a login of the same second is not', async () => {
    const before = await logIn('bob')
    await lifecycle.revokeSubject('bob')
    const after = await logIn('bob')
    expect([await ask('here', before.token), await ask('here', after.token)]).toEqual([401, 200])
  })

  test('cannot go on writing by cutting the process off from the feed', async () => {
    const { token, session } = await logIn('carol')
    isDown = true
    try {
      await lifecycle.revokeSession(session, { subject: 'carol' })
      await expect.poll(() => ask('elsewhere', token, 'POST'), { timeout: 10_000 }).toBe(503)
      expect(await ask('here', token, 'POST')).toBe(401)
    } finally {
      isDown = false
    }
    await expect.poll(() => ask('elsewhere', token, 'POST'), { timeout: 15_000 }).toBe(401)
  }, 30_000)

  test('is not let in by a process that has just started and cannot read', async () => {
    const { token } = await logIn('dave')
    const mirror = createRevocationMirror({
      store: { feed: () => Promise.reject(new Error('down')) },
      issuer: ISSUER,
    })
    const gate = gateWith(mirror)
    const rule = { scopes: authenticated() }
    const routes = [{ path: '/things', gate, rule }]
    const fresh = await serveOn(adapter, { routes, vault: { gate, rule }, body: () => ({}) })
    const fields = [['Authorization', `Bearer ${token}`]] as const
    const answer = await sendRaw(fresh.origin, { method: 'GET', path: '/things', fields })
    expect([answer.status, answer.fields.some(([name]) => name === 'retry-after')]).toEqual([
      503,
      true,
    ])
    mirror.stop()
    await fresh.close()
  })
})
