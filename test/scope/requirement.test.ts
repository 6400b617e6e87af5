import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated, type Requirement } from '../../src/scope/requirement.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'impersonate'], posts: ['read', 'write', 'publish'] },
  superuser: 'admin:all',
  explicitOnly: ['users:impersonate'],
  implies: { 'posts:publish': ['posts:write'] },
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})
const { allOf, anyOf } = scopes

describe('a judgement', () => {
  test('allOf names every scope that is not covered', () => {
    const requirement = allOf('users:write', 'posts:write', 'posts:read')
    expect(scopes.judge(scopes.grant('posts:write'), requirement)).toEqual({
      kind: 'insufficient',
      missing: ['users:write'],
    })
    expect(scopes.judge(scopes.grant(''), requirement)).toEqual({
      kind: 'insufficient',
      missing: ['users:write', 'posts:write', 'posts:read'],
    })
    expect(scopes.judge(scopes.grant('users:* posts:publish'), requirement)).toEqual({
      kind: 'covered',
    })
  })

  test('anyOf is met by one part and names the part that adds the least', () => {
    const requirement = anyOf('admin:all', 'posts:publish', 'posts:read')
    expect(scopes.judge(scopes.grant('posts:write'), requirement)).toEqual({ kind: 'covered' })
    expect(scopes.judge(scopes.grant('users:read'), requirement)).toEqual({
      kind: 'insufficient',
      missing: ['posts:read'],
    })
  })

  test('what adds the least depends on what is held', () => {
    const requirement = anyOf(
      allOf('users:read', 'users:impersonate'),
      allOf('posts:publish', 'posts:write'),
    )
    expect(scopes.judge(scopes.grant('users:read'), requirement)).toEqual({
      kind: 'insufficient',
      missing: ['users:impersonate'],
    })
    expect(scopes.judge(scopes.grant('posts:write'), requirement)).toEqual({
      kind: 'insufficient',
      missing: ['posts:publish'],
    })
  })

  test('everyone meets authenticated(), alone or as a part', () => {
    const nobody = scopes.grant('')
    expect(scopes.judge(nobody, authenticated())).toEqual({ kind: 'covered' })
    expect(scopes.judge(nobody, anyOf(authenticated(), 'users:read'))).toEqual({ kind: 'covered' })
    expect(scopes.judge(nobody, allOf(authenticated(), 'users:read'))).toEqual({
      kind: 'insufficient',
      missing: ['users:read'],
    })
  })

  test('a claim that is refused as a whole meets no scope', () => {
    const grant = scopes.fromClaims({ scope: 'admin:all', scp: 'users:read' })
    for (const name of scopes.names) {
      expect(scopes.judge(grant, scopes.requirement(name)).kind).toBe('insufficient')
    }
  })

  test('the superuser does not meet an explicit-only scope', () => {
    expect(scopes.judge(scopes.grant('admin:all *:*'), allOf('users:impersonate'))).toEqual({
      kind: 'insufficient',
      missing: ['users:impersonate'],
    })
  })

  test('a requirement that no vocabulary made is checked before it is judged', () => {
    const grant = scopes.grant('users:read')
    expect(scopes.judge(grant, { kind: 'scope', name: 'users:read' })).toEqual({ kind: 'covered' })
    // The empty conjunction would be vacuously true.
    expect(() => scopes.judge(grant, { kind: 'allOf', parts: [] })).toThrow(
      expect.objectContaining({ code: 'scope_invalid' }),
    )
  })

  test('changing a requirement after it was made changes nothing', () => {
    const parts: Requirement<'users:write'>[] = [{ kind: 'scope', name: 'users:write' }]
    const made = scopes.requirement({ kind: 'anyOf', parts })
    parts.push({ kind: 'scope', name: 'users:write' })
    parts.length = 0
    expect(made).toEqual({ kind: 'anyOf', parts: [{ kind: 'scope', name: 'users:write' }] })
    expect(Object.isFrozen(made)).toBe(true)
    expect(scopes.judge(scopes.grant('users:read'), made).kind).toBe('insufficient')
  })
})

describe('a challenge', () => {
  test('names all scopes of the operation, not only the missing ones, in the order of the rule', () => {
    const requirement = allOf('users:write', anyOf('posts:publish', 'admin:all'))
    const held = scopes.grant('users:write')
    expect(scopes.challenge(requirement, held)).toBe('users:write posts:publish')
    expect(scopes.challenge(requirement)).toBe('users:write posts:publish')
  })

  test('names each scope once', () => {
    expect(scopes.challenge(allOf('users:read', allOf('users:read', 'posts:read')))).toBe(
      'users:read posts:read',
    )
  })

  test('is one alternative, chosen by what is held', () => {
    const requirement = anyOf('posts:publish', 'users:write')
    expect(scopes.challenge(requirement)).toBe('users:write')
    expect(scopes.challenge(requirement, scopes.grant('posts:write'))).toBe('posts:publish')
  })

  test('between equals takes the first by code units, however the rule is ordered', () => {
    expect(scopes.challenge(anyOf('users:read', 'posts:read'))).toBe('posts:read')
    expect(scopes.challenge(anyOf('posts:read', 'users:read'))).toBe('posts:read')
  })

  test('never asks for a wildcard, even of one who holds one', () => {
    expect(scopes.challenge(allOf('users:read', 'posts:read'), scopes.grant('users:*'))).toBe(
      'users:read posts:read',
    )
  })

  test('asks for an explicit-only scope only where the rule leaves no other choice', () => {
    expect(scopes.challenge(anyOf('users:impersonate', authenticated()))).toBe('')
    expect(scopes.challenge(allOf('users:impersonate'))).toBe('users:impersonate')
  })

  test('is empty for authenticated()', () => {
    expect(scopes.challenge(authenticated())).toBe('')
  })
})

