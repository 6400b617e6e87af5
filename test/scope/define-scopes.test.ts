import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../src/scope/definition.js'
import type { Grant } from '../../src/scope/grant.js'
import type { Scopes } from '../../src/scope/vocabulary.js'

/** An API people recognise. */
const api = defineScopes({
  resources: {
    users: ['read', 'write', 'delete', 'impersonate'],
    posts: ['read', 'write', 'publish'],
  },
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:impersonate'],
  implies: { 'posts:publish': ['posts:write'] },
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})

/** GitHub's scopes, where the broader one gives its parts. */
const github = defineScopes({
  resources: { repo: ['status', 'invite'], read: ['org'], write: ['org'], admin: ['org'] },
  opaque: ['repo', 'public_repo', 'user', 'user:email', 'gist'],
  implies: {
    repo: ['repo:status', 'repo:invite', 'public_repo'],
    user: ['user:email'],
    'admin:org': ['write:org'],
    'write:org': ['read:org'],
  },
})

describe('what a grant covers', () => {
  test('a scope covers itself and no other', () => {
    expect([...api.grant('users:read').covered]).toEqual(['users:read'])
  })

  test('implications are followed to their end', () => {
    expect([...api.grant('posts:publish').covered].sort()).toEqual([
      'posts:publish',
      'posts:read',
      'posts:write',
    ])
  })

  test('an implication between actions stays within its resource', () => {
    const grant = api.grant('users:write')
    expect(api.can(grant, 'users:read')).toBe(true)
    expect(api.can(grant, 'posts:read')).toBe(false)
  })

  test('write gives read only where that was declared', () => {
    const scopes = defineScopes({ resources: { users: ['read', 'write'] } })
    expect(scopes.can(scopes.grant('users:write'), 'users:read')).toBe(false)
  })

  test('the superuser covers everything but the explicit-only scopes', () => {
    const grant = api.grant('admin:all')
    expect(api.names.filter((name) => !api.can(grant, name))).toEqual(['users:impersonate'])
  })

  test('admin:all means nothing to a vocabulary that names no superuser', () => {
    const scopes = defineScopes({ resources: { users: ['read'] } })
    expect(scopes.grant('admin:all')).toMatchObject({ tokens: [], unknown: ['admin:all'] })
  })

  test('a wildcard stands for one whole segment, on either side', () => {
    expect([...api.grant('posts:*').covered].sort()).toEqual([
      'posts:publish',
      'posts:read',
      'posts:write',
    ])
    expect([...api.grant('*:delete').covered]).toEqual(['users:delete'])
    expect([...api.grant('*:publish').covered].sort()).toEqual([
      'posts:publish',
      'posts:read',
      'posts:write',
    ])
  })

  test('*:* covers all pairs but the explicit-only one, and neither opaque scopes nor the superuser', () => {
    const { covered } = api.grant('*:*')
    expect(api.names.filter((name) => !covered.has(name))).toEqual([
      'users:impersonate',
      'openid',
      'admin:all',
    ])
  })

  test('a pattern that matches no scope is unknown', () => {
    const scopes = defineScopes({
      resources: { users: ['impersonate'] },
      explicitOnly: ['users:impersonate'],
      wildcards: 'grants',
    })
    const patterns = ['users:*', '*:impersonate', '*:*', '*', 'user:*', '*:read']
    expect(scopes.grant(patterns).unknown).toEqual(patterns)
  })

  test('wildcards are off unless they are turned on', () => {
    for (const wildcards of [undefined, 'off'] as const) {
      const scopes = defineScopes({
        resources: { users: ['read'] },
        ...(wildcards === undefined ? {} : { wildcards }),
      })
      expect(scopes.grant('users:* *:read *:*')).toMatchObject({ tokens: [] })
    }
  })

  test('an opaque scope takes part in implications, by its own name', () => {
    expect(github.can(github.grant('repo'), 'repo:status')).toBe(true)
    expect(github.can(github.grant('repo:status'), 'repo')).toBe(false)
    expect(github.can(github.grant('user'), 'user:email')).toBe(true)
    expect([...github.grant('admin:org').covered]).toEqual(['read:org', 'write:org', 'admin:org'])
  })

  test('the other dialect puts the action first', () => {
    const scopes = defineScopes({
      dialect: 'action:resource',
      resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
      superuser: 'admin:all',
      actionImplies: { write: ['read'] },
      wildcards: 'grants',
    })
    const grant = scopes.grant('read:users write:posts')
    expect([...grant.covered].sort()).toEqual(['read:posts', 'read:users', 'write:posts'])
    expect([...scopes.grant('read:*').covered].sort()).toEqual(['read:posts', 'read:users'])
    expect(scopes.grant('users:read').unknown).toEqual(['users:read'])
    expect(scopes.names).toEqual([
      'read:users',
      'write:users',
      'delete:users',
      'read:posts',
      'write:posts',
      'admin:all',
    ])
  })

  test('the lists of a grant say what became of each token, once and in order', () => {
    const grant = api.grant('posts:* other:api users:read posts:* b\u00e4d openid other:api')
    expect(grant).toMatchObject({
      tokens: ['posts:*', 'users:read', 'openid'],
      unknown: ['other:api'],
      malformed: ['b\u00e4d'],
      problem: null,
    })
  })

  test('a grant and a vocabulary cannot be changed', () => {
    const grant = api.grant('users:read')
    const frozen = [api, api.names, grant, grant.tokens, grant.unknown, grant.malformed]
    expect(frozen.filter((one) => !Object.isFrozen(one))).toEqual([])
  })

  test('what a grant covers cannot be written to, by callers who disregard the type either', () => {
    // One grant serves all requests of a token that is remembered.
    const grant = api.grant('users:read')
    const covered = grant.covered as Set<string>
    for (const write of [
      () => covered.add('users:delete'),
      () => covered.delete('users:read'),
      () => covered.clear(),
      () => Object.assign(covered, { has: () => true }),
    ]) {
      expect(write).toThrow(TypeError)
    }
    expect([...grant.covered]).toEqual(['users:read'])
    expect(api.can(grant, 'users:delete')).toBe(false)
  })

  test('a set that is written to by the borrowed methods of Set changes no answer, to this grant or to any other', () => {
    const wide = defineScopes({
      resources: { users: ['read', 'write', 'delete'] },
      implies: { 'users:write': ['users:read'] },
      wildcards: 'grants',
    })
    for (const claim of [
      'users:write',
      'users:read users:write',
      'users:*',
      'users:r* users:read',
    ]) {
      const expected = wide.names.filter((name) => wide.can(wide.grant(claim), name))
      const grant = wide.grant(claim)
      for (const name of wide.names) Set.prototype.add.call(grant.covered, name)
      Set.prototype.add.call(wide.grant(claim).covered, 'users:delete')
      Set.prototype.delete.call(wide.grant(claim).covered, 'users:read')
      for (const one of [grant, wide.grant(claim)]) {
        expect(wide.names.filter((name) => wide.can(one, name))).toEqual(expected)
        expect(wide.toAtoms(one)).toEqual([...expected].sort())
        expect(wide.judge(one, wide.allOf('users:delete', 'users:write')).kind).toBe(
          expected.length === 3 ? 'covered' : 'insufficient',
        )
      }
      expect([...wide.grant(claim).covered]).toEqual(expected)
      // Another vocabulary reads it by what it covers, and not by what was written to the set.
      expect(scopesOf(defineScopes({ resources: { users: ['delete'] } }), grant)).toEqual(
        expected.filter((name) => name === 'users:delete'),
      )
    }
  })

  test('a grant behind a proxy, or one that throws when it is read, covers nothing', () => {
    const throwing = {
      ...api.grant(''),
      get covered(): never {
        throw new Error('boom')
      },
    }
    const strange: readonly unknown[] = [
      new Proxy(api.grant('users:read'), {}),
      throwing,
      { covered: { has: () => true } },
      { covered: { has: true } },
      { covered: ['users:read'] },
    ]
    for (const one of strange) {
      const grant = one as Grant
      expect(api.can(grant, 'users:read')).toBe(false)
      expect(api.judge(grant, api.allOf('users:read'))).toEqual({
        kind: 'insufficient',
        missing: ['users:read'],
      })
      expect(api.challenge(api.allOf('users:read'), grant)).toBe('users:read')
      expect(api.toAtoms(grant)).toEqual([])
      expect(api.explain(grant, 'users:read').kind).toBe('denied')
    }
  })

  test('a vocabulary may be empty, and then grants nothing', () => {
    const scopes = defineScopes({ resources: {}, wildcards: 'grants' })
    expect(scopes.names).toEqual([])
    expect(scopes.grant('users:read *:* *').covered.size).toBe(0)
  })

  test('resources and actions may bear the names that every object inherits', () => {
    const scopes = defineScopes({
      resources: Object.fromEntries([
        ['__proto__', ['constructor', 'toString']],
        ['constructor', ['__proto__']],
      ]),
      implies: { '__proto__:toString': ['__proto__:constructor'] },
      wildcards: 'grants',
    })
    expect(scopes.names).toEqual([
      '__proto__:constructor',
      '__proto__:toString',
      'constructor:__proto__',
    ])
    expect([...scopes.grant('__proto__:toString').covered]).toEqual([
      '__proto__:constructor',
      '__proto__:toString',
    ])
    expect([...scopes.grant('*:__proto__').covered]).toEqual(['constructor:__proto__'])
  })

  test('a circle of 10,000 implications is found without exhausting the stack', () => {
    const actions = Array.from({ length: 100 }, (_, index) => `a${index}`)
    const resources = Array.from({ length: 100 }, (_, index) => `r${index}`)
    const names = resources.flatMap((resource) => actions.map((action) => `${resource}:${action}`))
    const circle = names.map((name, index) => [name, [names[(index + 1) % names.length]]])
    const definition = {
      resources: Object.fromEntries(resources.map((resource) => [resource, actions])),
      implies: Object.fromEntries(circle),
    }
    // Built at run time: the compiler cannot know these names.
    expect(() => defineScopes(definition as ScopesDefinition)).toThrow(
      expect.objectContaining({ code: 'scope_invalid' }),
    )
  })
})

