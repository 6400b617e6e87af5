import { describe, expect, test } from 'vitest'
import type { RequestView } from '../../src/credential/request-view.js'
import { createGate } from '../../src/gate.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { Outcome } from '../../src/outcome/outcome.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
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

const decide = (request: RequestView, gate = aGate()): Promise<Outcome> =>
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

  test('a request without a credential may come without TLS, to be told what is needed', async () => {
    expect(await decide(aView({ encrypted: false }))).toMatchObject({ kind: 'unauthenticated' })
  })
})

describe('events', () => {
  test('each decision is reported once, with its reason and no secret', async () => {
    const events: GateEvent[] = []
    await decide(bearing('user~alice~things.read'), aGate({ events }))
    await decide(bearing('junk'), aGate({ events }))
    await decide(bearing('throw~hidden'), aGate({ events }))
    expect(events).toMatchObject([
      {
        kind: 'decided',
        outcome: 'granted',
        reason: null,
        principal: 'user',
        at: NOW,
        method: 'GET',
      },
      { kind: 'decided', outcome: 'invalid_token', reason: 'token_unknown', principal: null },
      { kind: 'failed', reason: 'verifier_failed', cause: expect.any(Error) },
      { kind: 'decided', outcome: 'unavailable', reason: 'verifier_failed' },
    ])
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
