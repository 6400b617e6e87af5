import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'

/** Defects that others shipped, each as what must not happen here. The name in brackets is where it did. */
describe('comparison by text', () => {
  test('a scope does not open a sibling whose name it begins (SciTokens CVE-2026-32716, CVE-2026-32726)', () => {
    const scopes = defineScopes({
      resources: { project: ['app', 'application'], john: ['read'], johnathan: ['read'] },
      wildcards: 'grants',
    })
    expect([...scopes.grant('project:app').covered]).toEqual(['project:app'])
    expect([...scopes.grant('john:read').covered]).toEqual(['john:read'])
    expect([...scopes.grant('john:*').covered]).toEqual(['john:read'])
  })

  test('a scope is not met by one that contains it (kong-plugin-jwt-keycloak#31, thunderid#3415)', () => {
    const scopes = defineScopes({
      resources: { users: ['manage', 'manage-self'] },
      opaque: ['scope', 'my-scope', 'users:manage.self'],
    })
    expect(scopes.can(scopes.grant('my-scope'), 'scope')).toBe(false)
    expect(scopes.can(scopes.grant('users:manage.self users:manage-self'), 'users:manage')).toBe(
      false,
    )
    expect(scopes.can(scopes.grant('superusers:manage-all'), 'users:manage')).toBe(false)
  })

  test('no part of a name is cut off before it is compared (stytch)', () => {
    const scopes = defineScopes({
      dialect: 'action:resource',
      resources: { users: ['read'] },
      wildcards: 'grants',
    })
    for (const token of ['read:users:self', 'read:users:', 'read', 'read:', 'read:-']) {
      expect(scopes.can(scopes.grant(token), 'read:users')).toBe(false)
    }
  })

  test('a broader name met first does not swallow a narrower one (keycloak#50469)', () => {
    const scopes = defineScopes({ resources: { account: ['read', 'close'] }, opaque: ['read'] })
    expect(scopes.grant('read read:account:victim')).toMatchObject({
      tokens: ['read'],
      unknown: ['read:account:victim'],
    })
    expect([...scopes.grant('read').covered]).toEqual(['read'])
  })

  test('the same words the other way round are another scope (stytch-node#320)', () => {
    const scopes = defineScopes({ resources: { users: ['read'] }, wildcards: 'grants' })
    for (const token of ['read:users', 'read:*', '*:users']) {
      expect(scopes.can(scopes.grant(token), 'users:read')).toBe(false)
    }
    expect(scopes.can(scopes.grant('users:*'), 'users:read')).toBe(true)
  })

  test('case counts, in every locale (Shiro, spring-security#3242)', () => {
    const scopes = defineScopes({ resources: { files: ['write', 'WRITE'] } })
    expect([...scopes.grant('files:write').covered]).toEqual(['files:write'])
    expect(scopes.grant('files:wr\u0131te').malformed).toEqual(['files:wr\u0131te'])
    expect(scopes.grant('FILES:WRITE').unknown).toEqual(['FILES:WRITE'])
  })
})