describe('a vocabulary that cannot be right is refused', () => {
  const base = { resources: { users: ['read', 'write', 'impersonate'], posts: ['read'] } }
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['no definition', undefined, 'plain object'],
    ['null', null, 'plain object'],
    ['an array', [], 'plain object'],
    ['a class instance', new Map(), 'plain object'],
    ['no resources', {}, 'resources'],
    ['an unknown member', { ...base, implied: {} }, "'implied'"],
    ['an unknown dialect', { ...base, dialect: 'users.read' }, 'dialect'],
    ['an unknown dialect beside', { ...base, accepts: ['users.read'] }, 'accepts'],
    ['its own dialect beside itself', { ...base, accepts: ['resource:action'] }, 'accepts'],
    ['a dialect beside as text', { ...base, accepts: 'dotted' }, 'accepts'],
    ['actions as text', { ...base, actions: 'read' }, 'actions'],
    ['no claim to read', { ...base, claims: [] }, 'claims'],
    ['a claim without a name', { ...base, claims: [''] }, 'claims'],
    ['a claim as text', { ...base, claims: 'scp' }, 'claims'],
    ['an unknown limit', { ...base, limits: { depth: 1 } }, 'limits.depth'],
    ['an inherited limit', { ...base, limits: { constructor: 1 } }, 'limits.constructor'],
    ['a limit of nothing', { ...base, limits: { tokens: 0 } }, 'limits.tokens'],
    ['a limit beyond its bounds', { ...base, limits: { tokens: 65_537 } }, 'limits.tokens'],
    ['a limit that is no integer', { ...base, limits: { characters: 1.5 } }, 'limits.characters'],
    ['a limit without end', { ...base, limits: { segments: Infinity } }, 'limits.segments'],
    ['limits as a number', { ...base, limits: 512 }, 'limits'],
    ['an unknown wildcard setting', { ...base, wildcards: true }, 'wildcards'],
    ['a superuser that is no string', { ...base, superuser: ['admin:all'] }, 'superuser'],
    ['an action list that is text', { resources: { users: 'read' } }, "resources['users']"],
    ['an action that is no string', { resources: { users: [1] } }, "resources['users']"],
    ['a hole in a list', { resources: { users: new Array(1) } }, "resources['users']"],
    [
      'an implication that is text',
      { ...base, implies: { 'users:write': 'users:read' } },
      'implies',
    ],
    ['opaque scopes as an object', { ...base, opaque: { openid: true } }, 'opaque'],
    // In a literal this sets the prototype of `resources` and declares nothing.
    ['a literal __proto__', { resources: { __proto__: ['read'] } }, 'resources'],
  ]
  test.each(wrong)('%s is not a definition', (_, definition, named) => {
    expect(() => defineScopes(definition as ScopesDefinition)).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringContaining(named) }),
    )
  })

  const optional = [
    'dialect',
    'accepts',
    'actions',
    'opaque',
    'superuser',
    'explicitOnly',
    'implies',
    'actionImplies',
    'wildcards',
    'defaults',
    'claims',
    'limits',
  ]
  test.each(optional)(
    '%s has its default only where it is left out, not where it is null',
    (name) => {
      for (const nothing of [null, undefined]) {
        expect(() => defineScopes({ ...base, [name]: nothing } as ScopesDefinition)).toThrow(
          expect.objectContaining({
            code: 'option_invalid',
            message: expect.stringContaining(`defineScopes: ${name}`),
          }),
        )
      }
    },
  )

  const contradictory: readonly (readonly [string, object, string])[] = [
    ['an empty segment', { resources: { '': ['read'] } }, "''"],
    ['a segment of 65 characters', { resources: { ['a'.repeat(65)]: ['read'] } }, '64'],
    ['a segment with a dot', { resources: { users: ['read.all'] } }, "'read.all'"],
    ['a segment with a colon', { resources: { users: ['read:all'] } }, "'read:all'"],
    ['a segment with a space', { resources: { 'us ers': ['read'] } }, "'us ers'"],
    ['a segment outside ASCII', { resources: { users: ['r\u00e9ad'] } }, "'r\\u00e9ad'"],
    ['a wildcard as an action', { resources: { users: ['*'] } }, "'*'"],
    ['a partial wildcard', { resources: { 'us*': ['read'] } }, "'us*'"],
    ['an action listed twice', { resources: { users: ['read', 'read'] } }, 'twice'],
    ['an opaque scope listed twice', { ...base, opaque: ['openid', 'openid'] }, 'twice'],
    ['an opaque scope that is a pair already', { ...base, opaque: ['users:read'] }, 'already'],
    ['an empty opaque scope', { ...base, opaque: [''] }, 'opaque'],
    ['an opaque scope of two words', { ...base, opaque: ['open id'] }, 'opaque'],
    ['an opaque scope with a quote', { ...base, opaque: ['open"id'] }, 'opaque'],
    ['an opaque scope with a backslash', { ...base, opaque: ['open\\id'] }, 'opaque'],
    ['an opaque scope of 257 characters', { ...base, opaque: ['a'.repeat(257)] }, '256'],
    ['an opaque scope that looks like a pattern', { ...base, opaque: ['users:*'] }, "'*'"],
    ['a superuser that is a pattern', { ...base, superuser: '*' }, "'*'"],
    [
      'a superuser that is a resource pair already',
      { ...base, superuser: 'users:read' },
      'already',
    ],
    [
      'a superuser that is opaque already',
      { ...base, opaque: ['root'], superuser: 'root' },
      'already',
    ],
    ['an unknown explicit-only scope', { ...base, explicitOnly: ['user:read'] }, "'user:read'"],
    ['an explicit-only pattern', { ...base, explicitOnly: ['users:*'] }, "'users:*'"],
    ['an unknown implier', { ...base, implies: { 'user:write': ['users:read'] } }, "'user:write'"],
    [
      'an unknown implied scope',
      { ...base, implies: { 'users:write': ['users:red'] } },
      "'users:red'",
    ],
    ['an implied pattern', { ...base, implies: { 'users:write': ['users:*'] } }, "'users:*'"],
    [
      'an implication listed twice',
      { ...base, implies: { 'users:write': ['users:read', 'users:read'] } },
      'twice',
    ],
    ['an unknown implying action', { ...base, actionImplies: { wriet: ['read'] } }, "'wriet'"],
    ['an unknown implied action', { ...base, actionImplies: { write: ['raed'] } }, "'raed'"],
    [
      'an implication of the superuser',
      { ...base, superuser: 'admin:all', implies: { 'users:write': ['admin:all'] } },
      'nothing may imply the superuser',
    ],
    [
      'an implication of an explicit-only scope',
      {
        ...base,
        explicitOnly: ['users:impersonate'],
        implies: { 'users:write': ['users:impersonate'] },
      },
      "'users:impersonate' is explicit-only",
    ],
    [
      'an implication between actions that reaches an explicit-only scope',
      { ...base, explicitOnly: ['users:read'], actionImplies: { write: ['read'] } },
      "'users:read' is explicit-only",
    ],
    [
      'a superuser that is declared to imply an explicit-only scope',
      {
        ...base,
        superuser: 'admin:all',
        explicitOnly: ['users:impersonate'],
        implies: { 'admin:all': ['users:impersonate'] },
      },
      "'users:impersonate' is explicit-only",
    ],
  ]
  test.each(contradictory)('%s is refused', (_, definition, named) => {
    expect(() => defineScopes(definition as ScopesDefinition)).toThrow(
      expect.objectContaining({ code: 'scope_invalid', message: expect.stringContaining(named) }),
    )
  })

  test('a cycle is printed as its path', () => {
    expect(() =>
      defineScopes({
        resources: { users: ['read', 'write', 'delete', 'own'] },
        implies: {
          'users:own': ['users:delete'],
          'users:delete': ['users:write'],
          'users:write': ['users:read'],
          'users:read': ['users:delete'],
        },
      }),
    ).toThrow(': users:read -> users:delete -> users:write -> users:read.')
  })

  test('what only leads into a cycle is not printed with it', () => {
    expect(() =>
      defineScopes({
        resources: { users: ['own', 'delete', 'write'] },
        implies: {
          'users:own': ['users:delete'],
          'users:delete': ['users:write'],
          'users:write': ['users:delete'],
        },
      }),
    ).toThrow(': users:delete -> users:write -> users:delete.')
  })

  test('a scope that implies itself is a cycle', () => {
    expect(() =>
      defineScopes({ ...base, implies: { 'users:read': ['users:read'] } } as ScopesDefinition),
    ).toThrow(': users:read -> users:read.')
  })

  test('a cycle made of both kinds of implication is found', () => {
    expect(() =>
      defineScopes({
        resources: { users: ['read', 'write'] },
        implies: { 'users:read': ['users:write'] },
        actionImplies: { write: ['read'] },
      }),
    ).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
  })

  test('a cycle of actions is refused even while no resource has all of them', () => {
    expect(() =>
      defineScopes({
        resources: { users: ['read'], posts: ['write'] },
        actionImplies: { write: ['read'], read: ['write'] },
      }),
    ).toThrow(': write -> read -> write.')
  })

  test('two ways to the same scope are no cycle', () => {
    const scopes = defineScopes({
      resources: { posts: ['own', 'edit', 'move', 'read'] },
      implies: {
        'posts:own': ['posts:edit', 'posts:move'],
        'posts:edit': ['posts:read'],
        'posts:move': ['posts:read'],
      },
    })
    expect(scopes.grant('posts:own').covered.size).toBe(4)
  })

  test('the longest segment and the longest opaque scope are accepted', () => {
    const segment = 'a'.repeat(64)
    const opaque = 'b'.repeat(256)
    const scopes = defineScopes({
      resources: { [segment]: [segment], 'AZaz09_-': ['-'] },
      opaque: [opaque, "!#[]~'"],
    })
    const grant = scopes.grant(`${segment}:${segment} ${opaque} AZaz09_-:- !#[]~'`)
    expect(grant.covered.size).toBe(4)
  })

  test('a polluted prototype adds nothing to a definition', () => {
    const prototype = Object.prototype as { superuser?: string }
    prototype.superuser = 'admin:all'
    try {
      expect(defineScopes({ resources: { users: ['read'] } }).names).toEqual(['users:read'])
    } finally {
      delete prototype.superuser
    }
  })
})

function scopesOf<Name extends string>(scopes: Scopes<Name>, grant: Grant): readonly Name[] {
  return scopes.names.filter((name) => scopes.can(grant, name))
}
