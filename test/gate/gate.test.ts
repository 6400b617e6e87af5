import { describe, expect, test } from 'vitest'
import type { RequestView } from '../../src/credential/request-view.js'
import { createGate } from '../../src/gate.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { Outcome } from '../../src/outcome/outcome.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import type { Eventual } from '../../src/shared/eventual.js'
import { stubApiKey, stubBearer, stubCookie } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

const NOW = 1_000_000

function aGate(options: { readonly revoked?: string; readonly events?: GateEvent[] } = {}) {
  return createGate({
    resource: 'https://api.example.com',
    clock: { now: () => NOW },
    scopes: defineScopes({ resources: { things: ['read', 'write'] } }),
    verifiers: { user: stubBearer(), session: stubCookie('sid'), machine: stubApiKey('acme') },
    revocation: {
      isRevoked: ({ credentialId }) => {
        if (credentialId === 'unknowable') throw new Error('the mirror is broken')
        return credentialId === options.revoked
      },
    },
    onEvent: (event) => options.events?.push(event),
  })
}

const bearing = (token: string, more: Partial<Parameters<typeof aView>[0]> = {}) =>
  aView({ ...more, fields: { authorization: `Bearer ${token}`, ...more?.fields } })

const read = { accept: 'user', scopes: 'things:read' } as const

const decide = (request: RequestView, gate = aGate()): Eventual<Outcome> =>
  gate.guard(read).decide(request, undefined)

describe('each outcome once', () => {
  test('nothing presented: unauthenticated', async () => {
    expect(await decide(aView())).toMatchObject({
      kind: 'unauthenticated',
      reason: 'credential_missing',
      trace: [{ step: 'collect', code: 'credential_missing' }],
    })
  })

  test('a scheme that no verifier reads: unauthenticated', async () => {
    const request = aView({ fields: { authorization: 'Digest a="b"' } })
    expect(await decide(request)).toMatchObject({
      kind: 'unauthenticated',
      reason: 'scheme_unsupported',
    })
    const basic = aView({ fields: { authorization: 'Basic YTpi' } })
    expect(await decide(basic)).toMatchObject({
      kind: 'unauthenticated',
      reason: 'scheme_unsupported',
    })
  })

  test('a credential of another verifier: unauthenticated', async () => {
    const request = aView({ fields: { 'x-api-key': 'acme_x' } })
    expect(await decide(request)).toMatchObject({
      kind: 'unauthenticated',
      reason: 'credential_not_accepted',
    })
  })

  test('a bearer token of the other format is judged by the one verifier that the route takes', async () => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { jwt: stubBearer('jwt'), opaque: stubBearer('opaque') },
    })
    const guard = gate.guard({ accept: 'jwt', scopes: authenticated() })
    expect(await guard.decide(bearing('junk'), undefined)).toMatchObject({
      kind: 'invalid_token',
      reason: 'token_unknown',
    })
  })

  test('two credentials: an invalid request', async () => {
    expect(await decide(bearing('user~a', { fields: { 'x-api-key': 'acme_x' } }))).toMatchObject({
      kind: 'invalid_request',
      reason: 'several_credentials',
    })
  })

  test('a claim at fault is named in the trace, never its value', async () => {
    const verifier = stubBearer()
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: {
        user: {
          ...verifier,
          verify: async () => ({ kind: 'refused', reason: 'claim_missing', claim: 'exp' }),
        },
      },
    })
    const outcome = await gate.guard({ scopes: authenticated() }).decide(bearing('x'), undefined)
    expect(outcome.trace.at(-1)).toEqual({ step: 'verify', code: 'claim_missing', claim: 'exp' })
  })

  test('a bad credential: invalid', async () => {
    expect(await decide(bearing('junk'))).toMatchObject({
      kind: 'invalid_token',
      reason: 'token_unknown',
    })
  })

  test('a verifier that cannot tell: unavailable, for as long as it says', async () => {
    expect(await decide(bearing('down'))).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
      retryAfterSeconds: 9,
    })
  })

  test('a verifier that has had too many attempts: throttled, for as long as it says, and rounded up', async () => {
    expect(await decide(bearing('flood'))).toEqual({
      kind: 'throttled',
      reason: 'source_throttled',
      retryAfterSeconds: 61,
      trace: [
        { step: 'collect', code: 'passed' },
        { step: 'ambiguity', code: 'passed' },
        { step: 'choose', code: 'passed' },
        { step: 'verify', code: 'source_throttled' },
      ],
    })
  })

  test('a verifier that throws: unavailable', async () => {
    expect(await decide(bearing('throw'))).toMatchObject({
      kind: 'unavailable',
      reason: 'verifier_failed',
    })
  })

  test('a revoked credential: invalid', async () => {
    expect(
      await decide(bearing('user~alice~things.read'), aGate({ revoked: 'alice' })),
    ).toMatchObject({
      kind: 'invalid_token',
      reason: 'revoked',
    })
  })

  test('a mirror that throws: unavailable', async () => {
    expect(await decide(bearing('user~unknowable~things.read'))).toMatchObject({
      kind: 'unavailable',
      reason: 'revocation_unavailable',
    })
  })

  test('a missing scope: insufficient, with what is missing', async () => {
    expect(await decide(bearing('user~alice~things.write'))).toMatchObject({
      kind: 'insufficient_scope',
      missing: ['things:read'],
    })
  })

  test('both doors passed: granted', async () => {
    const outcome = await decide(bearing('user~alice~things.read'))
    expect(outcome).toMatchObject({
      kind: 'granted',
      principal: { kind: 'user', subject: 'alice' },
      resource: undefined,
    })
  })

  test('a preflight is not judged, and its like without the method is', async () => {
    const preflight = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
    expect(await decide(aView({ method: 'OPTIONS', fields: preflight }))).toMatchObject({
      kind: 'preflight',
    })
    expect(
      await decide(aView({ method: 'OPTIONS', fields: { origin: 'https://a.example' } })),
    ).toMatchObject({ kind: 'unauthenticated' })
  })
})

