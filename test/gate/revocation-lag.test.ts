import { afterEach, describe, expect, test, vi } from 'vitest'
import { createGate, type GateOptions } from '../../src/index.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { Outcome } from '../../src/outcome/outcome.js'
import type { RevocationLagPolicy } from '../../src/policy/route/revocation-lag.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

type Freshness = 'current' | 'lagging' | 'empty'

const READING = ['GET', 'HEAD', 'OPTIONS']
const WRITING = ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get', '']
const STALE = { kind: 'unavailable', reason: 'revocation_stale', retryAfterSeconds: 5 }

const events: GateEvent[] = []
afterEach(() => {
  events.length = 0
  vi.useRealTimers()
})

function decide(
  freshness: Freshness | (() => unknown),
  {
    method = 'GET',
    upgrade,
    revoked = false,
    gate,
    rule,
  }: {
    readonly method?: string
    readonly upgrade?: string
    readonly revoked?: boolean
    readonly gate?: RevocationLagPolicy
    readonly rule?: RevocationLagPolicy
  } = {},
) {
  return gateOf(freshness, revoked, gate)
    .guard({
      accept: 'user',
      scopes: authenticated(),
      ...(rule === undefined ? {} : { revocationLag: rule }),
    })
    .decide(
      aView({
        method,
        fields: {
          authorization: 'Bearer user~alice',
          ...(upgrade === undefined ? {} : { upgrade }),
        },
      }),
      undefined,
    )
}

function gateOf(
  freshness: Freshness | (() => unknown),
  revoked = false,
  policy?: RevocationLagPolicy,
) {
  const answer = typeof freshness === 'function' ? freshness : () => freshness
  const revocation = { isRevoked: () => revoked, freshness: answer as () => Freshness }
  return createGate({
    resource: 'https://api.example.com',
    verifiers: { user: stubBearer() },
    revocation,
    ...(policy === undefined ? {} : { revocationLag: policy }),
    onEvent: (event) => events.push(event),
  })
}

const kindOf = async (outcome: Outcome | Promise<Outcome>) => (await outcome).kind

describe('a mirror that lags', () => {
  test.each(READING)('lets in what only reads: %s', async (method) => {
    expect(await kindOf(decide('lagging', { method }))).toBe('granted')
  })

  test.each(WRITING)('lets nothing in that may write: "%s"', async (method) => {
    expect(await decide('lagging', { method })).toMatchObject(STALE)
  })

  test('does not take a WebSocket for a request that only reads', async () => {
    expect(await decide('lagging', { upgrade: 'websocket' })).toMatchObject(STALE)
  })

  test('still refuses what it knows to be revoked: 401, whatever the policy', async () => {
    for (const freshness of ['lagging', 'empty'] as const) {
      for (const gate of ['refuse', 'accept', 'dangerously-accept-empty'] as const) {
        const outcome = await decide(freshness, { method: 'POST', revoked: true, gate })
        expect(outcome).toMatchObject({ kind: 'invalid_token', reason: 'revoked' })
      }
    }
  })

  test('is told in the trace, at the step of revocation', async () => {
    const outcome = await decide('lagging', { method: 'POST' })
    expect(outcome.trace.at(-1)).toEqual({ step: 'revocation', code: 'revocation_stale' })
  })

  test('is judged by the rule before the gate', async () => {
    const lets = (gate: RevocationLagPolicy, rule: RevocationLagPolicy, method: string) =>
      kindOf(decide('lagging', { gate, rule, method }))
    expect(await lets('refuse', 'accept', 'POST')).toBe('granted')
    expect(await lets('accept', 'refuse', 'GET')).toBe('unavailable')
    expect(await lets('accept', 'refuse-unsafe', 'POST')).toBe('unavailable')
    expect(await kindOf(decide('lagging', { gate: 'refuse' }))).toBe('unavailable')
    expect(await kindOf(decide('lagging', { gate: 'accept', method: 'POST' }))).toBe('granted')
  })
})

