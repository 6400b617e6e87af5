import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Explanation } from '../../src/scope/explanation.js'
import { renderExplanation } from '../../src/scope/render-explanation.js'
import { authenticated } from '../../src/scope/requirement.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write', 'publish'] },
  accepts: ['action:resource'],
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:delete'],
  actionImplies: { write: ['read'] },
  implies: { 'posts:publish': ['posts:write'] },
})
const patterns = defineScopes({
  resources: { users: ['read', 'write'], posts: ['read', 'write'] },
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})
const { allOf, anyOf } = scopes

describe('an explanation', () => {
  test('says of a denial what is held and how, what is missing, and what counts for nothing', () => {
    const needs = allOf('users:write', anyOf('posts:publish', 'admin:all'))
    expect(scopes.explain('users:write openid2 a\tb', needs)).toEqual({
      kind: 'denied',
      steps: [
        {
          atom: 'users:write',
          witness: 'users:write',
          path: [{ cause: 'own_name', from: 'users:write', to: 'users:write' }],
        },
      ],
      missing: ['posts:publish'],
      challenge: 'users:write posts:publish',
      ignored: ['openid2'],
      malformed: ['a\tb'],
      problem: null,
    })
  })

  test('follows implications, one declared edge after the other', () => {
    expect(scopes.explain('posts:publish', 'posts:read').steps).toEqual([
      {
        atom: 'posts:read',
        witness: 'posts:publish',
        path: [
          { cause: 'own_name', from: 'posts:publish', to: 'posts:publish' },
          { cause: 'implication', from: 'posts:publish', to: 'posts:write' },
          { cause: 'implication', from: 'posts:write', to: 'posts:read' },
        ],
      },
    ])
  })

  test('tells the superuser, a pattern and another spelling apart', () => {
    const causes = (vocabulary: typeof scopes | typeof patterns, granted: string) =>
      vocabulary
        .explain(granted, 'users:read')
        .steps.flatMap(({ path }) => path.map((one) => one.cause))
    expect(causes(scopes, 'admin:all')).toEqual(['own_name', 'superuser'])
    expect(causes(scopes, 'write:users')).toEqual(['second_spelling', 'implication'])
    expect(causes(patterns, 'users:*')).toEqual(['wildcard'])
  })

  test('takes of several tokens the one with the shortest path, whatever their order', () => {
    for (const granted of [
      'admin:all users:read users:write',
      'users:write users:read admin:all',
    ]) {
      expect(scopes.explain(granted, 'users:read').steps[0]?.witness).toBe('users:read')
    }
    expect(scopes.explain('users:write admin:all', 'users:read').steps[0]?.witness).toBe(
      'admin:all',
    )
    expect(patterns.explain('*:read users:*', 'users:read').steps[0]?.witness).toBe('*:read')
  })

  test('of a requirement that is met shows the alternative that is', () => {
    const why = scopes.explain('users:delete', anyOf('posts:publish', 'users:delete'))
    expect(why).toMatchObject({ kind: 'covered', missing: [], challenge: 'users:delete' })
    expect(why.steps.map((step) => step.atom)).toEqual(['users:delete'])
  })

  test('of authenticated() has no steps, and is covered even for a claim that was refused', () => {
    expect(scopes.explain(['users:read', 7] as never, authenticated())).toMatchObject({
      kind: 'covered',
      steps: [],
      challenge: '',
      problem: 'scope_claim_malformed',
    })
  })

  test('does not take an explicit-only scope for held because of a wider one', () => {
    expect(scopes.explain('admin:all users:write', 'users:delete')).toMatchObject({
      kind: 'denied',
      steps: [],
      missing: ['users:delete'],
    })
  })

  test('refuses a requirement that is none', () => {
    expect(() => scopes.explain('', 'users:raed' as never)).toThrow(ConfigurationError)
  })

  test('of a grant that another vocabulary read follows its verdict, with the steps that it finds', () => {
    const elsewhere = defineScopes({ resources: { users: ['read'] }, superuser: 'root' })
    expect(scopes.explain(elsewhere.grant('root'), 'users:read')).toMatchObject({
      kind: 'covered',
      steps: [],
    })
  })
})

