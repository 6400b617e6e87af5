import { describe, expect, it, vi } from 'vitest'
import { createGate } from '../../src/gate.js'
import { createApiKey } from '../../src/lifecycle/api-key/api-key.js'
import { createOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import type { AttemptLimiter } from '../../src/lifecycle/throttle/attempt-limiter.js'
import { memoryLimiter } from '../../src/lifecycle/throttle/memory-limiter.js'
import { createThrottle } from '../../src/lifecycle/throttle/throttle.js'
import type { UserPrincipal } from '../../src/principal/principal.js'
import { apiKey } from '../../src/verify/api-key.js'
import { basic } from '../../src/verify/basic.js'
import { introspectedBearer } from '../../src/verify/introspected-bearer.js'
import { isVerification } from '../../src/verify/is-verification.js'
import { opaqueBearer } from '../../src/verify/opaque-bearer.js'
import { throttled } from '../../src/verify/throttled.js'
import type { Verification, VerificationContext, Verifier } from '../../src/verify/verifier.js'
import { aView } from '../support/views.js'
import { AUDIENCE, active, aSource, inactive } from './introspection/introspection-kit.js'
import {
  aContext,
  apiKeyCredential,
  aSpyStore,
  basicCredential,
  bearerCredential,
  NOW,
} from './verifier-kit.js'

const limiter = (attempts: number) => memoryLimiter({ attempts, per: '15m' })
const from = (remoteAddress: string, given: Partial<VerificationContext> = {}) =>
  aContext({ request: aView({ remoteAddress }), ...given })
const [HERE, ELSEWHERE] = [from('192.0.2.1'), from('192.0.2.2')]
const THROTTLED = { kind: 'throttled', limit: 'source', retryAfterSeconds: 900 }

/** A verifier of API keys with one good key, whose store counts, and others that nobody knows. */
function keys(attempts = 3) {
  const make = () =>
    createApiKey({ prefix: 'acme', applicationId: 'reports', scopes: [], now: NOW })
  const good = make()
  const records = new Map([[good.record.id, good.record]])
  const store = aSpyStore((id) => records.get(id) ?? null)
  const verifier = apiKey({
    prefix: 'acme',
    store,
    throttle: createThrottle({ source: limiter(attempts) }),
  })
  return {
    store,
    records,
    good: good.key.reveal(),
    unknown: () => make().key.reveal(),
    judge: (text: string, context = HERE) => verifier.verify(apiKeyCredential(text), context),
  }
}

describe('an API key', () => {
  it('is not looked up where too many unknown ones came from: throttled', async () => {
    const { store, unknown, judge, good } = keys()
    for (let made = 0; made < 3; made++) {
      expect(await judge(unknown())).toEqual({ kind: 'refused', reason: 'api_key_unknown' })
    }
    expect(store.calls).toHaveLength(3)
    for (const text of [unknown(), unknown(), good]) {
      expect(await judge(text)).toMatchObject({
        ...THROTTLED,
        retryAfterSeconds: expect.any(Number),
      })
    }
    expect(store.calls).toHaveLength(3)
    expect(await judge(unknown(), ELSEWHERE)).toMatchObject({ kind: 'refused' })
  })

  it('of a hundred at once, no more than the limit are looked up', async () => {
    const { store, unknown, judge } = keys(10)
    await Promise.all(Array.from({ length: 100 }, () => judge(unknown())))
    expect(store.calls).toHaveLength(10)
  })

  it('that was good a moment ago is let in at once, also where others are throttled', async () => {
    const { unknown, judge, good } = keys()
    expect(await judge(good)).toMatchObject({ kind: 'verified' })
    for (let made = 0; made < 5; made++) await judge(unknown())
    expect(judge(good)).toMatchObject({ kind: 'verified' }) // no promise
    expect(judge(good, ELSEWHERE)).toMatchObject({ kind: 'verified' })
  })

  it('that was good and is deleted is refused, and counted from then on', async () => {
    const { judge, good, records, store } = keys()
    await judge(good)
    records.clear()
    const kinds: string[] = []
    for (let made = 0; made < 5; made++) kinds.push((await judge(good)).kind)
    expect(kinds).toEqual(['refused', 'refused', 'refused', 'throttled', 'throttled'])
    expect(store.calls).toHaveLength(4)
  })

  it('that is good does not use up the limit, whatever number of it', async () => {
    const { judge, good } = keys()
    for (let made = 0; made < 50; made++) expect((await judge(good)).kind).toBe('verified')
  })

  it('that is mistyped costs no lookup, so it is neither counted nor throttled', async () => {
    const { judge, good, unknown } = keys(1)
    const mistyped = `${good.slice(0, -1)}${good.endsWith('a') ? 'b' : 'a'}`
    for (let made = 0; made < 5; made++) {
      expect(await judge(mistyped)).toEqual({ kind: 'refused', reason: 'api_key_checksum' })
    }
    expect((await judge(unknown())).kind).toBe('refused')
    expect((await judge(mistyped)).kind).toBe('refused')
  })

  it('is looked up at once, without a promise, where there is no throttle', () => {
    const { key, record } = createApiKey({
      prefix: 'acme',
      applicationId: 'reports',
      scopes: [],
      now: NOW,
    })
    const verifier = apiKey({ prefix: 'acme', store: { find: () => record } })
    expect(verifier.verify(apiKeyCredential(key.reveal()), HERE)).toMatchObject({
      kind: 'verified',
    })
  })
})

describe('an opaque token', () => {
  it('is not looked up where too many unknown ones came from', async () => {
    const store = aSpyStore(() => null)
    const throttle = createThrottle({ source: limiter(2) })
    const verifier = opaqueBearer({ store, throttle })
    const kinds: string[] = []
    for (let made = 0; made < 4; made++) {
      kinds.push((await verifier.verify(bearerCredential(`guess-${made}`), HERE)).kind)
    }
    expect(kinds).toEqual(['refused', 'refused', 'throttled', 'throttled'])
    expect(store.calls).toHaveLength(2)
  })

  it('that was good a moment ago is not counted', async () => {
    const { token, hash } = createOpaqueToken()
    const record = { hash, kind: 'user', subject: 'bob', scopes: [], expiresAt: NOW + 60 } as const
    const throttle = createThrottle({ source: limiter(1) })
    const verifier = opaqueBearer({ store: { find: () => record }, throttle })
    const judge = () => verifier.verify(bearerCredential(token.reveal()), HERE)
    await judge()
    expect(judge()).toMatchObject({ kind: 'verified' })
  })
})

describe('a token that is introspected', () => {
  it('is not asked about where too many unknown ones came from', async () => {
    const source = aSource(() => inactive)
    const throttle = createThrottle({ source: limiter(2) })
    const verifier = introspectedBearer({ source, audience: AUDIENCE, throttle })
    const kinds: string[] = []
    for (let made = 0; made < 4; made++) {
      kinds.push((await verifier.verify(bearerCredential(`guess-${made}`), HERE)).kind)
    }
    expect(kinds).toEqual(['refused', 'refused', 'throttled', 'throttled'])
    expect(source.asked).toHaveLength(2)
  })

  it('that was active a moment ago is let in at once, from memory', async () => {
    const source = aSource(({ token }) => (token.reveal() === 'good' ? active() : inactive))
    const throttle = createThrottle({ source: limiter(1) })
    const verifier = introspectedBearer({ source, audience: AUDIENCE, throttle })
    expect(await verifier.verify(bearerCredential('good'), HERE)).toMatchObject({
      kind: 'verified',
    })
    await verifier.verify(bearerCredential('guess'), HERE)
    expect(verifier.verify(bearerCredential('good'), HERE)).toMatchObject({ kind: 'verified' })
  })
})

describe('a password', () => {
  const verifierOf = (throttle: ReturnType<typeof createThrottle>) => {
    const store = aSpyStore((username) =>
      username === 'alice' ? { username, passwordHash: 'hash of right' } : null,
    )
    const verify = vi.fn(async (password: string, hash: string) =>
      hash === `hash of ${password}`
        ? ({ kind: 'match', rehash: false } as const)
        : ({ kind: 'mismatch' } as const),
    )
    const hasher = { hash: async () => '', verify, decoyHash: () => 'decoy' }
    const verifier = basic({ realm: 'ops', store, passwords: hasher, throttle })
    return {
      store,
      verify,
      judge: async (username: string, password: string, context = HERE) =>
        (await verifier.verify(basicCredential(username, password), context)).kind,
    }
  }

  it('is neither looked up nor hashed beyond the limit of its account, not even the right one', async () => {
    const { store, verify, judge } = verifierOf(createThrottle({ accountAndSource: limiter(2) }))
    for (const username of ['alice', 'nobody']) {
      for (const password of ['a', 'b']) expect(await judge(username, password)).toBe('refused')
      for (const password of ['c', 'right'])
        expect(await judge(username, password)).toBe('throttled')
    }
    expect(store.calls).toHaveLength(4)
    expect(verify).toHaveBeenCalledTimes(4)
    expect(await judge('alice', 'right', ELSEWHERE)).toBe('verified')
  })

  it('that is right forgets the wrong ones before it', async () => {
    const { judge } = verifierOf(createThrottle({ accountAndSource: limiter(2) }))
    for (let round = 0; round < 3; round++) {
      expect([await judge('alice', 'a'), await judge('alice', 'right')]).toEqual([
        'refused',
        'verified',
      ])
    }
  })

  it('is counted by the exact spelling of its account, which is what the store is asked for', async () => {
    const { judge } = verifierOf(createThrottle({ account: limiter(1) }))
    expect([
      await judge('alice', 'a'),
      await judge('Alice', 'a'),
      await judge('alice', 'b'),
    ]).toEqual(['refused', 'refused', 'throttled'])
  })
})

describe('a verifier whose throttle', () => {
  const down: AttemptLimiter = {
    consume: () => Promise.reject(new Error('down')),
    reward: () => Promise.reject(new Error('down')),
    delete: () => Promise.reject(new Error('down')),
  }
  const judge = (throttle: ReturnType<typeof createThrottle>, report = vi.fn()) => {
    const store = aSpyStore(() => null)
    const verifier = opaqueBearer({ store, throttle })
    return {
      store,
      report,
      verification: verifier.verify(bearerCredential('a'), from('::', { report })),
    }
  }

  it('is down cannot judge, and asks no store', async () => {
    const { verification, store } = judge(createThrottle({ source: down }))
    expect(await verification).toMatchObject({
      kind: 'unavailable',
      reason: 'throttle_unavailable',
    })
    expect(store.calls).toEqual([])
  })

  it('is down tells the operator where credentials are let through by name', async () => {
    const { verification, report } = judge(
      createThrottle({ source: down, dangerouslyAllowUncounted: true }),
    )
    expect(await verification).toMatchObject({ kind: 'refused' })
    expect(report).toHaveBeenCalledWith({
      kind: 'throttle_failed',
      at: NOW,
      cause: new Error('down'),
    })
  })

  it.each([undefined, null, {}, { attempt: true }])('is %j does not start', (throttle) => {
    for (const make of [
      () => apiKey({ prefix: 'acme', store: { find: () => null }, throttle: throttle as never }),
      () => opaqueBearer({ store: { find: () => null }, throttle: throttle as never }),
      () => basic({ realm: 'a', store: { find: () => null }, throttle: throttle as never }),
    ]) {
      expect(make).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    }
  })
})

describe('what became of an attempt', () => {
  const ends = async (verification: Verification) => {
    const throttle = createThrottle({ source: limiter(1) })
    const judge = () => throttled(throttle, {}, HERE, () => verification)
    return [(await judge()).kind, (await judge()).kind]
  }

  it('is nothing where the client is told a nonce, and comes again at once', async () => {
    for (const reason of ['nonce_missing', 'nonce_stale'] as const) {
      expect(await ends({ kind: 'refused', reason })).toEqual(['refused', 'refused'])
    }
  })

  it('is nothing where the credential could not be judged', async () => {
    expect(await ends({ kind: 'unavailable', reason: 'store_unavailable' })).toEqual([
      'unavailable',
      'unavailable',
    ])
  })

  it('is a failure where it was refused', async () => {
    expect(await ends({ kind: 'refused', reason: 'token_unknown' })).toEqual([
      'refused',
      'throttled',
    ])
  })

  it('is no verification if it names no limit, or no time to wait', () => {
    expect(isVerification(THROTTLED)).toBe(true)
    expect(isVerification({ ...THROTTLED, limit: 'mood' })).toBe(false)
    expect(isVerification({ ...THROTTLED, retryAfterSeconds: '5' })).toBe(false)
    expect(isVerification({ ...THROTTLED, retryAfterSeconds: Number.NaN })).toBe(false)
  })
})

describe('a gate behind a proxy', () => {
  const gateOf = (verifier: Verifier<UserPrincipal>, more: object = {}) =>
    createGate({
      resource: 'https://api.example.com',
      proxy: { hops: 1, ...more },
      verifiers: { user: verifier },
    })
  const store = { find: () => null }
  const limited = () => opaqueBearer({ store, throttle: createThrottle({ source: limiter(1) }) })

  it('does not start where a throttle would take all its clients for one', () => {
    expect(() => gateOf(limited())).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    expect(() => gateOf(limited(), { clientAddressField: 'x-forwarded-for' })).not.toThrow()
    expect(() => gateOf(opaqueBearer({ store }))).not.toThrow()
  })

  it('tells handlers the network of a request, and does not make one up', () => {
    const fields = { 'x-forwarded-for': '6.6.6.6, 198.51.100.1' }
    const view = aView({ remoteAddress: '10.0.0.1', fields })
    const gate = gateOf(limited(), { clientAddressField: 'x-forwarded-for' })
    expect(gate.clientNetwork(view)).toBe('198.51.100.1')
    expect(() => gateOf(opaqueBearer({ store })).clientNetwork(view)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
