import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Grant } from '../../src/scope/grant.js'
import { tokensFor, vocabularies } from '../support/scope-arbitraries.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'own', 'run', 'ban', 'see'], user: ['read'] },
  superuser: 'admin:all',
  explicitOnly: ['users:ban'],
  accepts: ['action:resource'],
  implies: {
    'users:write': ['users:read'],
    'users:own': ['users:see'],
    'users:run': ['users:see'],
  },
})

describe('the first questions to a grant, which no token has been taken apart for', () => {
  test.each([
    ['users:ban', true],
    ['ban:users', true],
    [' users:ban ', true],
    ['other users:ban', true],
    ['users:ban other', true],
    ['xusers:ban users:ban', true],
    ['users:banx users:ban', true],
    ['users:banusers:ban users:ban', true],
    ['', false],
    ['xusers:ban', false],
    ['users:banx', false],
    ['users:ban,users:ban', false],
    ['users:ban\tx x\tusers:ban', false],
    ['users:banusers:ban', false],
    ['USERS:BAN', false],
    ['admin:all users:* *:*', false],
  ])('%j covers users:ban: %s', (text, isCovered) => {
    expect(scopes.can(scopes.grant(text), 'users:ban')).toBe(isCovered)
    expect(scopes.can(scopes.grant(text.split(' ')), 'users:ban')).toBe(isCovered)
  })

  test.each(['users:read', 'read:users', 'users:write', 'write:users', 'admin:all'])(
    '%s gives users:read, whether few tokens would do or many',
    (token) => {
      expect(scopes.can(scopes.grant(`x ${token}`), 'users:read')).toBe(true)
      expect(scopes.can(scopes.grant(['x', token]), 'users:read')).toBe(true)
    },
  )

  test('get the same answers as the next and the last', () => {
    const asked = vocabularies().chain((one) =>
      tokensFor(one.plain).map((tokens) => ({ scopes: one.scopes, tokens })),
    )
    fc.assert(
      fc.property(asked, ({ scopes, tokens }) => {
        for (const name of scopes.names) {
          for (const claim of [tokens, tokens.join(' ')]) {
            const grant = scopes.grant(claim)
            const first = scopes.can(grant, name)
            for (let again = 0; again < 9; again++) expect(scopes.can(grant, name)).toBe(first)
            expect(grant.covered.has(name)).toBe(first)
            expect(scopes.can(grant, name)).toBe(first)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('may be whether a route is met', () => {
    const both = scopes.allOf('users:see', 'users:read')
    expect(scopes.judge(scopes.grant('users:own users:write'), both)).toEqual({ kind: 'covered' })
    expect(scopes.judge(scopes.grant('users:own'), both)).toEqual({
      kind: 'insufficient',
      missing: ['users:read'],
    })
  })
})

describe('a grant', () => {
  test('says the same each time it is looked at', () => {
    const grant = scopes.grant('users:write other b\u00e4d')
    expect(grant.tokens).toBe(grant.tokens)
    expect(grant.unknown).toBe(grant.unknown)
    expect(grant.malformed).toBe(grant.malformed)
    expect(grant.covered).toBe(grant.covered)
  })

  test('does not follow a list that is changed after it was read', () => {
    const list = ['users:read']
    const grant = scopes.grant(list)
    list.push('users:ban')
    expect(scopes.can(grant, 'users:ban')).toBe(false)
    expect(grant.tokens).toEqual(['users:read'])
  })

  test('differs from another in a comparison', () => {
    expect(scopes.grant('users:read')).toEqual(scopes.grant('users:read'))
    expect(scopes.grant('users:read')).not.toEqual(scopes.grant('users:write'))
    expect(scopes.grant(['users:read'])).not.toEqual(scopes.grant(['users:write']))
    expect(scopes.grant('')).not.toEqual(scopes.fromClaims({ scope: 1 }))
  })
})

describe('a grant that this vocabulary has not read', () => {
  const other = defineScopes({
    resources: { users: ['read'], posts: ['read'] },
    opaque: ['read:users'],
    superuser: 'root',
  })

  test('is judged by what it covers, as far as the names are known here', () => {
    const grant = other.grant('root')
    expect(scopes.can(grant, 'users:read')).toBe(true)
    expect(scopes.can(grant, 'users:write')).toBe(false)
    for (const unknown of ['posts:read', 'root', 'read:users']) {
      expect(scopes.can(grant, unknown as 'users:read')).toBe(false)
    }
  })

  test('may be written by hand', () => {
    const grant: Grant = {
      tokens: [],
      covered: new Set(['users:write', 'constructor']),
      unknown: [],
      malformed: [],
      problem: null,
    }
    expect(scopes.can(grant, 'users:write')).toBe(true)
    // Nothing is inferred: who wrote the set has followed the implications, or not.
    expect(scopes.can(grant, 'users:read')).toBe(false)
    expect(scopes.can(grant, 'constructor' as 'users:read')).toBe(false)
    expect(scopes.judge(grant, scopes.allOf('users:write'))).toEqual({ kind: 'covered' })
  })

  test('covers nothing if it is a copy that has lost what it covers', () => {
    const copy = { ...scopes.grant('users:read') }
    expect(scopes.can(copy, 'users:read')).toBe(false)
    expect(scopes.judge(copy, scopes.allOf('users:read'))).toEqual({
      kind: 'insufficient',
      missing: ['users:read'],
    })
    expect(scopes.challenge(scopes.allOf('users:read'), copy)).toBe('users:read')
  })
})
