import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CheckedLogin, judgeLogin } from '../../../src/policy/route/judge-login.js'
import { establishApplication, establishUser } from '../../../src/principal/establish.js'
import type { Authentication } from '../../../src/principal/principal.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const NOW = 1_000_000
const grant = defineScopes({ resources: {} }).grant('')

const aUser = (authentication: Partial<Authentication> = {}) =>
  establishUser({
    issuer: 'https://id.example.com',
    subject: 'alice',
    clientId: null,
    grant,
    claims: {},
    authentication: { time: null, acr: null, amr: [], ...authentication },
    credentialId: null,
    expiresAt: null,
  })
const anApplication = establishApplication({
  issuer: 'https://id.example.com',
  applicationId: 'robot',
  grant,
  credentialId: null,
  expiresAt: null,
})
const login = (requirement: Partial<CheckedLogin>): CheckedLogin => ({
  maxAgeSeconds: null,
  acr: [],
  ...requirement,
})

describe('how recent a login is', () => {
  const within = (time: number | null, maxAgeSeconds = 300) =>
    judgeLogin(login({ maxAgeSeconds }), aUser({ time }), NOW)

  test.each([
    [NOW - 299, 'satisfied'],
    [NOW - 300, 'satisfied'],
    [NOW - 300.5, 'login_too_old'],
    [NOW - 301, 'login_too_old'],
    [NOW, 'satisfied'],
    [NOW + 60, 'satisfied'],
    [NOW + 61, 'login_too_old'],
    [0, 'login_too_old'],
    [-1, 'login_too_old'],
    [null, 'login_too_old'],
    [Number.NaN, 'login_too_old'],
    [Number.POSITIVE_INFINITY, 'login_too_old'],
    [Number.NEGATIVE_INFINITY, 'login_too_old'],
  ])('at %s: %s', (time, expected) => {
    expect(within(time)).toBe(expected)
  })

  test('may be asked to be this very second', () => {
    expect(within(NOW, 0)).toBe('satisfied')
    expect(within(NOW - 1, 0)).toBe('login_too_old')
  })

  test('an older login never does where a newer one does not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: NOW }),
        fc.nat(NOW),
        fc.nat(NOW),
        (time, older, age) => {
          if (within(time, age) === 'login_too_old') {
            expect(within(time - older, age)).toBe('login_too_old')
          }
        },
      ),
    )
  })
})

describe('how strong a login is', () => {
  const strength = (acr: string | null) =>
    judgeLogin(login({ acr: ['gold', 'silver'] }), aUser({ acr }), NOW)

  test('any one of the classes is enough', () => {
    expect([strength('gold'), strength('silver')]).toEqual(['satisfied', 'satisfied'])
  })

  test.each(['bronze', 'Gold', 'gold ', 'gold silver', '', 'gol', 'golden', null])(
    '%j is none of them',
    (acr) => {
      expect(strength(acr)).toBe('login_too_weak')
    },
  )
})

describe('both at once', () => {
  const both = login({ acr: ['gold'], maxAgeSeconds: 300 })

  test('are both needed, and the strength is told first', () => {
    expect(judgeLogin(both, aUser({ acr: 'gold', time: NOW }), NOW)).toBe('satisfied')
    expect(judgeLogin(both, aUser({ acr: 'gold', time: NOW - 301 }), NOW)).toBe('login_too_old')
    expect(judgeLogin(both, aUser({ acr: 'silver', time: NOW }), NOW)).toBe('login_too_weak')
    expect(judgeLogin(both, aUser(), NOW)).toBe('login_too_weak')
  })
})

describe('who has not logged in', () => {
  test('satisfies no requirement', () => {
    for (const requirement of [login({ maxAgeSeconds: 300 }), login({ acr: ['gold'] })]) {
      expect(judgeLogin(requirement, anApplication, NOW)).not.toBe('satisfied')
      expect(judgeLogin(requirement, aUser(), NOW)).not.toBe('satisfied')
    }
  })

  test('needs none where none is required', () => {
    expect(judgeLogin(null, anApplication, NOW)).toBe('satisfied')
  })
})
