import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../src/scope/definition.js'

const BEFORE = {
  resources: { users: ['read', 'write'] },
  wildcards: 'grants',
} as const satisfies ScopesDefinition
const older = defineScopes(BEFORE)

describe('the widenings since an older vocabulary', () => {
  test('list the patterns and names that cover more, and what', () => {
    const newer = defineScopes({
      ...BEFORE,
      resources: { users: ['read', 'write', 'purge'] },
      implies: { 'users:write': ['users:read'] },
    })
    expect(newer.wideningsSince(older)).toEqual([
      { token: '*:*', kind: 'wider', gained: ['users:purge'] },
      { token: '*:purge', kind: 'new', gained: ['users:purge'] },
      { token: '*:write', kind: 'wider', gained: ['users:read'] },
      { token: 'users:*', kind: 'wider', gained: ['users:purge'] },
      { token: 'users:purge', kind: 'new', gained: ['users:purge'] },
      { token: 'users:write', kind: 'wider', gained: ['users:read'] },
    ])
  })

  test('show what a superuser and a scope that is no longer explicit-only come to', () => {
    const strict = defineScopes({
      ...BEFORE,
      superuser: 'admin:all',
      explicitOnly: ['users:write'],
    })
    const loose = defineScopes({ ...BEFORE, superuser: 'admin:all' })
    expect(loose.wideningsSince(strict).map(({ token }) => token)).toEqual([
      '*:*',
      '*:write',
      'admin:all',
      'users:*',
    ])
  })

  test('show which tokens mean something once wildcards or a second dialect are accepted', () => {
    const without = defineScopes({ ...BEFORE, wildcards: 'off' })
    expect(older.wideningsSince(without).map(({ token, kind }) => `${kind} ${token}`)).toEqual([
      'new *:*',
      'new *:read',
      'new *:write',
      'new users:*',
    ])
    const moving = defineScopes({ ...BEFORE, wildcards: 'off', accepts: ['dotted'] })
    expect(moving.wideningsSince(without).map(({ token }) => token)).toEqual([
      'users.read',
      'users.write',
    ])
  })

  test('of a dotted vocabulary list open patterns too', () => {
    const dotted = (actions: readonly string[]) =>
      defineScopes({ dialect: 'dotted', resources: { 'org.users': actions }, wildcards: 'grants' })
    expect(
      dotted(['read', 'write'])
        .wideningsSince(dotted(['read']))
        .map(({ token }) => token),
    ).toEqual([
      '**',
      '*.**',
      '*.*.*',
      '*.*.**',
      '*.*.write',
      '*.users.*',
      '*.users.**',
      '*.users.write',
      'org.**',
      'org.*.*',
      'org.*.**',
      'org.*.write',
      'org.users.*',
      'org.users.**',
      'org.users.write',
    ])
  })

  test('are none for the same vocabulary, and for one that only lost scopes', () => {
    expect(older.wideningsSince(older)).toEqual([])
    const smaller = defineScopes({ resources: { users: ['read'] }, wildcards: 'grants' })
    expect(smaller.wideningsSince(older)).toEqual([])
  })
})
