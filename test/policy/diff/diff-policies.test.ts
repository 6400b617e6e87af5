import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import type { PolicyDefinition } from '../../../src/policy/definition/policy-definition.js'
import { decideExample } from '../../../src/policy/diff/decide-example.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
import type { PolicyDifference } from '../../../src/policy/diff/difference.js'
import { renderDiff } from '../../../src/policy/diff/render-diff.js'
import type { Policy } from '../../../src/policy/policy.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })

/** A policy read from a file: what tests of differences change is data. */
function read(
  change: object = {},
  vocabulary: { readonly names: readonly string[] } = scopes,
): Policy {
  const document = {
    principal: { id: 'string' },
    types: {
      post: { attributes: { org: 'string', author: 'string', state: ['draft', 'live'] } },
    },
    roles: { reader: ['posts:read'], writer: ['posts:read', 'posts:write'] },
    rules: [ALL_READ, AUTHORS_WRITE],
    ...change,
  }
  if (document.roles === undefined) Reflect.deleteProperty(document, 'roles')
  return definePolicy(
    vocabulary as typeof scopes,
    document as unknown as PolicyDefinition<never, never, never, never, never, never, never>,
  ) as unknown as Policy
}
const attribute = (of: string, name: string) => ({ kind: 'attribute', of, name })
const state = (value: string) => ({
  kind: 'eq',
  left: attribute('resource', 'state'),
  right: { kind: 'value', value },
})
const ALL_READ = {
  effect: 'allow',
  name: 'all read',
  type: 'post',
  actions: ['posts:read'],
  when: { kind: 'always' },
}
const AUTHORS_WRITE = {
  effect: 'allow',
  name: 'authors write',
  type: 'post',
  actions: ['posts:write'],
  when: {
    kind: 'eq',
    left: attribute('resource', 'author'),
    right: attribute('principal', 'id'),
  },
}
const post = { attributes: { org: 'string', author: 'string', state: ['draft', 'live'] } }

const effects = (differences: readonly PolicyDifference[]) =>
  differences.map((one) =>
    one.kind === 'difference'
      ? `${one.effect} ${one.action} ${one.roles.map((role) => role ?? 'none').join()}`
      : `${one.kind} ${one.action}`,
  )

describe('no difference', () => {
  test('is what a policy has to itself, and to one that says the same in other words', () => {
    expect(diffPolicies(read(), read())).toEqual([])
    const halves = ['draft', 'live'].map((value) => ({
      ...AUTHORS_WRITE,
      name: value,
      when: { kind: 'allOf', parts: [AUTHORS_WRITE.when, state(value)] },
    }))
    const stated = {
      ...AUTHORS_WRITE,
      when: {
        kind: 'allOf',
        parts: [
          AUTHORS_WRITE.when,
          { kind: 'not', part: { kind: 'never' } },
          {
            kind: 'anyOf',
            parts: [state('draft'), state('live')],
          },
        ],
      },
    }
    const [one, other] = [
      read({ rules: [ALL_READ, stated] }),
      read({ rules: [ALL_READ, ...halves] }),
    ]
    expect(diffPolicies(one, other)).toEqual([])
    expect(renderDiff([])).toBe('no difference')
  })
})