describe('wildcards', () => {
  const scopes = defineScopes({
    resources: { users: ['read', 'admin'], user: ['read'] },
    opaque: ['users', 'users:read:own', 'user.profile.read'],
    wildcards: 'grants',
  })

  test('a pattern covers neither fewer segments nor more (fosite, Shiro, minimatch)', () => {
    const { covered } = scopes.grant('users:*')
    expect([...covered]).toEqual(['users:read', 'users:admin'])
  })

  test('what follows a wildcard counts (casbin keyMatch)', () => {
    expect([...scopes.grant('*:admin').covered]).toEqual(['users:admin'])
    expect(scopes.grant('*:admin:x').covered.size).toBe(0)
  })

  test.each([
    'userXprofileXread', // a dot is no wildcard (casbin keyMatch2)
    'us*:read',
    'users:re*',
    'users:?ead',
    'users:{read,admin}',
    'users:[a-z]*',
    'users:.*',
    '.*',
    '^users:read$',
    '(a+)+$',
    'users:**',
    '**',
    '*',
    '!users:delete',
    'users:*,user:*',
    'users:*:',
    ':*',
    '*:',
    'users:%2a',
  ])('%s is not a pattern and grants nothing', (token) => {
    expect(scopes.grant(token).covered.size).toBe(0)
  })

  test('a wildcard that arrives as data is inert while wildcards are off (decocms/studio#5021, passport#195)', () => {
    const off = defineScopes({ resources: { users: ['read'] }, superuser: 'admin:all' })
    expect(off.grant('* *:* users:* *:read *:all admin:*')).toMatchObject({ tokens: [] })
  })

  test('a requirement cannot be a pattern (heimdall#3331, doorkeeper#1889)', () => {
    expect(() => scopes.requirement('users:*' as 'users:read')).toThrow(
      expect.objectContaining({ code: 'scope_unknown' }),
    )
    // An unchecked name is no pattern either: nothing covers it.
    expect(scopes.can(scopes.grant('users:* users:read'), 'users:*' as 'users:read')).toBe(false)
  })

  test('hundreds of wildcards in one token are one unknown token (CASL, MinIO)', () => {
    expect(scopes.grant(`${'*:'.repeat(127)}*`).unknown.length).toBe(1)
    expect(scopes.grant('**'.repeat(128)).unknown.length).toBe(1)
  })
})

describe('dotted names', () => {
  const dotted = defineScopes({
    dialect: 'dotted',
    resources: {
      'user.profile': ['read'],
      userXprofile: ['read'],
      user: ['read'],
      'user.a.b': ['read'],
    },
    wildcards: 'grants',
  })

  test('a dot separates and is no wildcard (casbin keyMatch2)', () => {
    expect([...dotted.grant('user.profile.read').covered]).toEqual(['user.profile.read'])
    expect(dotted.grant('userXprofileXread').unknown).toEqual(['userXprofileXread'])
  })

  test('one and many are two symbols, wherever they stand (fosite, CodeIgniter Shield#1327)', () => {
    expect([...dotted.grant('user.*').covered]).toEqual(['user.read'])
    expect([...dotted.grant('user.**').covered]).toEqual([
      'user.profile.read',
      'user.read',
      'user.a.b.read',
    ])
    expect([...dotted.grant('user.**.read').covered]).toEqual([])
  })

  test('a resource gives nothing below it, and nothing of one that it begins (SciTokens, fosite hierarchic)', () => {
    expect([...dotted.grant('user.read user.profile user.a').covered]).toEqual(['user.read'])
  })

  test('thousands of long names and hundreds of patterns are read like any others', () => {
    const resources = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [
        `a.b.c.d.e.f${index % 10}.g${index}`,
        ['read', 'write', 'share', 'purge'],
      ]),
    )
    const large = defineScopes({ dialect: 'dotted', resources, wildcards: 'grants' })
    // Of each of eight segments, itself or a star: written out, a million patterns.
    const patterns = Array.from({ length: 256 }, (_, bits) =>
      ['a', 'b', 'c', 'd', 'e', 'f7', 'g7', 'read']
        .map((segment, place) => ((bits >> place) & 1 ? '*' : segment))
        .join('.'),
    )
    const grant = large.grant(patterns)
    expect(grant.unknown).toEqual([])
    expect(grant.covered.size).toBe(4_000)
    expect([...large.grant('*.*.*.*.*.f7.*.read **.x *.*.*.*.*.*.*.x').covered].length).toBe(100)
  })
})