describe("a verifier of one's own", () => {
  test('establishes the principal that it has proven, with what the gate hands to it', async () => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: {
        partner: {
          ...stubBearer(),
          verify: async (_credential, { establish, scopes, now }) => ({
            kind: 'verified',
            principal: establish.application({
              issuer: 'partners',
              applicationId: 'acme',
              grant: scopes.grant(''),
              credentialId: null,
              expiresAt: now + 1,
            }),
          }),
        },
      },
    })
    const outcome = await gate.guard({ scopes: authenticated() }).decide(bearing('x'), undefined)
    expect(outcome).toMatchObject({
      kind: 'granted',
      principal: { kind: 'application', applicationId: 'acme' },
    })
  })
})

describe('an answer that is none', () => {
  const answering = (answer: unknown) =>
    createGate({
      resource: 'https://api.example.com',
      verifiers: { user: { ...stubBearer(), verify: async () => answer as never } },
    })
      .guard({ scopes: authenticated() })
      .decide(bearing('x'), undefined)

  test.each([
    undefined,
    null,
    'verified',
    {},
    { kind: 'verified' },
    { kind: 'verified', principal: null },
    { kind: 'verified', principal: { kind: 'anonymous' } },
    { kind: 'verified', principal: { kind: 'user' } },
    { kind: 'expired', principal: { kind: 'user' } },
    { kind: 'refused' },
  ])('of a verifier, %o, lets nobody in', async (answer) => {
    expect(await answering(answer)).toMatchObject({
      kind: 'unavailable',
      reason: 'verifier_failed',
    })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])(
    'a time to come back of %o becomes one that is',
    async (retryAfterSeconds) => {
      const answer = { kind: 'unavailable', reason: 'store_unavailable', retryAfterSeconds }
      expect(await answering(answer)).toMatchObject({ retryAfterSeconds: 5 })
    },
  )

  test('of a verifier that throws when it is looked at lets nobody in, and rejects nothing', async () => {
    const answer = {
      get kind() {
        throw new Error('a getter that fails')
      },
    }
    expect(await answering(answer)).toMatchObject({ reason: 'verifier_failed' })
  })

  test('a time to come back is a second at least, and a day at most', async () => {
    for (const [asked, told] of [
      [-1, 1],
      [0.5, 1],
      [86_400, 86_400],
      [1e300, 86_400],
    ]) {
      const answer = { kind: 'unavailable', reason: 'store_unavailable', retryAfterSeconds: asked }
      expect(await answering(answer)).toMatchObject({ retryAfterSeconds: told })
    }
  })

  test.each([
    undefined,
    null,
    0,
    '',
    async () => false,
    async () => Promise.reject(new Error('x')),
  ])('of a revocation mirror, %o, lets nobody in and accuses nobody', async (answer) => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: stubBearer() },
      revocation: {
        isRevoked: () => (typeof answer === 'function' ? answer() : answer) as never,
      },
    })
    expect(
      await gate.guard({ scopes: authenticated() }).decide(bearing('user~a'), undefined),
    ).toMatchObject({ kind: 'unavailable', reason: 'revocation_unavailable' })
  })
})

