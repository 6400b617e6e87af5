import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeClaims } from '../../src/jwt/claims.js'
import { CLAIMS, NOW } from './tokens.js'

const second = fc.integer({ min: NOW - 200, max: NOW + 200 })
const times = fc.record({
  now: second,
  exp: second,
  iat: second,
  nbf: fc.option(second, { nil: undefined }),
  leeway: fc.integer({ min: 0, max: 60 }),
  maxLifetime: fc.option(fc.integer({ min: 1, max: 300 })),
})

const accepts = (given: typeof times extends fc.Arbitrary<infer Times> ? Times : never) => {
  const { now, exp, iat, nbf, leeway, maxLifetime } = given
  const policy = {
    issuer: CLAIMS.iss,
    audiences: new Set([CLAIMS.aud]),
    leewaySeconds: leeway,
    maxLifetimeSeconds: maxLifetime,
  }
  return judgeClaims({ ...CLAIMS, exp, iat, nbf }, null, policy, now).kind === 'accepted'
}

describe('the times of a token', () => {
  it('accept it exactly in its window, widened by the leeway', () => {
    fc.assert(
      fc.property(times, (given) => {
        const { now, exp, iat, nbf, leeway, maxLifetime } = given
        const isInWindow = Math.max(iat, nbf ?? iat) - leeway <= now && now < exp + leeway
        const isRightLength = exp > iat && (maxLifetime === null || exp - iat <= maxLifetime)
        expect(accepts(given)).toBe(isInWindow && isRightLength)
      }),
      { numRuns: 1000 },
    )
  })

  it('accept it at one stretch: once it has ended, it never begins again', () => {
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        (given, first, more) => {
          fc.pre(accepts(given) && !accepts({ ...given, now: given.now + first }))
          expect(accepts({ ...given, now: given.now + first + more })).toBe(false)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never accept less with more leeway, or with a longer limit', () => {
    fc.assert(
      fc.property(times, fc.nat({ max: 60 }), fc.nat({ max: 300 }), (given, leeway, limit) => {
        fc.pre(accepts(given))
        const maxLifetime = given.maxLifetime === null ? null : given.maxLifetime + limit
        expect(accepts({ ...given, leeway: given.leeway + leeway, maxLifetime })).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

describe('judgeClaims', () => {
  it('never throws and never accepts a claim of the wrong type', () => {
    const claim = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(CLAIMS.iss, CLAIMS.aud, NOW, NOW - 10, NOW + 10, ['x']),
    )
    const claims = fc.dictionary(
      fc.constantFrom(
        'iss',
        'aud',
        'exp',
        'iat',
        'nbf',
        'sub',
        'jti',
        'client_id',
        'auth_time',
        'acr',
        'amr',
      ),
      claim,
    )
    const policy = {
      issuer: CLAIMS.iss,
      audiences: new Set([CLAIMS.aud]),
      leewaySeconds: 0,
      maxLifetimeSeconds: 3_600,
    }
    fc.assert(
      fc.property(claims, (changes) => {
        const all: Readonly<Record<string, unknown>> = { ...CLAIMS, ...changes }
        if (judgeClaims(all, null, policy, NOW).kind !== 'accepted') return
        expect(all['iss']).toBe(CLAIMS.iss)
        expect([all['aud']].flat()).toContain(CLAIMS.aud)
        for (const name of ['exp', 'iat', 'nbf', 'auth_time']) {
          expect(['number', 'undefined']).toContain(typeof all[name])
        }
        for (const name of ['sub', 'jti', 'client_id', 'acr']) {
          expect(['string', 'undefined']).toContain(typeof all[name])
        }
      }),
      { numRuns: 1000 },
    )
  })
})