describe('a difference', () => {
  const before = read()
  test.each<[string, object, string[]]>([
    ['a rule that is gone', { rules: [ALL_READ] }, ['narrows posts:write writer']],
    [
      'a rule that asks for less',
      { rules: [ALL_READ, { ...AUTHORS_WRITE, when: { kind: 'always' } }] },
      ['widens posts:write writer'],
    ],
    [
      'a rule that denies',
      {
        rules: [
          ALL_READ,
          AUTHORS_WRITE,
          { ...ALL_READ, effect: 'deny', name: 'x', when: state('draft') },
        ],
      },
      ['narrows posts:read reader,writer'],
    ],
    [
      'a role that has more',
      { roles: { reader: ['posts:read', 'posts:write'], writer: ['posts:read', 'posts:write'] } },
      ['widens posts:write reader'],
    ],
    [
      'roles that restrict nothing any more',
      { roles: undefined },
      ['widens posts:read none', 'widens posts:write none,reader'],
    ],
    [
      'tenants',
      { types: { post: { ...post, tenant: 'org' } } },
      ['narrows posts:read reader,writer', 'narrows posts:write writer'],
    ],
    [
      'refusals that hide',
      { types: { post: { ...post, conceal: 'posts:read' } } },
      ['narrows posts:read none', 'narrows posts:write none'],
    ],
    [
      'a type that is gone',
      { types: { team: post }, rules: [] },
      ['narrows posts:read reader,writer', 'narrows posts:write writer'],
    ],
    [
      'fields',
      {
        rules: [
          ALL_READ,
          AUTHORS_WRITE,
          { ...ALL_READ, effect: 'fields', name: 'x', fields: ['state'] },
        ],
      },
      ['narrows posts:read reader,writer'],
    ],
    [
      'an attribute that may be shown besides',
      { types: { post: { attributes: { ...post.attributes, salary: 'number' } } } },
      ['widens posts:read reader,writer', 'widens posts:write writer'],
    ],
    [
      'an enumeration that has another member',
      {
        types: { post: { attributes: { ...post.attributes, state: ['draft', 'live', 'gone'] } } },
      },
      [],
    ],
  ])('is %s', (_name, change, expected) => {
    const after = read(change)
    const differences = diffPolicies(before, after)
    expect(effects(differences)).toEqual(expected)
    for (const one of differences) {
      if (one.kind !== 'difference') continue
      expect(decideExample(before, one.example)).toEqual(one.before.decision)
      expect(decideExample(after, one.example)).toEqual(one.after.decision)
    }
    const back = effects(diffPolicies(after, before))
    expect(back.map((text) => text.slice(text.indexOf(' ')))).toEqual(
      expected.map((text) => text.slice(text.indexOf(' '))),
    )
  })

  test('of vocabularies is shown by a grant', () => {
    const implying = defineScopes({
      resources: { posts: ['read', 'write'] },
      implies: { 'posts:write': ['posts:read'] },
    })
    const [one] = diffPolicies(before, read({}, implying))
    expect(one).toMatchObject({
      kind: 'difference',
      effect: 'widens',
      action: 'posts:read',
      example: { grant: 'posts:write' },
      before: { decision: { kind: 'scope' } },
    })
  })

  test.each<[string, object, object]>([
    ['another dialect that is accepted', { accepts: ['action:resource'] }, { grant: 'read:posts' }],
    ['more tokens that are read', { limits: { tokens: 600 } }, { action: 'posts:read' }],
    ['longer claims that are read', { limits: { characters: 9_000 } }, { action: 'posts:read' }],
    ['longer tokens that are read', { limits: { tokenCharacters: 300 } }, { action: 'posts:read' }],
  ])('of vocabularies is %s', (_name, change, example) => {
    const definition = { resources: { posts: ['read', 'write'] as const }, ...change }
    const wider = read({}, defineScopes(definition))
    const [one] = diffPolicies(before, wider)
    expect(one).toMatchObject({ kind: 'difference', effect: 'widens', example })
    if (one?.kind === 'difference') {
      expect(decideExample(before, one.example).kind).toBe('scope')
      expect(decideExample(wider, one.example).kind).not.toBe('scope')
    }
    expect(diffPolicies(wider, before)[0]).toMatchObject({ effect: 'narrows', example })
    expect(diffPolicies(wider, read({}, defineScopes(definition)))).toEqual([])
  })

  test('of vocabularies with names too long to write out their patterns is not proved', () => {
    const long = 'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o'
    const vocabulary = (limit: number) =>
      defineScopes({
        dialect: 'dotted',
        wildcards: 'grants',
        resources: { [long]: ['z'] },
        limits: { segments: 16, tokens: limit },
      })
    const rules = [{ ...ALL_READ, actions: [`${long}.z`] }]
    const of = (limit: number) => read({ roles: undefined, rules }, vocabulary(limit))
    expect(diffPolicies(of(1), of(2), { mostCases: 100_000 })).toMatchObject([
      { kind: 'not_proved', action: `${long}.z`, type: 'post' },
    ])
  })

  test('comes with a request that anybody can ask again', () => {
    const after = read({ rules: [ALL_READ] })
    const [one] = diffPolicies(before, after)
    expect(one).toMatchObject({
      example: {
        action: 'posts:write',
        type: 'post',
        grant: 'undelegated',
        roles: ['writer'],
        principal: { id: 'another' },
        resource: { author: 'another' },
      },
      before: { decision: { kind: 'permitted', rule: 'authors write' } },
      after: { decision: { kind: 'permission', reason: 'no_rule_allows' } },
    })
    expect(renderDiff(diffPolicies(before, after))).toBe(
      [
        'narrows: posts:write on post, from permitted to refused',
        '  roles     writer',
        '  holding   writer',
        '  principal id = "another"',
        '  resource  author = "another"',
      ].join('\n'),
    )
  })

  test('that was not looked for is not denied', () => {
    const after = read({ rules: [ALL_READ, { ...AUTHORS_WRITE, when: { kind: 'always' } }] })
    expect(diffPolicies(before, after, { mostCases: 2 })).toEqual([
      { kind: 'not_proved', action: 'posts:write', type: 'post' },
    ])
    expect(renderDiff(diffPolicies(before, after, { mostCases: 2 }))).toBe(
      'not proved: posts:write on post',
    )
  })
})
