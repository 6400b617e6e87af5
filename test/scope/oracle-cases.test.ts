import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../src/scope/definition.js'

/**
 * What other engines answer, and what we answer to the same. The names that the dialect cannot write are declared
 * opaque, so that a "no" means that the token does not match them and not merely that nobody declared them. Cases 26, 27,
 * 29 and 30 are about policies: `test/policy/oracle-cases.test.ts`.
 */
interface Case {
  readonly source: string
  readonly vocabulary: ScopesDefinition
  readonly granted: string
  readonly requested: string
  /** What the source answers, where it differs from ours. */
  readonly theirs?: boolean
  readonly ours: boolean
}

const FOO: ScopesDefinition = {
  dialect: 'dotted',
  resources: { foo: ['bar', 'bar1', 'baz'], 'foo.bar': ['baz'], 'foo.bar.bar': ['bar'] },
  actions: ['foo', 'fooa'],
  opaque: ['foo..baz'],
  wildcards: 'grants',
}
const NEWSLETTER: ScopesDefinition = {
  resources: { newsletter: ['read', 'write'] },
  opaque: ['newsletter', 'something', 'SOMETHING', 'one', 'two'],
  wildcards: 'grants',
}
const PROFILE: ScopesDefinition = {
  resources: { profile: ['write'] },
  opaque: ['profile', 'profilebogey', 'profile:email:write'],
}
const URLS: ScopesDefinition = {
  resources: {},
  opaque: ['https://id.example/apps/oldsync', 'https://id.example/apps/oldsyncer'],
}
const PATHS: ScopesDefinition = {
  resources: {},
  opaque: ['read:/john', 'read:/johnathan', 'my-bucket/India/Karnataka/'],
  wildcards: 'grants',
}
const USER: ScopesDefinition = { resources: { user: ['1', '2'] }, wildcards: 'grants' }
const READ_USERS: ScopesDefinition = {
  dialect: 'action:resource',
  resources: { users: ['read'] },
  opaque: ['read', 'read:users:all'],
  wildcards: 'grants',
}