describe('a clock that says no time', () => {
  test.each([
    ['NaN', () => Number.NaN],
    ['nothing', () => undefined],
    ['a promise', async () => NOW],
    ['a fraction', () => 0.5],
    ['milliseconds', () => Date.now()],
    [
      'an error',
      () => {
        throw new Error('no clock')
      },
    ],
  ])('but %s lets nobody in', async (_, now) => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: stubBearer() },
      clock: { now: now as () => number },
    })
    const outcome = await gate
      .guard({ scopes: authenticated() })
      .decide(bearing('user~a'), undefined)
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'clock_failed' })
  })
})

describe('ambient credentials', () => {
  const guard = aGate().guard({ accept: 'session', scopes: authenticated() })
  const posted = (site: string) =>
    aView({ method: 'POST', fields: { cookie: 'sid=user~alice', 'sec-fetch-site': site } })

  test('a cookie from another site is denied after it was verified', async () => {
    expect(await guard.decide(posted('cross-site'), undefined)).toMatchObject({
      kind: 'denied',
      reason: 'cross_site_request',
      hidden: false,
    })
    expect(await guard.decide(posted('same-origin'), undefined)).toMatchObject({ kind: 'granted' })
  })
})

describe('the resource', () => {
  const gate = aGate()
  const things = new Map([['1', { owner: 'alice' }]])
  const guard = (hide: boolean) =>
    gate.guard({
      ...read,
      load: (id: string) => things.get(id),
      allow: (who, thing) => who.subject === thing.owner,
      hide,
    })

  test("one's own is granted with the resource", async () => {
    expect(await guard(false).decide(bearing('user~alice~things.read'), '1')).toMatchObject({
      kind: 'granted',
      resource: { owner: 'alice' },
    })
  })

  test("someone else's is denied, and hidden if the rule says so", async () => {
    const request = bearing('user~bob~things.read')
    expect(await guard(false).decide(request, '1')).toMatchObject({ kind: 'denied', hidden: false })
    expect(await guard(true).decide(request, '1')).toMatchObject({ kind: 'denied', hidden: true })
  })

  test('one that is not there is absent', async () => {
    expect(await guard(false).decide(bearing('user~alice~things.read'), '2')).toMatchObject({
      kind: 'absent',
    })
  })

  test.each([1, 'yes', {}, undefined, null, Promise.resolve(1)])(
    'an allow that returns %o denies',
    async (answer) => {
      const rule = { ...read, allow: () => answer as boolean }
      expect(await gate.guard(rule).decide(bearing('user~a~things.read'), undefined)).toMatchObject(
        {
          kind: 'denied',
        },
      )
    },
  )

  test.each(['load', 'allow'] as const)('a %s that throws lets nobody in', async (step) => {
    const broken = {
      ...read,
      [step]: () => {
        throw new Error('broken')
      },
    }
    const outcome = await gate.guard(broken).decide(bearing('user~a~things.read'), undefined)
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'policy_failed' })
    expect(outcome.trace.at(-1)).toEqual({ step, code: 'policy_failed' })
  })
})