describe('nothing asked, nothing held', () => {
  const scopes = defineScopes({ resources: { users: ['read'] } })

  test('an absent claim is an empty grant and not an unrestricted one (zeroid#341)', () => {
    for (const claims of [{}, { scope: '' }, { scp: [] }]) {
      expect(scopes.fromClaims(claims).covered.size).toBe(0)
    }
  })

  test('the empty string is no scope, held or required (stig-manager#45, express-jwt-authz)', () => {
    expect(scopes.grant('').tokens).toEqual([])
    expect(scopes.grant(['']).tokens).toEqual([])
    expect(scopes.can(scopes.grant(''), '' as 'users:read')).toBe(false)
    expect(() => scopes.requirement('' as 'users:read')).toThrow(
      expect.objectContaining({ code: 'scope_unknown' }),
    )
    expect(() => defineScopes({ resources: {}, opaque: [''] })).toThrow(
      expect.objectContaining({ code: 'scope_invalid' }),
    )
  })

  test('a requirement that resolves to nothing leaves no route open (microsoft-identity-web#2398)', () => {
    expect(() => scopes.requirement(undefined as unknown as 'users:read')).toThrow(
      expect.objectContaining({ code: 'scope_invalid' }),
    )
    expect(scopes.can(scopes.grant('undefined users:read'), 'undefined' as 'users:read')).toBe(
      false,
    )
  })

  test('all means all: one of two is not enough (express-jwt-authz#1, #26)', () => {
    const both = defineScopes({ resources: { users: ['read', 'write'] } })
    const requirement = both.allOf('users:read', 'users:write')
    expect(both.judge(both.grant('users:read'), requirement).kind).toBe('insufficient')
    expect(both.judge(both.grant('users:write'), requirement).kind).toBe('insufficient')
  })

  test('an open route is written out, never inferred from an empty list', () => {
    expect(scopes.judge(scopes.grant(''), authenticated())).toEqual({ kind: 'covered' })
  })
})

describe('claims', () => {
  const scopes = defineScopes({ resources: { users: ['read', 'write'] } })

  test('neither claim wins when they differ (spring-security#6797)', () => {
    for (const claims of [
      { scope: 'users:read', scp: 'users:write' },
      { scp: 'users:write', scope: 'users:read' },
    ]) {
      expect(scopes.fromClaims(claims).covered.size).toBe(0)
    }
  })

  test('scp alone is read, as text and as a list (express-oauth2-jwt-bearer)', () => {
    expect(scopes.can(scopes.fromClaims({ scp: 'users:read' }), 'users:read')).toBe(true)
    expect(scopes.can(scopes.fromClaims({ scp: ['users:read'] }), 'users:read')).toBe(true)
  })

  test.each([
    'hasOwnProperty:x',
    'constructor',
    '__proto__',
    'toString',
    'valueOf',
    'constructor:prototype',
    '__proto__:*',
    '*:__proto__',
    '__defineGetter__',
  ])('%s is looked up like any other token (shiro-trie, stytch, better-auth)', (token) => {
    const open = defineScopes({ resources: { users: ['read'] }, wildcards: 'grants' })
    expect(open.grant(token)).toMatchObject({ tokens: [], unknown: [token] })
    expect(open.can(open.grant('users:*'), token as 'users:read')).toBe(false)
  })
})

describe('superuser and implication', () => {
  test('no wildcard matches the name of the superuser, and reading on widens nothing', () => {
    const scopes = defineScopes({
      resources: { users: ['read', 'all'], posts: ['read'] },
      superuser: 'users:full',
      wildcards: 'grants',
    })
    const grant = scopes.grant('users:* *:full *:all')
    expect([...grant.covered].sort()).toEqual(['users:all', 'users:read'])
    const again = scopes.grant([...grant.covered])
    expect(again.covered).toEqual(grant.covered)
  })

  test('nothing may imply the superuser', () => {
    expect(() =>
      defineScopes({
        resources: { users: ['own'] },
        superuser: 'admin:all',
        implies: { 'users:own': ['admin:all'] },
      }),
    ).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
  })

  test('no implier carries a wildcard to an explicit-only scope', () => {
    expect(() =>
      defineScopes({
        resources: { billing: ['manage', 'payout'] },
        explicitOnly: ['billing:payout'],
        implies: { 'billing:manage': ['billing:payout'] },
        wildcards: 'grants',
      }),
    ).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
  })

  test('roles that give each other are refused and not cut short (Spring RoleHierarchy, shiro-trie#118)', () => {
    expect(() =>
      defineScopes({
        resources: { team: ['lead', 'join'] },
        implies: { 'team:lead': ['team:join'], 'team:join': ['team:lead'] },
      }),
    ).toThrow('team:lead -> team:join -> team:lead')
  })
})
