import { describe, expect, test, vi } from 'vitest'
import type { KeySource } from '../../src/jwt/jwk-set.js'
import type { JwtVerifierOptions } from '../../src/jwt/token-judge.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import type { IssuerResolver } from '../../src/verify/resolved-issuers.js'
import type { VerifierEvent } from '../../src/verify/verifier-event.js'
import { aContext, bearerCredential } from './verifier-kit.js'

const clock = createTestClock()
const NOW = clock.now()
const a = await createTestIssuer({ clock, issuer: 'https://a.example.com' })
const b = await createTestIssuer({ clock, issuer: 'https://b.example.com' })
const stranger = await createTestIssuer({ clock, issuer: 'https://c.example.com' })

function judging(issuers: readonly JwtVerifierOptions[] | IssuerResolver) {
  const verifier = jwtBearer({ issuers, cache: false })
  const events: VerifierEvent[] = []
  const judge = (token: string, now = NOW) =>
    verifier.verify(
      bearerCredential(token),
      aContext({ now, report: (event) => events.push(event) }),
    )
  return { judge, events }
}

const outage: KeySource = {
  current: () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
  refreshed: () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
}

const misleading = { kind: 'refused', reason: 'issuer_mismatch', claim: 'iss' }

describe('a verifier for several issuers', () => {
  test('takes the tokens of each, and tells their users apart by issuer', async () => {
    const { judge } = judging([a.trust, b.trust])
    for (const issuer of [a, b]) {
      expect(await judge(await issuer.token({ subject: 'alice' }))).toMatchObject({
        principal: { issuer: issuer.issuer, subject: 'alice' },
      })
    }
  })

  test("never verifies one issuer's token with the keys of another, though both are trusted", async () => {
    const { judge } = judging([a.trust, b.trust])
    expect(await judge(await b.token({ issuer: a.issuer }))).toMatchObject({ kind: 'refused' })
    // The same key id in both sets: the issuer decides, not the id.
    const [keyOfA] = a.trust.keys.keys
    const keys = { keys: b.trust.keys.keys.map((key) => ({ ...key, kid: keyOfA?.kid ?? '' })) }
    const confused = judging([a.trust, { ...b.trust, keys }])
    const crossed = await b.token({ issuer: a.issuer, header: { kid: keyOfA?.kid } })
    expect(await confused.judge(crossed)).toEqual({ kind: 'refused', reason: 'signature_invalid' })
  })

  test.each([
    ['a stranger', stranger.issuer, misleading],
    ['a trailing slash', `${a.issuer}/`, misleading],
    ['other letters', a.issuer.toUpperCase(), misleading],
    ['a prefix', a.issuer.slice(0, -1), misleading],
    ['a name that every object has', '__proto__', misleading],
    ['none', undefined, { kind: 'refused', reason: 'claim_missing', claim: 'iss' }],
  ])('refuses a token whose issuer is %s', async (_, issuer, refusal) => {
    const { judge } = judging([a.trust, b.trust])
    expect(await judge(await a.token({ issuer }))).toEqual(refusal)
  })

  test.each([null, 1, {}, ['https://a.example.com'], '', 'x'.repeat(1_025)])(
    'refuses a token whose issuer is no text: %j',
    async (iss) => {
      const { judge } = judging([a.trust, b.trust])
      expect(await judge(await a.token({ claims: { iss } }))).toEqual({
        kind: 'refused',
        reason: 'claim_malformed',
        claim: 'iss',
      })
    },
  )

  test('serves one while the keys of another cannot be had', async () => {
    const { judge } = judging([{ ...a.trust, keys: outage }, b.trust])
    expect(await judge(await a.token())).toMatchObject({
      kind: 'unavailable',
      reason: 'keys_unavailable',
      retryAfterSeconds: 7,
    })
    expect(await judge(await b.token())).toMatchObject({ kind: 'verified' })
  })

  test.each([
    ['no issuer', []],
    ['an issuer twice', [a.trust, a.trust]],
    ['an issuer without an audience', [{ ...a.trust, audience: undefined }]],
    ['text', 'https://a.example.com'],
  ])('is not made for %s', (_, issuers) => {
    expect(() => jwtBearer({ issuers } as never)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('is not made with settings beside the list, which would say nothing', () => {
    expect(() => jwtBearer({ issuers: [a.trust], audience: 'x' } as never)).toThrow(
      "jwtBearer: with 'issuers', 'audience' belongs to each of them.",
    )
  })
})

describe('issuers that are looked up', () => {
  const tenants = new Map<string, JwtVerifierOptions>([
    [a.issuer, a.trust],
    [b.issuer, b.trust],
  ])

  test('are asked for by the exact text of the token, once, however many tokens come', async () => {
    const resolve = vi.fn(async (issuer: string) => tenants.get(issuer) ?? null)
    const { judge } = judging(resolve)
    const tokens = await Promise.all(Array.from({ length: 50 }, () => a.token()))
    const verdicts = await Promise.all(tokens.map((token) => judge(token)))
    expect(verdicts.every(({ kind }) => kind === 'verified')).toBe(true)
    expect(resolve.mock.calls).toEqual([[a.issuer]])
    expect((await judge(await a.token(), NOW + 299)).kind).toBe('verified')
    expect(resolve).toHaveBeenCalledTimes(1)
    await judge(await a.token(), NOW + 300)
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  test('are refused as strangers, for half a minute without asking again', async () => {
    const resolve = vi.fn(() => null)
    const { judge } = judging(resolve)
    const token = await stranger.token()
    for (const after of [0, 29]) expect(await judge(token, NOW + after)).toEqual(misleading)
    expect(resolve).toHaveBeenCalledTimes(1)
    expect(await judge(token, NOW + 30)).toEqual(misleading)
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  test('are refused once the application has let them go', async () => {
    let isTenant = true
    const { judge } = judging(() => (isTenant ? a.trust : null))
    expect((await judge(await a.token())).kind).toBe('verified')
    isTenant = false
    expect((await judge(await a.token(), NOW + 299)).kind).toBe('verified')
    expect(await judge(await a.token(), NOW + 300)).toEqual(misleading)
  })

  test.each([
    ['is gone', null, 'refused'],
    ['cannot be looked up', new Error('the database is down'), 'verified'],
  ] as const)(
    'take the tokens along that were verified a moment before: one that %s',
    async (_, cause, after) => {
      let isTenant = true
      const verifier = jwtBearer({
        issuers: () => {
          if (isTenant) return a.trust
          if (cause !== null) throw cause
          return null
        },
      })
      const token = await a.token()
      const judge = (text: string, now: number) =>
        verifier.verify(bearerCredential(text), aContext({ now }))
      await judge(await a.token(), NOW)
      isTenant = false
      expect((await judge(token, NOW + 299)).kind).toBe('verified')
      expect((await judge(token, NOW + 300)).kind).toBe(after)
    },
  )

  test('are served for an hour more while the look-up fails, asked for once in five seconds, and the operator is told', async () => {
    let isDown = false
    const cause = new Error('the database is down')
    const resolve = vi.fn(async (issuer: string) => {
      if (isDown) throw cause
      return tenants.get(issuer) ?? null
    })
    const { judge, events } = judging(resolve)
    await judge(await a.token())
    isDown = true
    for (const after of [300, 302, 304]) {
      expect((await judge(await a.token(), NOW + after)).kind).toBe('verified')
    }
    expect(resolve).toHaveBeenCalledTimes(2)
    expect(events).toEqual([
      { kind: 'issuer_unresolved', at: NOW + 300, issuer: a.issuer, ageSeconds: 300, cause },
    ])
    const last = NOW + 300 + 3_600
    const late = await a.token({ claims: { iat: last - 60, exp: last + 60 } })
    expect((await judge(late, last - 1)).kind).toBe('verified')
    expect(await judge(late, last + 5)).toMatchObject({
      kind: 'unavailable',
      reason: 'issuer_unresolved',
      retryAfterSeconds: 5,
    })
    isDown = false
    expect((await judge(late, last + 10)).kind).toBe('verified')
  })

  test('that fail leave the others alone', async () => {
    const { judge } = judging(async (issuer) => {
      if (issuer === a.issuer) throw new Error('the shard of tenant a is down')
      return tenants.get(issuer) ?? null
    })
    expect((await judge(await a.token())).kind).toBe('unavailable')
    expect((await judge(await b.token())).kind).toBe('verified')
    expect(await judge(await stranger.token())).toEqual(misleading)
  })

  test.each([
    [
      'throws at once',
      () => {
        throw new Error('no')
      },
    ],
    ['forgets its return', () => undefined as never],
    ['answers for another issuer', () => b.trust],
    ['answers with what starts no verifier', () => ({ ...a.trust, audience: '' })],
  ] as const)('are unavailable, and never refused, if the look-up %s', async (_, resolve) => {
    const { judge, events } = judging(resolve)
    expect(await judge(await a.token())).toMatchObject({ reason: 'issuer_unresolved' })
    expect(events).toMatchObject([{ kind: 'issuer_unresolved', ageSeconds: null }])
  })

  test('do not wait for ever for a look-up that hangs', async () => {
    vi.useFakeTimers()
    try {
      const token = await a.token()
      const { judge } = judging(() => new Promise(() => {}))
      const verdict = Promise.resolve(judge(token))
      await vi.advanceTimersByTimeAsync(2_000)
      expect(await verdict).toMatchObject({ kind: 'unavailable', reason: 'issuer_unresolved' })
    } finally {
      vi.useRealTimers()
    }
  })

  test('that are known do not wait in line behind made-up ones whose look-up is slow', async () => {
    const resolve = vi.fn((issuer: string) => tenants.get(issuer) ?? new Promise<null>(() => {}))
    const { judge } = judging(resolve)
    const token = await a.token()
    await judge(token)
    const [header = '', , signature = ''] = token.split('.')
    vi.useFakeTimers()
    try {
      const madeUp = Array.from({ length: 100 }, (_, number) => {
        const payload = Buffer.from(JSON.stringify({ iss: `https://${number}.example` }))
        return judge(`${header}.${payload.toString('base64url')}.${signature}`, NOW + 300)
      })
      const verdict = Promise.resolve(judge(token, NOW + 300))
      await vi.advanceTimersByTimeAsync(2_000)
      expect((await verdict).kind).toBe('verified')
      // Nobody has waited longer, and most of those whose turn had not come by then were not looked up at all.
      for (const refusal of await Promise.all(madeUp)) {
        expect(refusal).toMatchObject({ kind: 'unavailable', reason: 'issuer_unresolved' })
      }
      expect(resolve.mock.calls.length).toBeLessThan(50)
    } finally {
      vi.useRealTimers()
    }
  })

  test('that are made up by the thousand push out none that is known', async () => {
    const resolve = vi.fn((issuer: string) => tenants.get(issuer) ?? null)
    const { judge } = judging(resolve)
    await judge(await a.token())
    const forged = await a.token()
    const [header = '', , signature = ''] = forged.split('.')
    for (let number = 0; number < 2_000; number++) {
      const payload = Buffer.from(JSON.stringify({ iss: `https://${number}.example` }))
      await judge(`${header}.${payload.toString('base64url')}.${signature}`)
    }
    resolve.mockClear()
    expect((await judge(await a.token())).kind).toBe('verified')
    expect(resolve).not.toHaveBeenCalled()
  })
})
