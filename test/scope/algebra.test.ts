import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:delete'],
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})

describe('the normal form of a grant', () => {
  test('leaves out what another token covers, what is unknown and what is malformed', () => {
    expect(scopes.format('users:read users:write posts:read nonsense users:read\t')).toBe(
      'posts:read users:write',
    )
    expect(scopes.format('posts:write users:* openid')).toBe('openid posts:write users:*')
    expect(scopes.format('admin:all users:* openid posts:read users:delete')).toBe(
      'admin:all users:delete',
    )
  })

  test('is sorted by code units, each token once', () => {
    expect(scopes.normalize('users:read posts:read users:read').tokens).toEqual([
      'posts:read',
      'users:read',
    ])
  })

  test('keeps the pattern of a name and a pattern that mean the same today', () => {
    expect(scopes.format('users:write users:*')).toBe('users:*')
  })

  test('is written in the dialect of the vocabulary, and a pattern of another as names', () => {
    const moving = defineScopes({
      resources: { users: ['read', 'write'], posts: ['read'] },
      accepts: ['action:resource'],
      wildcards: 'grants',
    })
    expect(moving.format('read:users')).toBe('users:read')
    expect(moving.format('read:*')).toBe('posts:read users:read')
    expect(moving.format('users:* read:users')).toBe('users:*')
  })

  test('of a refused claim is empty', () => {
    expect(scopes.format('users:read '.repeat(1_000))).toBe('')
    expect(scopes.format(['users:read', 7] as never)).toBe('')
  })
})

describe('grants as sets', () => {
  test('intersect looks at what is covered, not at the text', () => {
    expect(scopes.intersect('users:*', 'users:read posts:read').tokens).toEqual(['users:read'])
    expect(scopes.intersect('users:write', 'users:read').tokens).toEqual(['users:read'])
    expect(scopes.intersect('users:read', 'posts:read').tokens).toEqual([])
  })

  test('intersect and union write names, which do not grow with the vocabulary', () => {
    expect(scopes.intersect('users:*', 'users:*').tokens).toEqual(['users:write'])
    expect(scopes.union('users:*', 'openid').tokens).toEqual(['openid', 'users:write'])
  })

  test('the superuser is in an intersection only if both sides have it by name', () => {
    expect(scopes.intersect('admin:all', '*:*').tokens).toEqual(['posts:write', 'users:write'])
    expect(scopes.intersect('admin:all', 'admin:all openid').tokens).toEqual(['admin:all'])
  })

  test('difference lists names, also one that could not be granted alone', () => {
    expect(scopes.difference('users:write', 'users:read')).toEqual(['users:write'])
    expect(scopes.difference('users:read', '*:*')).toEqual([])
  })

  test('subsetOf and equivalent compare what is covered', () => {
    expect(scopes.subsetOf('users:read', 'users:*')).toBe(true)
    expect(scopes.subsetOf('users:*', 'users:read')).toBe(false)
    expect(scopes.equivalent('users:*', 'users:write nonsense')).toBe(true)
    expect(scopes.equivalent('users:write', 'users:write posts:read')).toBe(false)
    expect(scopes.subsetOf('', 'nonsense')).toBe(true)
  })

  test('toAtoms lists every scope that is covered', () => {
    expect(scopes.toAtoms('users:*')).toEqual(['users:read', 'users:write'])
  })

  test('a grant of another vocabulary counts as far as writing it down gives no more than it had', () => {
    const elsewhere = defineScopes({ resources: { users: ['read', 'write', 'other'] } })
    const grant = elsewhere.grant('users:write users:other')
    expect(scopes.toAtoms(grant)).toEqual([])
    expect(scopes.format(grant)).toBe('')
    expect(scopes.intersect(grant, 'users:*').tokens).toEqual([])
  })

  test('a copy of a grant that has lost what it covers covers nothing here either', () => {
    const copy = { ...scopes.grant('users:write') }
    expect(scopes.format(copy)).toBe('')
    expect(scopes.union(copy, 'posts:read').tokens).toEqual(['posts:read'])
    expect(scopes.explain(copy, 'users:read').missing).toEqual(['users:read'])
    expect(scopes.downscope({ requested: 'users:read', granted: copy }).kind).toBe('refused')
  })

  test('a grant of more names than a claim may have is worked with all the same', () => {
    const many = defineScopes({
      resources: { r: Array.from({ length: 600 }, (_, index) => `a${index}`) },
      wildcards: 'grants',
    })
    const both = many.intersect('r:*', '*:*')
    expect(both.tokens).toHaveLength(600)
    expect(many.equivalent(both, 'r:*')).toBe(true)
    expect(many.grant(many.format(both)).problem).toBe('scope_limit')
  })

  test('texts of hostile claims neither throw nor cover anything', () => {
    for (const text of ['__proto__ constructor', '\u0000', '*:*:* **', 'x'.repeat(9_000)]) {
      expect(scopes.format(text)).toBe('')
      expect(scopes.intersect(text, 'admin:all').tokens).toEqual([])
      expect(scopes.difference(text, '')).toEqual([])
    }
  })
})
