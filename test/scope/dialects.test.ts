import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../src/scope/definition.js'

const dotted = defineScopes({
  dialect: 'dotted',
  resources: {
    org: ['read'],
    'org.users': ['read', 'write', 'impersonate'],
    'org.users.keys': ['read'],
    'orga.users': ['read'],
  },
  actions: ['ping'],
  opaque: ['https://api.example/auth/org.users.all'],
  superuser: 'root',
  explicitOnly: ['org.users.impersonate'],
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})

function covered(scopes: { grant(text: string): { covered: Iterable<string> } }, text: string) {
  return [...scopes.grant(text).covered]
}

describe('the dotted dialect', () => {
  test('names are the resource, a dot, and the action', () => {
    expect(dotted.names).toEqual([
      'org.read',
      'org.users.read',
      'org.users.write',
      'org.users.impersonate',
      'org.users.keys.read',
      'orga.users.read',
      'ping',
      'https://api.example/auth/org.users.all',
      'root',
    ])
  })

  test('a name covers nothing below it and nothing above it', () => {
    expect(covered(dotted, 'org.read')).toEqual(['org.read'])
    expect(covered(dotted, 'org org.users org.users.keys')).toEqual([])
    expect(covered(dotted, 'org.users.keys.read')).toEqual(['org.users.keys.read'])
  })

  test('an implication between actions stays within its resource', () => {
    expect(covered(dotted, 'org.users.write')).toEqual(['org.users.read', 'org.users.write'])
  })

  test.each([
    ['org.*', ['org.read']],
    ['org.users.*', ['org.users.read', 'org.users.write']],
    ['*.users.read', ['org.users.read', 'orga.users.read']],
    ['org.*.*', ['org.users.read', 'org.users.write']],
    ['*.*.*.read', ['org.users.keys.read']],
    ['*', ['ping']],
    ['org.users.**', ['org.users.read', 'org.users.write', 'org.users.keys.read']],
    ['org.users.keys.**', ['org.users.keys.read']],
    ['org.users.keys.read.**', []],
    ['*.users.**', ['org.users.read', 'org.users.write', 'org.users.keys.read', 'orga.users.read']],
    ['**.read', []],
    ['org.**.read', []],
    ['org.users.***', []],
    ['org.us*.read', []],
    ['org:users:*', []],
    ['org.users:*', []],
    ['.**', []],
    ['org..*', []],
  ])('%s covers %j', (token, names) => {
    expect(covered(dotted, token)).toEqual(names)
  })

  test('** covers all that has segments, and neither opaque, explicit-only nor superuser scopes', () => {
    const grant = dotted.grant('**')
    expect(dotted.names.filter((name) => !dotted.can(grant, name))).toEqual([
      'org.users.impersonate',
      'https://api.example/auth/org.users.all',
      'root',
    ])
  })

  test('a name has at most 8 segments, its action included, unless limits say otherwise', () => {
    const seven = 'a.b.c.d.e.f.g'
    const define = (resource: string, segments?: number) =>
      defineScopes({
        dialect: 'dotted',
        resources: Object.fromEntries([[resource, ['read']]]),
        ...(segments === undefined ? {} : { limits: { segments } }),
      } as ScopesDefinition)
    expect(define(seven).names).toEqual([`${seven}.read`])
    expect(() => define(`${seven}.h`)).toThrow('at most 8 segments')
    expect(define(`${seven}.h`, 9).names).toEqual([`${seven}.h.read`])
    expect(() => define('a.b', 2)).toThrow('at most 2 segments')
  })
})

describe('bare actions', () => {
  const scopes = defineScopes({
    resources: { users: ['read'] },
    actions: ['read', 'write'],
    opaque: ['openid'],
    explicitOnly: ['write'],
    implies: { read: ['users:read'] },
    wildcards: 'grants',
  })

  test('are scopes of one segment, apart from the actions of resources', () => {
    expect(covered(scopes, 'users:read')).toEqual(['users:read'])
    expect(covered(scopes, 'read')).toEqual(['users:read', 'read'])
  })

  test('are what a lone * covers, with what they imply; it covers no opaque scope and no explicit-only one', () => {
    expect(covered(scopes, '*')).toEqual(['users:read', 'read'])
    expect(covered(scopes, '*:*')).toEqual(['users:read'])
    expect(covered(scopes, '**')).toEqual([])
  })
})

