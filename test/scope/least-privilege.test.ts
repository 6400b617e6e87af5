import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:delete'],
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})
const { allOf, anyOf, leastFor, excess } = scopes

describe('the least grant for some requirements', () => {
  test('leaves out what another of its scopes implies', () => {
    expect(leastFor([allOf('users:read', 'users:write')]).tokens).toEqual(['users:write'])
    expect(leastFor(['users:read', 'posts:write', 'posts:read', 'users:read']).tokens).toEqual([
      'posts:write',
      'users:read',
    ])
  })

  test('takes of an anyOf the alternative that covers the least, then the first by code units', () => {
    expect(leastFor([anyOf('users:write', 'posts:read')]).tokens).toEqual(['posts:read'])
    expect(leastFor([anyOf('users:read', 'posts:read')]).tokens).toEqual(['posts:read'])
  })

  test('takes of an anyOf what the other requirements need anyway', () => {
    expect(leastFor([anyOf('posts:read', 'users:write'), 'users:write']).tokens).toEqual([
      'users:write',
    ])
  })

  test('keeps no scope that a later choice has made superfluous', () => {
    const wide = allOf(
      anyOf('openid', allOf('posts:read', 'users:read')),
      anyOf('posts:read', allOf('openid', 'users:read')),
    )
    expect(leastFor([wide]).tokens).toEqual(['openid', 'posts:read'])
    const overlapping = [
      anyOf('openid', 'users:read'),
      anyOf('posts:read', 'users:read'),
      anyOf(allOf('posts:write', 'users:write'), 'users:delete'),
    ]
    const least = leastFor(overlapping)
    for (const gone of least.tokens) {
      const rest = scopes.grant(least.tokens.filter((token) => token !== gone))
      expect(overlapping.every((one) => scopes.judge(rest, one).kind === 'covered')).toBe(false)
    }
  })

  test('does not depend on the order of the requirements', () => {
    const requirements = [
      anyOf('openid', 'users:read'),
      anyOf('posts:read', 'users:read'),
      anyOf('posts:write', 'openid'),
    ]
    const least = leastFor(requirements).tokens
    expect(leastFor([...requirements].reverse()).tokens).toEqual(least)
  })

  test('is empty where an identity is enough, and for no requirement', () => {
    expect(leastFor([authenticated()]).tokens).toEqual([])
    expect(leastFor([]).tokens).toEqual([])
  })

  test('names an explicit-only scope or the superuser only where a requirement does', () => {
    expect(leastFor(['users:delete', 'admin:all']).tokens).toEqual(['admin:all', 'users:delete'])
    expect(leastFor([anyOf('admin:all', 'users:delete')]).tokens).toEqual(['users:delete'])
  })

  test('refuses what is no list, and names outside the vocabulary', () => {
    expect(() => leastFor('users:read' as never)).toThrow(ConfigurationError)
    expect(() => leastFor(['users:raed' as never])).toThrow("'users:raed' is not in the vocabulary")
  })
})

describe('the excess of a grant', () => {
  test('is what no requirement can use', () => {
    expect(excess('users:write posts:read openid', ['users:read'])).toEqual([
      'openid',
      'posts:read',
      'users:write',
    ])
  })

  test('does not count what comes with a useful scope by implication', () => {
    expect(excess('users:write', ['users:write'])).toEqual([])
  })

  test('counts no alternative of an anyOf, whichever is taken', () => {
    expect(excess('users:read posts:read', [anyOf('users:read', 'posts:read')])).toEqual([])
  })

  test('of a pattern is what it stands for today', () => {
    expect(excess('users:*', ['users:read'])).toEqual(['users:write'])
  })

  test('takes a grant as well as its text', () => {
    expect(excess(scopes.grant('openid'), [])).toEqual(['openid'])
    expect(excess(['openid', 'nonsense'], [])).toEqual(['openid'])
  })

  test('counts for a grant of another vocabulary only what is covered with all its implications', () => {
    const elsewhere = defineScopes({ resources: { users: ['read', 'write'] } })
    expect(excess(elsewhere.grant('users:write'), [])).toEqual([])
    expect(excess(elsewhere.grant('users:write users:read'), [])).toEqual([
      'users:read',
      'users:write',
    ])
  })
})