describe('a route for anyone', () => {
  test('is open: nothing that was sent is looked at', async () => {
    const guard = aGate().guard({ accept: 'anyone' })
    for (const request of [
      aView(),
      bearing('junk'),
      aView({ url: '/?access_token=x', encrypted: false }),
    ]) {
      expect(await guard.decide(request, undefined)).toMatchObject({
        kind: 'granted',
        principal: { kind: 'anonymous' },
      })
    }
  })

  test('among others makes the credential optional, not its being good', async () => {
    const guard = aGate().guard({ accept: ['anyone', 'user'] })
    const kind = async (request: RequestView) => (await guard.decide(request, undefined)).kind
    expect(await kind(aView())).toBe('granted')
    expect(await kind(bearing('user~alice'))).toBe('granted')
    expect(await kind(bearing('junk'))).toBe('invalid_token')
    expect(await kind(aView({ fields: { 'x-api-key': 'acme_x' } }))).toBe('unauthenticated')
    expect(await kind(bearing('user~alice', { fields: { 'x-api-key': 'acme_x' } }))).toBe(
      'invalid_request',
    )
  })
})

describe('someone who has not said who they are', () => {
  const guard = (accept: readonly ('anyone' | 'user')[] | 'anyone', hide = false) =>
    aGate().guard({ accept, allow: (who) => who.kind === 'user', hide })

  test('is asked to, where a credential would be taken', async () => {
    expect(await guard(['anyone', 'user']).decide(aView(), undefined)).toMatchObject({
      kind: 'unauthenticated',
      challenges: [{ scheme: 'Bearer' }],
    })
    expect(await guard(['anyone', 'user']).decide(bearing('user~a'), undefined)).toMatchObject({
      kind: 'granted',
    })
  })

  test('is denied where none would be, and told nothing where the rule hides', async () => {
    expect(await guard('anyone').decide(aView(), undefined)).toMatchObject({ kind: 'denied' })
    expect(await guard(['anyone', 'user'], true).decide(aView(), undefined)).toMatchObject({
      kind: 'denied',
      hidden: true,
    })
  })

  test('leaves a trace of the steps that were taken, and of no other', async () => {
    const steps = async (accept: readonly ('anyone' | 'user')[] | 'anyone') =>
      (await aGate().guard({ accept }).decide(aView(), undefined)).trace.map(({ step }) => step)
    expect(await steps('anyone')).toEqual(['load', 'allow'])
    expect(await steps(['anyone', 'user'])).toEqual(['collect', 'ambiguity', 'load', 'allow'])
  })
})

describe('step-up', () => {
  const guard = (login: { maxAge?: number; acr?: readonly string[] }) =>
    aGate().guard({ accept: 'user', scopes: authenticated(), login })
  const loggedInAt = (time: number) => bearing(`user~alice~~${time}`)

  test('a login is recent enough up to the last second', async () => {
    const kind = async (time: number) =>
      (await guard({ maxAge: 300 }).decide(loggedInAt(time), undefined)).kind
    expect(await kind(NOW - 300)).toBe('granted')
    expect(await kind(NOW - 301)).toBe('insufficient_user_authentication')
  })

  test('a login from the far future is not recent', async () => {
    const kind = async (time: number) =>
      (await guard({ maxAge: 300 }).decide(loggedInAt(time), undefined)).kind
    expect(await kind(NOW + 60)).toBe('granted')
    expect(await kind(NOW + 61)).toBe('insufficient_user_authentication')
  })

  test('one of the classes is enough, another one is not', async () => {
    const decided = (acr: readonly string[]) => guard({ acr }).decide(loggedInAt(NOW), undefined)
    expect(await decided(['gold', 'silver'])).toMatchObject({ kind: 'granted' })
    expect(await decided(['gold'])).toMatchObject({
      kind: 'insufficient_user_authentication',
      reason: 'login_too_weak',
    })
  })

  test('an application never logs in', async () => {
    const recent = aGate().guard({
      accept: 'machine',
      scopes: authenticated(),
      login: { maxAge: 1 },
    })
    expect(
      await recent.decide(aView({ fields: { 'x-api-key': 'acme_x' } }), undefined),
    ).toMatchObject({
      kind: 'insufficient_user_authentication',
    })
  })
})