const CASES: readonly Case[] = [
  {
    source: '1 fosite wildcard',
    vocabulary: FOO,
    granted: 'foo.*',
    requested: 'foo.bar',
    ours: true,
  },
  {
    source: '2 fosite wildcard',
    vocabulary: FOO,
    granted: 'foo.*',
    requested: 'foo.bar.baz',
    theirs: true,
    ours: false,
  },
  { source: '3 fosite wildcard', vocabulary: FOO, granted: 'foo.*', requested: 'foo', ours: false },
  {
    source: '4 fosite wildcard',
    vocabulary: FOO,
    granted: 'foo.*.baz',
    requested: 'foo..baz',
    ours: false,
  },
  {
    source: '5 fosite wildcard',
    vocabulary: FOO,
    granted: 'foo.*.bar',
    requested: 'foo.bar.bar.bar',
    ours: false,
  },
  { source: '6 fosite wildcard', vocabulary: FOO, granted: 'foo*', requested: 'fooa', ours: false },
  { source: '7 fosite wildcard', vocabulary: FOO, granted: '*', requested: '', ours: false },
  { source: '8 fosite wildcard', vocabulary: FOO, granted: 'foo', requested: 'foo.*', ours: false },
  {
    source: '2 fosite wildcard, with two stars',
    vocabulary: FOO,
    granted: 'foo.**',
    requested: 'foo.bar.baz',
    ours: true,
  },
  {
    source: '9 fosite hierarchic, as a pattern',
    vocabulary: FOO,
    granted: 'foo.bar.**',
    requested: 'foo.bar',
    ours: false,
  },
  {
    source: '9 fosite hierarchic',
    vocabulary: FOO,
    granted: 'foo.bar',
    requested: 'foo.bar.baz',
    theirs: true,
    ours: false,
  },
  {
    source: '10 fosite hierarchic',
    vocabulary: FOO,
    granted: 'foo.bar',
    requested: 'foo',
    ours: false,
  },
  {
    source: '11 fosite exact',
    vocabulary: FOO,
    granted: 'foo.bar',
    requested: 'foo.bar1',
    ours: false,
  },
  {
    source: '12 Shiro',
    vocabulary: NEWSLETTER,
    granted: 'newsletter:*',
    requested: 'newsletter',
    theirs: true,
    ours: false,
  },
  {
    source: '13 Shiro',
    vocabulary: NEWSLETTER,
    granted: 'newsletter',
    requested: 'newsletter:read',
    theirs: true,
    ours: false,
  },
  {
    source: '14 Shiro',
    vocabulary: NEWSLETTER,
    granted: 'newsletter:*:read',
    requested: 'newsletter:read',
    ours: false,
  },
  {
    source: '15 Shiro',
    vocabulary: NEWSLETTER,
    granted: 'something',
    requested: 'SOMETHING',
    theirs: true,
    ours: false,
  },
  {
    source: '16 Shiro',
    vocabulary: NEWSLETTER,
    granted: 'one,two',
    requested: 'one',
    theirs: true,
    ours: false,
  },
  {
    source: '17 FxA, not declared',
    vocabulary: PROFILE,
    granted: 'profile:write',
    requested: 'profile',
    theirs: true,
    ours: false,
  },
  {
    source: '17 FxA, by implication',
    vocabulary: { ...PROFILE, implies: { 'profile:write': ['profile'] } },
    granted: 'profile:write',
    requested: 'profile',
    ours: true,
  },
  {
    source: '18 FxA',
    vocabulary: PROFILE,
    granted: 'profilebogey',
    requested: 'profile',
    ours: false,
  },
  {
    source: '19 FxA',
    vocabulary: PROFILE,
    granted: 'profile:email:write',
    requested: 'profile:write',
    ours: false,
  },
  {
    source: '20 FxA',
    vocabulary: URLS,
    granted: 'https://id.example/apps/oldsync',
    requested: 'https://id.example/apps/oldsyncer',
    ours: false,
  },
  { source: '22 Doorkeeper', vocabulary: USER, granted: 'user:*', requested: 'user:1', ours: true },
  {
    source: '22 Doorkeeper',
    vocabulary: USER,
    granted: 'user:1',
    requested: 'user:2',
    ours: false,
  },
  { source: '22 Doorkeeper', vocabulary: USER, granted: 'user:*', requested: 'user:', ours: false },
  {
    source: '23 SciTokens',
    vocabulary: PATHS,
    granted: 'read:/john',
    requested: 'read:/johnathan',
    theirs: true,
    ours: false,
  },
  {
    source: '24 stytch',
    vocabulary: READ_USERS,
    granted: 'read:users:self',
    requested: 'read:users',
    theirs: true,
    ours: false,
  },
  {
    source: '24 stytch, reversed',
    vocabulary: READ_USERS,
    granted: 'read:users',
    requested: 'read:users:all',
    theirs: true,
    ours: false,
  },
  {
    source: '25 MinIO',
    vocabulary: PATHS,
    granted: 'my-bucket/In*',
    requested: 'my-bucket/India/Karnataka/',
    theirs: true,
    ours: false,
  },
]

