import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:delete'],
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
  defaults: ['posts:read', 'openid'],
})

describe('narrowing a grant', () => {
  test('gives what is held of the request, and says what is not', () => {
    expect(
      scopes.downscope({ requested: 'users:read posts:write x\ty', granted: 'users:* nonsense' }),
    ).toEqual({
      kind: 'narrowed',
      scope: 'users:read',
      missing: ['posts:read', 'posts:write'],
      ignored: [],
      malformed: ['x\ty'],
    })
  })

  test('writes out the part that is held of a wider request', () => {
    const narrowed = (requested: string, granted: string) => {
      const answer = scopes.downscope({ requested, granted })
      return answer.kind === 'narrowed' ? answer.scope : answer.reason
    }
    expect(narrowed('users:write', 'users:read')).toBe('users:read')
    expect(narrowed('users:*', 'users:read posts:read')).toBe('users:read')
    expect(narrowed('admin:all', 'users:* openid')).toBe('openid users:write')
    expect(narrowed('admin:all', 'admin:all')).toBe('admin:all')
  })

  test('keeps a pattern only if the grant holds one that is as wide', () => {
    const narrowed = (requested: string, granted: string) =>
      scopes.downscope({ requested, granted })
    expect(narrowed('users:*', '*:*')).toMatchObject({ scope: 'users:*' })
    expect(narrowed('users:*', 'users:*')).toMatchObject({ scope: 'users:*' })
    expect(narrowed('users:*', 'users:write')).toMatchObject({ scope: 'users:write' })
    expect(narrowed('*:read', 'users:* posts:*')).toMatchObject({ scope: 'posts:read users:read' })
    expect(narrowed('users:*', 'admin:all')).toMatchObject({ scope: 'users:write' })
  })

  test('keeps a dotted pattern below an open one, and not the other way round', () => {
    const dotted = defineScopes({
      dialect: 'dotted',
      resources: { org: ['read'], 'org.users': ['read', 'write'] },
      wildcards: 'grants',
    })
    const narrowed = (requested: string, granted: string) =>
      dotted.downscope({ requested, granted })
    expect(narrowed('org.users.*', 'org.**')).toMatchObject({ scope: 'org.users.*' })
    expect(narrowed('org.**', 'org.**')).toMatchObject({ scope: 'org.**' })
    expect(narrowed('org.users.**', 'org.**')).toMatchObject({ scope: 'org.users.**' })
    expect(narrowed('org.**', 'org.* org.users.*')).toMatchObject({
      scope: 'org.read org.users.read org.users.write',
    })
    expect(narrowed('org.users.**', 'org.users.*')).toMatchObject({
      scope: 'org.users.read org.users.write',
    })
  })

  test('refuses to answer with nothing', () => {
    expect(scopes.downscope({ requested: 'users:read', granted: 'posts:read' })).toEqual({
      kind: 'refused',
      error: 'invalid_scope',
      reason: 'scope_exceeded',
      missing: ['users:read'],
      ignored: [],
      malformed: [],
    })
    expect(scopes.downscope({ requested: 'nonsense', granted: 'posts:read' })).toMatchObject({
      reason: 'scope_exceeded',
      ignored: ['nonsense'],
    })
    expect(scopes.downscope({ requested: 'users:read', granted: '' }).kind).toBe('refused')
  })

  test('in mode exact refuses if anything is missing, unknown or malformed', () => {
    const exact = (requested: string) =>
      scopes.downscope({ requested, granted: 'users:* posts:read', mode: 'exact' })
    expect(exact('users:read posts:read')).toMatchObject({ scope: 'posts:read users:read' })
    for (const requested of ['users:read posts:write', 'users:read nonsense', 'users:read \t']) {
      expect(exact(requested)).toMatchObject({ kind: 'refused', reason: 'scope_exceeded' })
    }
  })

  test('takes the defaults for a request that names no scope, as far as they are held', () => {
    for (const requested of [undefined, null, '', '  ', []]) {
      expect(scopes.downscope({ requested, granted: 'posts:* openid' })).toMatchObject({
        scope: 'openid posts:read',
      })
      expect(scopes.downscope({ requested, granted: 'posts:read' })).toMatchObject({
        scope: 'posts:read',
        missing: ['openid'],
      })
      expect(scopes.downscope({ requested, granted: 'users:read' }).kind).toBe('refused')
    }
  })

  test('refuses a request that names no scope if there are no defaults', () => {
    const without = defineScopes({ resources: { users: ['read'] } })
    expect(without.downscope({ requested: undefined, granted: 'users:read' })).toMatchObject({
      kind: 'refused',
      reason: 'scope_omitted',
    })
  })

  test('refuses a request that cannot be read, whatever it is', () => {
    expect(scopes.downscope({ requested: 'a '.repeat(600), granted: 'admin:all' })).toMatchObject({
      reason: 'scope_limit',
    })
    const forged = { tokens: ['admin:all'], covered: new Set(['admin:all']) }
    for (const requested of [7, true, forged, ['users:read', 7], [['users:read']]]) {
      expect(
        scopes.downscope({ requested: requested as never, granted: 'admin:all' }),
      ).toMatchObject({ kind: 'refused', reason: 'scope_claim_malformed' })
    }
  })

  test('refuses an answer that would be longer than a claim may be', () => {
    const many = defineScopes({
      resources: { r: Array.from({ length: 600 }, (_, index) => `a${index}`) },
      superuser: 'admin:all',
      wildcards: 'grants',
    })
    expect(many.downscope({ requested: 'r:*', granted: 'admin:all' })).toMatchObject({
      kind: 'refused',
      reason: 'scope_answer_limit',
    })
    expect(many.downscope({ requested: 'r:*', granted: 'r:*' })).toMatchObject({ scope: 'r:*' })
  })

  test('takes no defaults that are unknown or have to be asked for by name', () => {
    const define = (name: string) => () =>
      defineScopes({
        resources: { users: ['read', 'delete'] },
        explicitOnly: ['users:delete'],
        superuser: 'admin:all',
        defaults: [name as 'users:read'],
      })
    expect(define('users:raed')).toThrow(ConfigurationError)
    expect(define('users:raed')).toThrow("'users:raed' is not in the vocabulary")
    expect(define('users:delete')).toThrow("'users:delete' is explicit-only")
    expect(define('admin:all')).toThrow("'admin:all' is explicit-only")
    expect(define('users:read')).not.toThrow()
  })
})

test('what one caller writes to a refusal is in no other', () => {
  const bare = defineScopes({ resources: { users: ['read'] } })
  const ask = () => bare.downscope({ requested: undefined, granted: 'users:read' })
  const first = ask()
  for (const list of [first.missing, first.ignored, first.malformed] as string[][]) {
    list.push('written')
  }
  expect(ask()).toMatchObject({ missing: [], ignored: [], malformed: [] })
})
