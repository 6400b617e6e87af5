import { describe, expect, test } from 'vitest'
import { type AnalyseOptions, analyse } from '../../../src/policy/analysis/analyse.js'
import type { Condition } from '../../../src/policy/condition/condition.js'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { createReloadablePolicy } from '../../../src/policy/reload/reloadable-policy.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })
const types = {
  post: {
    attributes: {
      author: 'string',
      state: ['draft', 'live'],
      words: 'number',
      tags: 'strings',
    },
  },
} as const
const definition = { principal: { id: 'string' }, types } as const

/** The rule findings of a policy over posts, as `kind rule by`. */
function found(rules: Parameters<typeof define>[0], options: AnalyseOptions = {}): string[] {
  return analyse(define(rules), options)
    .filter(({ level }) => level !== 'note')
    .map((one) =>
      'by' in one ? [one.kind, one.rule, ...one.by].join(' ') : `${one.kind} ${one.message}`,
    )
}

function define(
  rules: (kit: {
    // The tests need two effects and raw conditions; what a rule may say is tested elsewhere.
    allow(name: string, when?: Condition): unknown
    deny(name: string, when?: Condition): unknown
    is(
      kind: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte',
      name: 'author' | 'state' | 'words',
      value: string | number,
    ): Condition
    and(...parts: Condition[]): Condition
    or(...parts: Condition[]): Condition
    not(part: Condition): Condition
  }) => readonly unknown[],
) {
  return definePolicy(scopes, {
    ...definition,
    rules: (kit) =>
      rules({
        allow: (name, when) => kit.on('post').allow(name, 'posts:read', when),
        deny: (name, when) => kit.on('post').deny(name, 'posts:read', when),
        is: (kind, name, value) => ({
          kind,
          left: { kind: 'attribute', of: 'resource', name },
          right: { kind: 'value', value },
        }),
        and: (...parts) => ({ kind: 'allOf', parts }),
        or: (...parts) => ({ kind: 'anyOf', parts }),
        not: kit.not,
      }) as never,
  })
}

describe('a rule that can never apply', () => {
  test.each<[string, Parameters<typeof define>[0]]>([
    ['a literal never', ({ allow }) => [allow('x', { kind: 'never' })]],
    [
      'a text that would be two',
      ({ allow, and, is }) => [allow('x', and(is('eq', 'author', 'a'), is('eq', 'author', 'b')))],
    ],
    [
      'every member of an enumeration excluded',
      ({ allow, and, is }) => [
        allow('x', and(is('ne', 'state', 'draft'), is('ne', 'state', 'live'))),
      ],
    ],
    [
      'a number between two with nothing between',
      ({ allow, and, is }) => [allow('x', and(is('lt', 'words', 5), is('gte', 'words', 5)))],
    ],
    [
      'a contradiction under a negation',
      ({ allow, not, or, is }) => [
        allow('x', not(or(is('eq', 'author', 'a'), is('ne', 'author', 'a')))),
      ],
    ],
  ])('%s', (_name, rules) => {
    expect(found(rules)).toEqual(['rule_unreachable x'])
  })

  test('is not one that a number just between fulfils', () => {
    expect(
      found(({ allow, and, is }) => [
        allow('x', and(is('gt', 'words', 1), is('lt', 'words', 1 + 2 ** -40))),
      ]),
    ).toEqual([])
  })

  test('may be one whose action no role has', () => {
    const policy = definePolicy(scopes, {
      ...definition,
      roles: { reader: ['posts:read'] },
      rules: ({ on }) => [
        on('post').allow('all', ['posts:read', 'posts:write']),
        on('post').allow('only write', 'posts:write', (post) => post.state.eq('draft')),
      ],
    })
    expect(analyse(policy).slice(0, 2)).toMatchObject([
      { kind: 'rule_unreachable', rule: 'all', actions: ['posts:write'], level: 'error' },
      { kind: 'rule_unreachable', rule: 'only write', actions: ['posts:write'] },
    ])
  })

  test('may be one that only the resource of another tenant could fulfil', () => {
    const policy = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { post: { attributes: { org: 'string' }, tenant: 'org' } },
      rules: ({ on, principal, allOf }) => [
        on('post').allow('x', 'posts:read', (post) =>
          allOf(post.org.eq('acme'), principal.tenant.eq('other')),
        ),
      ],
    })
    expect(analyse(policy)).toMatchObject([{ kind: 'rule_unreachable', rule: 'x' }, {}, {}])
  })
})

describe('a rule that changes no decision', () => {
  test('is an allow that another allow implies', () => {
    expect(
      found(({ allow, is }) => [
        allow('long', is('gt', 'words', 100)),
        allow('longer', is('gt', 'words', 200)),
      ]),
    ).toEqual(['rule_shadowed longer long'])
  })

  test('is an allow that a deny always wins over', () => {
    expect(
      found(({ allow, deny, is }) => [
        allow('live', is('eq', 'state', 'live')),
        allow('mine', is('eq', 'author', 'me')),
        deny('no live', is('eq', 'state', 'live')),
      ]),
    ).toEqual(['rule_shadowed live no live'])
  })

  test('is each of two that say the same, one at a time', () => {
    expect(
      found(({ allow, is, not }) => [
        allow('a', is('eq', 'state', 'live')),
        allow('b', not(is('ne', 'state', 'live'))),
      ]),
    ).toEqual(['rule_shadowed a b', 'rule_shadowed b a'])
  })

  test('is a deny of what nobody allows', () => {
    expect(
      found(({ allow, deny, or, is }) => [
        allow('short', is('lt', 'words', 10)),
        deny('long or unknown', is('gte', 'words', 10)),
        deny('very long', or(is('gt', 'words', 20), is('gt', 'words', 30))),
      ]),
    ).toEqual([
      'deny_without_effect long or unknown very long',
      'deny_without_effect very long long or unknown',
    ])
  })

  test('is not a deny that refuses for want of an attribute', () => {
    expect(
      found(({ allow, deny, and, is }) => [
        allow('all'),
        deny('never true', and(is('eq', 'author', 'a'), is('eq', 'author', 'b'))),
      ]),
    ).toEqual(['deny_only_unknown never true'])
  })
})