describe('an explanation for the terminal', () => {
  test('has a line for each scope that is held, and one for whatever else there is to say', () => {
    const needs = allOf('users:read', 'posts:read', 'openid', 'users:delete')
    expect(renderExplanation(scopes.explain('write:users posts:publish openid x "', needs))).toBe(
      `denied
  has       users:read: write:users > users:write (second_spelling) > users:read (implication)
  has       posts:read: posts:publish > posts:write (implication) > posts:read (implication)
  has       openid: own_name
  lacks     users:delete
  ask for   users:read posts:read openid users:delete
  ignored   x
  malformed "\\""`,
    )
  })

  test('is one word where there is nothing to add', () => {
    expect(renderExplanation(scopes.explain('', authenticated()))).toBe('covered')
  })

  test('says why a claim was refused', () => {
    expect(renderExplanation(scopes.explain('a'.repeat(9_000), 'openid'))).toBe(
      'denied\n  lacks     openid\n  ask for   openid\n  problem   scope_limit',
    )
  })

  test('escapes what could move the cursor, forge a line or change the direction of text', () => {
    const grant = scopes.grant('\u001b[2J\u001b[31m a\r\nusers:read\u202egnp.exe \u0000 é')
    expect(renderExplanation(scopes.explain(grant, 'openid')).split('\n').at(-1)).toBe(
      '  malformed "\\u001b[2J\\u001b[31m" "a\\u000d\\u000ausers:read\\u202egnp.exe" "\\u0000" "\\u00e9"',
    )
  })

  test('cuts long tokens and lists, and counts what it leaves out', () => {
    const grant = scopes.grant([
      ...Array.from({ length: 300 }, (_, at) => `t${at}`),
      'x'.repeat(99),
    ])
    const [line = ''] = renderExplanation(scopes.explain(grant, authenticated()))
      .split('\n')
      .slice(1)
    expect(line).toBe('  ignored   t0 t1 t2 t3 t4 t5 t6 t7 (and 293 more)')
    const long = scopes.grant('x'.repeat(99))
    expect(renderExplanation(scopes.explain(long, authenticated()))).toBe(
      `covered\n  ignored   ${'x'.repeat(64)}...`,
    )
  })

  test('cuts long paths', () => {
    const names = Array.from({ length: 9 }, (_, at) => `a${at}`)
    const chain = defineScopes({
      resources: {},
      opaque: names,
      implies: Object.fromEntries(names.slice(1).map((to, at) => [`a${at}`, [to]])),
    })
    expect(renderExplanation(chain.explain('a0', 'a8')).split('\n')[1]).toBe(
      '  has       a8: a0 > a1 (implication) > a2 (implication) > a3 (implication) > a4 (implication) > (and 4 more)',
    )
  })

  test('is printable ASCII in lines of its own, and at most 16,384 characters, for any claim', () => {
    const names = Array.from({ length: 40 }, (_, at) => `${'n'.repeat(200)}${at}`)
    const wide = defineScopes({ resources: {}, opaque: names })
    const [first = '', ...rest] = names
    const needs = wide.allOf(first, ...rest)
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...names))),
        fc.array(fc.string({ unit: 'binary', minLength: 60, maxLength: 256 }), { maxLength: 20 }),
        (tokens, long) => {
          const text = renderExplanation(wide.explain([...tokens, ...long, ...names], needs))
          expect(text).toMatch(
            /^(covered|denied)(\n {2}(has|lacks|ask for|ignored|malformed|problem) [ -~]+)*$/,
          )
          expect(text.length).toBeLessThanOrEqual(16_384)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('of something that is no explanation of ours stays printable', () => {
    const forged: Explanation = {
      kind: 'denied',
      steps: [{ atom: '\n', witness: '\u001b', path: [] }],
      missing: ['\n'],
      challenge: '\r \u0007',
      ignored: ['\u009b'],
      malformed: [],
      problem: null,
    }
    expect(renderExplanation(forged)).toMatch(/^[ -~\n]*$/)
  })
})
