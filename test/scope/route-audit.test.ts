import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import type { ScopedRoute } from '../../src/scope/route-audit.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})
const routes = [
  { name: 'GET /health', requirement: null },
  { name: 'GET /me', requirement: authenticated() },
  { name: 'GET /users', requirement: 'users:read' },
  { name: 'PUT /users/:id', requirement: scopes.allOf('users:read', 'users:write') },
  { name: 'GET /posts', requirement: scopes.anyOf('posts:read', 'users:delete') },
] as const
const [health, me, users, user, posts] = routes

describe('the audit of a grant', () => {
  test('finds nothing in a grant that is just enough', () => {
    expect(scopes.audit('users:write posts:read', routes)).toEqual({
      excess: [],
      wildcards: [],
      superuser: false,
      leastScope: 'posts:read users:write',
      unusable: [],
    })
  })

  test('finds what is of no use for the routes, and not what comes with something useful', () => {
    expect(scopes.audit('users:write posts:write', [user]).excess).toEqual([
      'posts:read',
      'posts:write',
    ])
    expect(scopes.audit('users:write', [users]).excess).toEqual(['users:write'])
    expect(scopes.audit('users:delete', [posts]).excess).toEqual([])
  })

  test('finds every pattern, even one that covers nothing too much today', () => {
    const { wildcards, excess } = scopes.audit('users:* posts:* nobody:* openid', [users])
    expect(wildcards).toEqual(['posts:*', 'users:*'])
    expect(excess).toEqual(['openid', 'posts:read', 'posts:write', 'users:delete', 'users:write'])
    expect(scopes.audit('posts:*', [{ name: 'a', requirement: 'posts:write' }])).toMatchObject({
      excess: [],
      wildcards: ['posts:*'],
    })
  })

  test('finds the superuser, unless a route cannot do without', () => {
    expect(scopes.audit('admin:all', [users]).superuser).toBe(true)
    expect(scopes.audit('*:*', [users]).superuser).toBe(false)
    const either = { name: 'a', requirement: scopes.anyOf('admin:all', 'posts:read') }
    expect(scopes.audit('admin:all', [either]).superuser).toBe(true)
    const only = { name: 'b', requirement: 'admin:all' }
    expect(scopes.audit('admin:all', [users, only])).toEqual({
      excess: [],
      wildcards: [],
      superuser: false,
      leastScope: 'admin:all',
      unusable: [],
    })
  })

  test('names the routes that the grant does not meet, in their order', () => {
    expect(scopes.audit('openid', routes).unusable).toEqual([
      'GET /users',
      'PUT /users/:id',
      'GET /posts',
    ])
    expect(scopes.audit('', [health, me])).toMatchObject({ unusable: [], leastScope: '' })
  })

  test('says what a whole table needs', () => {
    expect(scopes.audit('', routes).leastScope).toBe('posts:read users:write')
  })

  test('takes a grant, a text or a list, and is not impressed by hostile ones', () => {
    const { grant, audit } = scopes
    expect(audit(grant('users:write'), [users])).toEqual(audit(['users:write'], [users]))
    expect(audit('__proto__ constructor a\tb \u0000', routes)).toMatchObject({
      excess: [],
      wildcards: [],
      superuser: false,
    })
    expect(audit('users:* '.repeat(10_000), [users])).toMatchObject({
      wildcards: [],
      unusable: ['GET /users'],
    })
  })

  test('refuses a route that needs what the vocabulary has not', () => {
    const foreign: ScopedRoute = { name: 'GET /x', requirement: 'reports:read' }
    expect(() => scopes.audit('', [foreign])).toThrow(
      expect.objectContaining({ code: 'scope_unknown' }),
    )
    expect(() => scopes.unusedScopes([foreign])).toThrow('reports:read')
  })
})

describe('the unused scopes', () => {
  test('are those that no route names, whatever implies them, but never the superuser', () => {
    expect(scopes.unusedScopes(routes)).toEqual(['openid', 'posts:write'])
    expect(scopes.unusedScopes([user])).toEqual([
      'openid',
      'posts:read',
      'posts:write',
      'users:delete',
    ])
    expect(scopes.unusedScopes([])).toHaveLength(6)
  })
})