describe('transport', () => {
  test('a credential without TLS is refused and reported by its fingerprint', async () => {
    const events: GateEvent[] = []
    const request = bearing('user~alice~things.read', { encrypted: false })
    expect(await decide(request, aGate({ events }))).toMatchObject({
      kind: 'invalid_request',
      reason: 'credential_over_cleartext',
    })
    expect(events[0]).toEqual({
      kind: 'leaked',
      at: NOW,
      where: 'cleartext',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
  })

  test('whatever else is wrong, a leak is reported; without a fingerprint where there is no one text', async () => {
    const leaks = async (request: RequestView) => {
      const events: GateEvent[] = []
      const outcome = await decide(request, aGate({ events }))
      return [outcome.kind === 'invalid_request' && outcome.reason, events[0]]
    }
    const cleartext = { kind: 'leaked', at: NOW, where: 'cleartext', fingerprint: null }
    const two = bearing('user~a', { fields: { 'x-api-key': 'acme_x' }, encrypted: false })
    expect(await leaks(two)).toEqual(['credential_over_cleartext', cleartext])
    const unknown = aView({ fields: { authorization: 'Token abc' }, encrypted: false })
    expect(await leaks(unknown)).toEqual(['credential_over_cleartext', cleartext])
  })

  test('the fast hash of a password never reaches the log', async () => {
    const events: GateEvent[] = []
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { ops: { ...stubBearer(), recognises: { kind: 'basic' } } },
      onEvent: (event) => events.push(event),
    })
    const guard = gate.guard({ scopes: authenticated() })
    await guard.decide(aView({ url: '/?password=hunter2' }), undefined)
    const fields = { authorization: 'Basic YTpodW50ZXIy' }
    await guard.decide(aView({ fields, encrypted: false }), undefined)
    const leaked = events.filter(({ kind }) => kind === 'leaked')
    expect(leaked).toMatchObject([
      { where: 'url', fingerprint: null },
      { where: 'cleartext', fingerprint: null },
    ])
  })

  test('a request without a credential may come without TLS, to be told what is needed', async () => {
    expect(await decide(aView({ encrypted: false }))).toMatchObject({ kind: 'unauthenticated' })
  })
})

describe('events', () => {
  test('each judgement and decision is reported once, with its reason and without the credential', async () => {
    const events: GateEvent[] = []
    await decide(bearing('user~alice~things.read'), aGate({ events }))
    await decide(bearing('junk'), aGate({ events }))
    await decide(bearing('throw~hidden'), aGate({ events }))
    expect(events).toMatchObject([
      {
        kind: 'verified',
        verifier: 'user',
        principal: { kind: 'user', issuer: 'stub', id: 'alice' },
        credentialId: 'alice',
      },
      {
        kind: 'decided',
        outcome: 'granted',
        reason: null,
        principal: 'user',
        at: NOW,
        method: 'GET',
      },
      { kind: 'refused', verifier: 'user', reason: 'token_unknown', claim: null },
      { kind: 'decided', outcome: 'invalid_token', reason: 'token_unknown', principal: null },
      { kind: 'failed', reason: 'verifier_failed', cause: expect.any(Error) },
      { kind: 'decided', outcome: 'unavailable', reason: 'verifier_failed' },
    ])
    const decided = JSON.stringify(events.filter(({ kind }) => kind === 'decided'))
    for (const secret of ['alice', 'junk', 'hidden']) expect(decided).not.toContain(secret)
  })

  test('a listener that rejects ends nothing', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listen)
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: stubBearer() },
      onEvent: async () => Promise.reject(new Error('the audit log is down')),
    })
    await gate.guard({ scopes: authenticated() }).decide(bearing('user~a'), undefined)
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })

  test('a listener that throws changes nothing', async () => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: stubBearer() },
      onEvent: () => {
        throw new Error('the log is full')
      },
    })
    const guard = gate.guard({ scopes: authenticated() })
    expect(await guard.decide(bearing('user~a'), undefined)).toMatchObject({ kind: 'granted' })
  })
})

describe('a route without a rule', () => {
  test('is refused to everyone, identity first', async () => {
    const guard = aGate().guardWithoutRule()
    expect(await guard.decide(aView(), undefined)).toMatchObject({ kind: 'unauthenticated' })
    expect(await guard.decide(bearing('junk'), undefined)).toMatchObject({ kind: 'invalid_token' })
    expect(await guard.decide(bearing('user~a'), undefined)).toMatchObject({
      kind: 'denied',
      reason: 'rule_missing',
    })
  })
})