describe('a second dialect', () => {
  const definition = {
    resources: { users: ['read', 'write', 'impersonate'], posts: ['read'] },
    opaque: ['openid'],
    superuser: 'admin:all',
    explicitOnly: ['users:impersonate'],
    implies: { 'users:write': ['users:read'] },
    wildcards: 'grants',
    accepts: ['action:resource', 'dotted'],
  } as const
  const scopes = defineScopes(definition)

  test.each([
    ['read:users', ['users:read']],
    ['users.read', ['users:read']],
    ['write:users', ['users:read', 'users:write']],
    ['read:*', ['users:read', 'posts:read']],
    ['*:users', ['users:read', 'users:write']],
    ['users.*', ['users:read', 'users:write']],
    ['posts.**', ['posts:read']],
    ['**', ['users:read', 'users:write', 'posts:read']],
    ['*.*', ['users:read', 'users:write', 'posts:read']],
    ['impersonate:users', ['users:impersonate']],
    ['all:admin', []],
    ['admin.all', []],
    ['read.users', []],
  ])('lets a grant say %s for %j', (token, names) => {
    expect(covered(scopes, token)).toEqual(names)
  })

  test('is for grants only: names, requirements and challenges stay in the first', () => {
    expect(scopes.names).not.toContain('read:users')
    expect(scopes.can(scopes.grant('read:users'), 'read:users' as 'users:read')).toBe(false)
    expect(() => scopes.requirement('read:users' as 'users:read')).toThrow(
      expect.objectContaining({ code: 'scope_unknown' }),
    )
    expect(scopes.challenge(scopes.allOf('users:write'), scopes.grant('read:users'))).toBe(
      'users:write',
    )
  })

  test('lists both spellings of one scope, as they were granted', () => {
    expect(scopes.grant('users:read read:users users:read').tokens).toEqual([
      'users:read',
      'read:users',
    ])
  })

  test('has no spelling for a resource of several segments', () => {
    const deep = defineScopes({
      dialect: 'dotted',
      resources: { 'org.users': ['read'], users: ['read'] },
      wildcards: 'grants',
      accepts: ['resource:action'],
    })
    expect(covered(deep, 'users:read')).toEqual(['users.read'])
    expect(covered(deep, '*:read')).toEqual(['users.read'])
    expect(covered(deep, 'org.users:read org:users:read org:read')).toEqual([])
  })

  test.each([
    [
      'a name of the first',
      { resources: { users: ['read'], read: ['users'] }, accepts: ['action:resource'] },
      ["'read:users'", "'users:read'"],
    ],
    [
      'an opaque scope',
      { resources: { users: ['read'] }, opaque: ['users.read'], accepts: ['dotted'] },
      ["'users.read'", "'users:read'"],
    ],
    [
      'the superuser',
      { resources: { admin: ['all'] }, superuser: 'all:admin', accepts: ['action:resource'] },
      ["'all:admin'", "'admin:all'"],
    ],
    [
      'a spelling of the third',
      {
        dialect: 'dotted',
        resources: { users: ['read'], read: ['users'] },
        accepts: ['resource:action', 'action:resource'],
      },
      ["'read.users'", "'users.read'"],
    ],
    [
      'a pattern of the first',
      {
        resources: { users: ['read'], read: ['write'] },
        accepts: ['action:resource'],
        wildcards: 'grants',
      },
      ["'*:read'", "'read:write'", "'users:read'"],
    ],
  ] as const)('is refused if a text of it could be %s, and both are named', (_, given, named) => {
    const define = () => defineScopes(given as unknown as ScopesDefinition)
    expect(define).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
    for (const text of named) expect(define).toThrow(text)
  })

  test('may share words with the first where no pattern can confuse them', () => {
    const given = { resources: { users: ['read'], read: ['write'] }, accepts: ['action:resource'] }
    expect(defineScopes(given as ScopesDefinition).names).toEqual(['users:read', 'read:write'])
    const both = defineScopes({
      resources: { a: ['a'] },
      accepts: ['action:resource'],
      wildcards: 'grants',
    })
    expect(covered(both, 'a:*')).toEqual(['a:a'])
  })
})