describe('answers of other engines, and ours', () => {
  test.each(CASES)('$source: $granted -> $requested is $ours', (one) => {
    const scopes = defineScopes(one.vocabulary)
    expect(scopes.can(scopes.grant(one.granted), one.requested)).toBe(one.ours)
  })

  test('ours is never the looser answer', () => {
    expect(CASES.filter((one) => one.ours && one.theirs === false)).toEqual([])
  })

  test('21 NATS: foo.* lies within *.* and not within foo.bar; foo.bar.** overlaps *.bar.foo', () => {
    const scopes = defineScopes({
      dialect: 'dotted',
      resources: {
        foo: ['bar', 'baz'],
        qux: ['bar'],
        'foo.bar': ['foo', 'read'],
        'qux.bar': ['foo'],
      },
      wildcards: 'grants',
    })
    expect(scopes.subsetOf('foo.*', '*.*')).toBe(true)
    expect(scopes.subsetOf('foo.*', 'foo.bar')).toBe(false)
    expect(scopes.subsetOf('*.*', 'foo.*')).toBe(false)
    expect(scopes.toAtoms(scopes.intersect('foo.bar.**', '*.bar.foo'))).toEqual(['foo.bar.foo'])
  })

  test('22 Doorkeeper: user:* and user:1 have user:1 in common, both ways; user:1 and user:2 nothing', () => {
    const scopes = defineScopes({ resources: { user: ['1', '2'] }, wildcards: 'grants' })
    expect(scopes.format(scopes.intersect('user:*', 'user:1'))).toBe('user:1')
    expect(scopes.format(scopes.intersect('user:1', 'user:*'))).toBe('user:1')
    expect(scopes.format(scopes.intersect('user:1', 'user:2'))).toBe('')
    expect(scopes.downscope({ requested: 'user:', granted: 'user:*' }).kind).toBe('refused')
  })

  test('31: of users:read billing:write, users:* holds users:read; asked exactly, invalid_scope', () => {
    const scopes = defineScopes({
      resources: { users: ['read', 'write'], billing: ['write'] },
      wildcards: 'grants',
    })
    const asked = { requested: 'users:read billing:write', granted: 'users:*' }
    expect(scopes.downscope(asked)).toMatchObject({ kind: 'narrowed', scope: 'users:read' })
    expect(scopes.downscope({ ...asked, mode: 'exact' })).toMatchObject({
      kind: 'refused',
      error: 'invalid_scope',
    })
  })

  test('28 Kubernetes: rules that cover an owner only together do cover it', () => {
    const scopes = defineScopes({
      dialect: 'action:resource',
      resources: { deployments: ['delete', 'update'], builds: ['delete', 'update'] },
      wildcards: 'grants',
    })
    const owner = scopes.allOf(
      'delete:deployments',
      'delete:builds',
      'update:deployments',
      'update:builds',
    )
    const together = scopes.grant('delete:deployments delete:builds update:*')
    expect(scopes.judge(together, owner)).toEqual({ kind: 'covered' })
    expect(scopes.judge(scopes.grant('delete:deployments update:*'), owner)).toEqual({
      kind: 'insufficient',
      missing: ['delete:builds'],
    })
  })

  test.each([{ claims: { scope: '' } }, { claims: { scope: ' ' } }, { claims: {} }])(
    '32: the claims $claims hold no scope, and every requirement of one is refused',
    ({ claims }) => {
      const scopes = defineScopes({ resources: { users: ['read'] } })
      const grant = scopes.fromClaims(claims)
      expect(grant).toMatchObject({ tokens: [], problem: null })
      expect(grant.covered.size).toBe(0)
      for (const requirement of [scopes.allOf('users:read'), scopes.anyOf('users:read')]) {
        expect(scopes.judge(grant, requirement).kind).toBe('insufficient')
      }
    },
  )

  test('33: scope and scp that differ are ambiguous and grant nothing', () => {
    const scopes = defineScopes({ resources: { users: ['read', 'write'] } })
    const grant = scopes.fromClaims({ scope: 'users:read', scp: ['users:write'] })
    expect(grant).toMatchObject({ tokens: [], problem: 'scope_claim_ambiguous' })
    expect(grant.covered.size).toBe(0)
  })

  test('34: a claim separated by tabs is one malformed token', () => {
    const scopes = defineScopes({ resources: { users: ['read', 'write'] } })
    const grant = scopes.grant('users:read\tusers:write')
    expect(grant).toMatchObject({ tokens: [], malformed: ['users:read\tusers:write'] })
  })

  test('35: *:all does not reach the superuser admin:all', () => {
    const scopes = defineScopes({
      resources: { users: ['read', 'all'] },
      superuser: 'admin:all',
      wildcards: 'grants',
    })
    for (const pattern of ['*:all', '*:*', 'admin:*', '*']) {
      expect(scopes.can(scopes.grant(pattern), 'admin:all')).toBe(false)
    }
    expect([...scopes.grant('*:all').covered]).toEqual(['users:all'])
  })

  test('36: names that every object inherits grant nothing and throw nothing', () => {
    const scopes = defineScopes({ resources: { users: ['read'] }, wildcards: 'grants' })
    const grant = scopes.grant('__proto__ constructor hasOwnProperty:x')
    expect(grant.covered.size).toBe(0)
    expect(grant.unknown).toEqual(['__proto__', 'constructor', 'hasOwnProperty:x'])
  })
})