describe('what was not looked at', () => {
  test('is reported, and never called fine', () => {
    const names = Array.from({ length: 13 }, (_, index) => `p${index}`)
    const policy = definePolicy(scopes, {
      types: { post: { attributes: {} } },
      predicates: Object.fromEntries(names.map((name) => [name, () => true])),
      rules: ({ on, anyOf, predicate }) => [
        on('post').allow('any', 'posts:read', () =>
          anyOf(predicate('p0'), ...names.map(predicate)),
        ),
      ],
    })
    expect(analyse(policy)).toMatchObject([
      { kind: 'not_proved', action: 'posts:read', type: 'post', level: 'warning' },
      { kind: 'scope_unused', scope: 'posts:write' },
    ])
  })

  test('is nothing up to twelve predicates that can be true, false or missing', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`flag${index}`, 'boolean' as const]),
    )
    const policy = definePolicy(scopes, {
      types: { post: { attributes } },
      rules: ({ on, anyOf }) => [
        on('post').allow('any', ['posts:read', 'posts:write'], (post) =>
          anyOf(...(Object.keys(attributes).map((name) => post[name]?.eq(true)) as [Condition])),
        ),
      ],
    })
    expect(analyse(policy, { mostCases: 3 ** 12 })).toEqual([])
  })
})

describe('the routes of an API', () => {
  const policy = definePolicy(scopes, {
    types: { post: { attributes: { state: ['draft', 'live'] } } },
    rules: ({ on, allOf }) => [
      on('post').allow('live', 'posts:read', (post) => post.state.eq('live')),
      on('post').allow('nothing', 'posts:write', (post) =>
        allOf(post.state.eq('live'), post.state.eq('draft')),
      ),
    ],
  })
  const route = (name: string, action: string) => ({
    name,
    requirement: { kind: 'scope', name: action } as const,
    rule: { question: { action, type: 'post' } },
  })

  test('may ask for what nobody is ever permitted', () => {
    const routes = [route('GET /posts/:id', 'posts:read'), route('PUT /posts/:id', 'posts:write')]
    expect(analyse(policy, { routes }).map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'rule_unreachable: Rule "nothing" (posts:write on post) can never apply.',
      'route_unreachable: Route PUT /posts/:id asks for posts:write on post, which nobody is ever permitted.',
    ])
  })

  test('may be lists that no query can make', () => {
    const functional = definePolicy(scopes, {
      types: { post: { attributes: { state: ['draft', 'live'] } } },
      predicates: { 'is fresh': () => true },
      rules: ({ on, predicate }) => [
        on('post').allow('fresh', ['posts:read', 'posts:write'], predicate('is fresh')),
      ],
    })
    const list = {
      ...route('GET /posts', 'posts:read'),
      rule: { question: { action: 'posts:read', type: 'post', list: true } },
    }
    const routes = [list, route('PUT /posts/:id', 'posts:write')]
    expect(
      analyse(functional, { routes })
        .filter(({ level }) => level === 'error')
        .map(({ kind, message }) => `${kind}: ${message}`),
    ).toEqual([
      'route_not_listable: Route GET /posts lists post for posts:read, and rule "fresh" asks what no query can.',
    ])
    expect(analyse(policy, { routes: [list] }).map(({ kind }) => kind)).not.toContain(
      'route_not_listable',
    )
    expect(createReloadablePolicy(functional).swap(functional, { routes })).toMatchObject({
      kind: 'refused',
      reason: 'findings',
    })
  })

  test('make use of scopes that no rule names', () => {
    const wide = defineScopes({
      resources: { posts: ['read'], users: ['read'] },
      opaque: ['openid'],
    })
    const small = definePolicy(wide, {
      types: { post: { attributes: { state: 'string' } } },
      rules: ({ on }) => [on('post').allow('live', 'posts:read', (post) => post.state.eq('live'))],
    })
    const unused = (options: AnalyseOptions) =>
      analyse(small, options).flatMap((one) => (one.kind === 'scope_unused' ? [one.scope] : []))
    expect(unused({})).toEqual(['users:read', 'openid'])
    expect(
      unused({
        routes: [{ name: 'GET /me', requirement: wide.anyOf('users:read', 'openid'), rule: null }],
      }),
    ).toEqual([])
  })
})

test('what is declared and not asked for is noted', () => {
  const policy = definePolicy(scopes, {
    principal: { id: 'string' },
    types: {
      post: { attributes: { author: 'string', state: 'string' } },
      team: { attributes: {} },
    },
    roles: { reader: ['posts:read'], guest: [], writer: ['posts:write'] },
    relations: { edits: { type: 'post', principal: 'id', resource: 'author', load: () => [] } },
    predicates: { lucky: () => true },
    rules: ({ on }) => [on('post').allow('all', 'posts:read')],
  })
  expect(analyse(policy).map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
    'action_never_allowed: No rule allows posts:write.',
    'role_unused: Role "guest" has nothing that a rule allows, and no rule asks for it.',
    'role_unused: Role "writer" has nothing that a rule allows, and no rule asks for it.',
    'type_unused: No rule is about type "team".',
    'relation_unused: No rule asks for relation "edits".',
    'predicate_unused: No rule asks for predicate "lucky".',
    'attribute_unused: No rule asks for post.state.',
    'scope_unused: No rule and no route names posts:write, or what it implies.',
  ])
})