describe('a requirement from untyped code', () => {
  // What a caller without types could pass.
  const check = (part: unknown) => scopes.requirement(part as Requirement<'users:read'>)

  test('is copied as it is meant', () => {
    expect(check('users:read')).toEqual({ kind: 'scope', name: 'users:read' })
    expect(check({ kind: 'authenticated' })).toEqual({ kind: 'authenticated' })
    expect(
      check({ kind: 'anyOf', parts: ['users:read', { kind: 'scope', name: 'posts:read' }] }),
    ).toEqual({
      kind: 'anyOf',
      parts: [
        { kind: 'scope', name: 'users:read' },
        { kind: 'scope', name: 'posts:read' },
      ],
    })
  })

  test.each([
    'user:read',
    'users:reed',
    'USERS:READ',
    'users:read ',
    ' users:read',
    'users',
    'users:',
    '',
    'read:users',
    'users:*',
    '*:*',
    'us*:read',
    '__proto__',
    'constructor',
    'users:read users:write',
  ])('naming %j is refused, and the name is printed', (name) => {
    for (const part of [
      name,
      { kind: 'scope', name },
      { kind: 'allOf', parts: ['users:read', name] },
    ]) {
      expect(() => check(part)).toThrow(
        expect.objectContaining({
          code: 'scope_unknown',
          message: expect.stringContaining(`'${name}'`),
        }),
      )
    }
  })

  test.each([
    [undefined],
    [null],
    [42],
    [true],
    [{}],
    [{ kind: 'not', parts: ['users:read'] }],
    [{ kind: 'scope' }],
    [{ kind: 'scope', name: ['users:read'] }],
    [{ kind: 'allOf' }],
    [{ kind: 'allOf', parts: [] }],
    [{ kind: 'anyOf', parts: [] }],
    [{ kind: 'anyOf', parts: 'users:read' }],
    [{ kind: 'anyOf', parts: [null] }],
    [{ kind: 'allOf', parts: new Array(1) }],
    [{ kind: 'allOf', parts: [{ kind: 'anyOf', parts: [] }] }],
    [{ kind: 'authenticated', scopes: ['users:read'] }],
    [{ kind: 'scope', name: 'users:read', not: true }],
    [{ kind: 'allOf', parts: ['users:read'], or: [] }],
    [() => true],
  ])('%j is refused', (part) => {
    expect(() => check(part)).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
  })

  test('a bare list is refused, because half the field reads it as any and half as all', () => {
    for (const list of [['users:read'], ['users:read', 'posts:read'], []]) {
      expect(() => check(list)).toThrow(/allOf\(\.\.\.\) or anyOf\(\.\.\.\)/)
      expect(() => check({ kind: 'allOf', parts: [list] })).toThrow(
        expect.objectContaining({ code: 'scope_invalid' }),
      )
    }
  })

  test('an empty allOf or anyOf is refused', () => {
    const untyped = scopes as unknown as Record<'allOf' | 'anyOf', () => unknown>
    for (const kind of ['allOf', 'anyOf'] as const) {
      expect(() => untyped[kind]()).toThrow(
        expect.objectContaining({ code: 'scope_invalid', message: expect.stringContaining(kind) }),
      )
    }
  })

  test('a polluted prototype makes no requirement', () => {
    const prototype = Object.prototype as { kind?: string }
    prototype.kind = 'authenticated'
    try {
      expect(() => check({})).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
    } finally {
      delete prototype.kind
    }
  })

  test('one that contains itself is refused', () => {
    const parts: unknown[] = ['users:read']
    parts.push({ kind: 'allOf', parts })
    expect(() => check({ kind: 'allOf', parts })).toThrow(
      expect.objectContaining({ code: 'scope_invalid', message: expect.stringContaining('32') }),
    )
  })

  test('nesting 32 deep is accepted and 33 is not', () => {
    const nested = (depth: number): unknown =>
      depth === 0 ? 'users:read' : { kind: 'allOf', parts: [nested(depth - 1)] }
    const deepest = check(nested(32))
    expect(check(deepest)).toEqual(deepest)
    expect(() => check(nested(33))).toThrow(expect.objectContaining({ code: 'scope_invalid' }))
  })

  test('64 alternatives are accepted and one more is not', () => {
    const actions = Array.from({ length: 65 }, (_, index) => `a${index}`)
    const wide = defineScopes({ resources: { x: actions } })
    const of = (count: number) => ({
      kind: 'anyOf' as const,
      parts: actions.slice(0, count).map((action) => wide.requirement(`x:${action}`)),
    })
    expect(wide.requirement(of(64)).kind).toBe('anyOf')
    expect(() => wide.requirement(of(65))).toThrow(
      expect.objectContaining({ code: 'scope_invalid', message: expect.stringContaining('65') }),
    )
    expect(wide.allOf(of(8), of(8)).kind).toBe('allOf')
    expect(() => wide.allOf(of(8), of(8), of(2))).toThrow(
      expect.objectContaining({ code: 'scope_invalid', message: expect.stringContaining('128') }),
    )
  })

  test('an allOf of a thousand scopes is one alternative', () => {
    const actions = Array.from({ length: 1_000 }, (_, index) => `a${index}`)
    const wide = defineScopes({ resources: { x: actions }, wildcards: 'grants' })
    const every = wide.requirement({
      kind: 'allOf',
      parts: actions.map((action) => wide.requirement(`x:${action}`)),
    })
    expect(wide.judge(wide.grant('x:*'), every)).toEqual({ kind: 'covered' })
    expect(wide.judge(wide.grant('x:a0'), every)).toMatchObject({ kind: 'insufficient' })
  })
})