describe('a mirror that is empty', () => {
  test.each([...READING, ...WRITING])('lets nothing in: "%s"', async (method) => {
    for (const gate of ['refuse', 'refuse-unsafe', 'accept'] as const) {
      expect(await decide('empty', { method, gate })).toMatchObject(STALE)
    }
  })

  test('lets in if that is asked for by its dangerous name', async () => {
    const rule = 'dangerously-accept-empty'
    expect(await kindOf(decide('empty', { rule, method: 'POST' }))).toBe('granted')
  })
})

describe('a mirror of the application’s own', () => {
  test('that says nothing of freshness always knows all', async () => {
    const revocation = { isRevoked: () => false }
    const verifiers = { user: stubBearer() }
    const gate = createGate({ resource: 'https://api.example.com', verifiers, revocation })
    const view = aView({ method: 'POST', fields: { authorization: 'Bearer user~alice' } })
    expect(await kindOf(gate.guard({ scopes: authenticated() }).decide(view, undefined))).toBe(
      'granted',
    )
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['answers by a promise', () => Promise.resolve('current')],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['answers nothing', () => undefined],
    ['answers with another word', () => 'fresh'],
    ['answers with true', () => true],
  ])('whose freshness %s lets nobody in', async (_, freshness) => {
    for (const gate of ['refuse-unsafe', 'dangerously-accept-empty'] as const) {
      const outcome = await decide(freshness, { gate })
      expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'revocation_unavailable' })
    }
  })
})

describe('the operator', () => {
  test('is told of what was let in, once in ten seconds, with how many', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const guard = gateOf('lagging').guard({ scopes: authenticated() })
    const ask = () =>
      guard.decide(aView({ fields: { authorization: 'Bearer user~alice' } }), undefined)
    for (let i = 0; i < 100; i += 1) await ask()
    vi.advanceTimersByTime(9_999)
    await ask()
    const told = () => events.filter(({ kind }) => kind === 'revocation_stale')
    expect(told()).toMatchObject([{ freshness: 'lagging', accepted: 1 }])
    vi.advanceTimersByTime(1)
    await ask()
    expect(told()).toMatchObject([{ accepted: 1 }, { accepted: 101 }])
  })

  test('is told of what was refused as of every outage', async () => {
    await decide('lagging', { method: 'POST' })
    expect(events.map(({ kind }) => kind)).toEqual(['verified', 'failed', 'decided'])
    expect(events[1]).toMatchObject({ reason: 'revocation_stale' })
  })
})

describe('what cannot be right does not start', () => {
  const revocation = { isRevoked: () => false }
  const good = { resource: 'https://api.example.com', verifiers: { user: stubBearer() } }
  const gateWith = (more: object) =>
    createGate({ ...good, ...more } as GateOptions<never, { user: never }>)

  test.each([
    ['lenient', 'option_invalid'],
    [undefined, 'option_invalid'],
    [true, 'option_invalid'],
  ])('a gate whose policy is %s', (revocationLag, code) => {
    expect(() => gateWith({ revocation, revocationLag })).toThrow(expect.objectContaining({ code }))
  })

  test('a gate with a policy and no mirror', () => {
    expect(() => gateWith({ revocationLag: 'refuse' })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test.each([
    ['a word that is none', { revocation }, { revocationLag: 'lenient' }],
    ['undefined', { revocation }, { revocationLag: undefined }],
    ['for a gate without a mirror', {}, { revocationLag: 'refuse' }],
    ['for whoever comes', { revocation }, { accept: 'anyone', revocationLag: 'refuse' }],
  ])('a rule with a policy that is %s', (_, more, rule) => {
    const scopes = 'accept' in rule ? {} : { scopes: authenticated() }
    expect(() => gateWith(more).guard({ ...scopes, ...rule } as never)).toThrow(
      expect.objectContaining({ code: 'rule_invalid' }),
    )
  })
})
