import { describe, expect, test } from 'vitest'
import type { Condition } from '../../../src/policy/condition/condition.js'
import { definePolicy } from '../../../src/policy/define-policy.js'
import type { PolicyRule } from '../../../src/policy/definition/policy-definition.js'
import type { Filter } from '../../../src/policy/filter/filter.js'
import { toPredicate } from '../../../src/policy/filter/to-predicate.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write', 'publish', 'share'] } })

function blog(
  list: (principal: unknown) => Promise<readonly string[]> = () => Promise.resolve(['p1', 'p2']),
) {
  const asked: unknown[] = []
  const policy = definePolicy(scopes, {
    principal: { id: 'string', level: 'number?', teams: 'strings' },
    context: { frozen: 'boolean?' },
    types: {
      post: {
        attributes: {
          id: 'string',
          org: 'string',
          author: 'string',
          state: ['draft', 'live', 'old'],
          words: 'number?',
        },
        tenant: 'org',
      },
      page: { attributes: { owner: 'string', words: 'number', open: 'boolean', tags: 'strings' } },
    },
    roles: { reader: ['posts:read'], writer: { extends: ['reader'], grants: ['posts:write'] } },
    relations: {
      'shared with': {
        type: 'post',
        principal: 'id',
        resource: 'id',
        list: (principal) => {
          asked.push(principal)
          return list(principal)
        },
      },
      'edited by': { type: 'post', principal: 'id', resource: 'id', load: () => [] },
    },
    predicates: { lucky: () => true },
    rules: ({ on, principal, context, role, relation, predicate, allOf, anyOf, not }) => [
      on('post').allow('live', 'posts:read', (post) => post.state.eq('live')),
      on('post').allow('own', ['posts:read', 'posts:write'], (post) =>
        post.author.eq(principal.id),
      ),
      on('post').allow('shared', 'posts:read', allOf(not(role('writer')), relation('shared with'))),
      on('post').deny('frozen', 'posts:write', context.frozen.eq(true)),
      on('post').deny('old', 'posts:write', (post) =>
        anyOf(post.state.eq('old'), post.words.gt(principal.level)),
      ),
      on('post').allow('edited', 'posts:publish', relation('edited by')),
      on('post').deny('luck', 'posts:share', allOf(role('writer'), predicate('lucky'))),
      on('page').allow('any', 'posts:read'),
      on('page').allow('two words', 'posts:write', (page) =>
        anyOf(page.words.eq(1), page.words.eq(2)),
      ),
    ],
  })
  return { policy, asked }
}

const alice = { id: 'alice', level: 5, teams: ['a'], tenant: 'acme', roles: ['writer'] } as const
const bob = { ...alice, id: 'bob', roles: ['reader'] } as const
const everything = scopes.grant('posts:read posts:write posts:publish posts:share')

async function filtered(
  change: {
    readonly principal?: object
    readonly context?: { readonly frozen?: boolean }
    readonly grant?: string
  } = {},
  action: 'posts:read' | 'posts:write' = 'posts:write',
  type: 'post' | 'page' = 'post',
): Promise<Filter> {
  const { context = { frozen: false }, grant } = change
  return blog().policy.filter({
    principal: { ...alice, ...change.principal },
    grant: grant === undefined ? everything : scopes.grant(grant),
    context,
    action,
    type,
  })
}

const related = (name: string): Condition => ({ kind: 'relation', name })
const isPost = (value: string): Condition => ({
  kind: 'eq',
  left: { kind: 'attribute', of: 'resource', name: 'id' },
  right: { kind: 'value', value },
})
const both: Condition = { kind: 'allOf', parts: [related('shared'), related('team')] }
const either: Condition = {
  kind: 'anyOf',
  parts: [{ kind: 'not', part: related('shared') }, related('team')],
}
const rule = (effect: 'allow' | 'deny', name: string, when: Condition): PolicyRule => ({
  effect,
  name,
  type: 'post',
  actions: ['posts:read'],
  when,
})

/** Without what each attribute holds, which would hide the rest. */
function brief(filter: Filter): unknown {
  return JSON.parse(JSON.stringify(filter), (_, value) => {
    if (value?.kind === 'attribute') return value.name
    if (value?.kind === 'value') return { value: value.value }
    return value?.kind === 'list' ? value.values : value
  })
}

describe('a filter', () => {
  test('has values for what is known of the principal, and the tenant besides', async () => {
    expect(brief(await filtered())).toMatchObject({
      kind: 'where',
      where: {
        kind: 'allOf',
        parts: [
          { kind: 'eq', left: 'org', right: { value: 'acme' } },
          { kind: 'eq', left: 'author', right: { value: 'alice' } },
          // `state` must be known, for a deny applies to what is not; so must be `words`.
          { kind: 'in', item: 'state', list: ['draft', 'live'] },
          { kind: 'lte', left: 'words', right: { value: 5 } },
        ],
      },
    })
  })

  test('is none where nothing can be permitted', async () => {
    const none = { kind: 'none', version: blog().policy.version }
    expect(await filtered({ principal: { tenant: undefined } })).toEqual(none)
    expect(await filtered({ principal: { tenant: '' } })).toEqual(none)
    expect(await filtered({ principal: { roles: ['reader'] } })).toEqual(none)
    expect(await filtered({ context: { frozen: true } })).toEqual(none)
    // What cannot be told does not allow, and does deny.
    expect(await filtered({ context: {} })).toEqual(none)
    expect(await filtered({ principal: { level: undefined } })).toEqual(none)
    expect(await filtered({ principal: { id: 7 } })).toEqual(none)
  })

  test('is all where everything is permitted, of a type without tenants', async () => {
    expect(await filtered({}, 'posts:read', 'page')).toMatchObject({ kind: 'all' })
  })

  test('tells a missing scope from an empty list', async () => {
    expect(await filtered({ grant: 'posts:read' })).toMatchObject({
      kind: 'scope',
      missing: ['posts:write'],
    })
  })

  test('joins what is asked of one attribute', async () => {
    expect(brief(await filtered({}, 'posts:write', 'page'))).toMatchObject({
      where: { kind: 'in', item: 'words', list: [1, 2] },
    })
  })

  test('of a type or action that the policy does not have is none, as no point is permitted', async () => {
    const question = { principal: alice, grant: 'undelegated', action: 'posts:read' } as const
    const type = '__proto__' as 'post'
    expect(await blog().policy.filter({ ...question, type })).toMatchObject({ kind: 'none' })
  })
})

describe('a relation in a filter', () => {
  const question = { grant: everything, action: 'posts:read', type: 'post' } as const

  test('becomes its list, which is asked for once in a request', async () => {
    const { policy, asked } = blog()
    const asking = policy.for({ principal: bob, grant: everything })
    const about = { action: 'posts:read', type: 'post' } as const
    const filter = await asking.filter(about)
    expect(brief(filter)).toMatchObject({
      where: {
        parts: [
          { kind: 'eq', left: 'org' },
          {
            kind: 'anyOf',
            parts: [
              { kind: 'eq', left: 'state' },
              { kind: 'eq', left: 'author' },
              { kind: 'in', item: 'id', list: ['p1', 'p2'] },
            ],
          },
        ],
      },
    })
    await asking.filter(about)
    const post = { id: 'p1', org: 'acme', author: 'x', state: 'draft' } as const
    expect(await asking.decide({ ...about, resource: post })).toMatchObject({ rule: 'shared' })
    expect(asked).toEqual(['bob'])
  })

  test('is not asked where it makes no difference', async () => {
    const { policy, asked } = blog()
    const filter = await policy.filter({ ...question, principal: alice })
    expect(filter.kind).toBe('where')
    expect(await policy.filter({ ...question, principal: { ...bob, tenant: '' } })).toMatchObject({
      kind: 'none',
    })
    expect(asked).toEqual([])
  })

  test.each([
    ['throws', () => Promise.reject(new Error('down'))],
    ['gives no list', () => Promise.resolve(undefined as unknown as readonly string[])],
    ['gives too long a list', () => Promise.resolve(Array.from({ length: 100_001 }, String))],
  ])('that %s makes the filter unavailable, never a part of the list', async (_, list) => {
    const { policy } = blog(list)
    expect(await policy.filter({ ...question, principal: bob })).toMatchObject({
      kind: 'unavailable',
      cause: expect.any(Error) as unknown,
    })
    // Whom it cannot matter to is not refused for it.
    expect(await policy.filter({ ...question, principal: alice })).toMatchObject({ kind: 'where' })
  })

  test('may list what no row can hold', async () => {
    const strange = ['p1', 5, null, Number.NaN] as unknown as readonly string[]
    const { policy } = blog(() => Promise.resolve(strange))
    const filter = await policy.filter({ ...question, principal: bob })
    expect(JSON.stringify(filter)).toContain(
      '"name":"id","holds":"string"},"right":{"kind":"value","value":"p1"}',
    )
  })

  test.each<[string, readonly PolicyRule[]]>([
    [
      'an allow',
      [
        rule('allow', 'shared', related('shared')),
        rule('allow', 'both', both),
        rule('allow', 'welcome', isPost('p7')),
      ],
    ],
    [
      'a deny',
      [
        rule('allow', 'shared', related('shared')),
        rule('deny', 'strangers or team', either),
        rule('deny', 'p9', isPost('p9')),
      ],
    ],
    [
      'one rule',
      [
        rule('allow', 'all', {
          kind: 'allOf',
          parts: [related('shared'), { kind: 'anyOf', parts: [both, isPost('p2')] }],
        }),
      ],
    ],
  ])('is asked for as well if the list of another brings it back, in %s', async (_, rules) => {
    const asked: string[] = []
    const list = (name: string, values: readonly string[]) => () => {
      asked.push(name)
      return values
    }
    const policy = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { post: { attributes: { id: 'string', team: 'string' } } },
      relations: {
        shared: {
          type: 'post',
          principal: 'id',
          resource: 'id',
          list: list('shared', ['p1', 'p2']),
        },
        team: { type: 'post', principal: 'id', resource: 'team', list: list('team', ['t1']) },
      },
      rules,
    })
    const about = { principal: { id: 'alice' }, action: 'posts:read', type: 'post' } as const
    const filter = await policy.filter({ ...about, grant: 'undelegated' })
    if (filter.kind !== 'where') throw new Error(filter.kind)
    expect(asked).toEqual(['shared', 'team'])
    const isShown = toPredicate(filter)
    for (const id of ['p1', 'p2', 'p7', 'p9']) {
      for (const team of ['t1', 't2']) {
        const resource = { id, team }
        const { kind } = await policy.decide({ ...about, grant: 'undelegated', resource })
        expect(isShown(resource)).toBe(kind === 'permitted')
      }
    }
  })

  test('answers for points by its list, which is gone through once for all of a batch', async () => {
    let passes = 0
    const ids = Array.from({ length: 100 }, (_, index) => `p${index}`)
    const list = Object.assign([...ids], {
      includes: () => {
        throw new Error('each time from the start')
      },
      *[Symbol.iterator]() {
        passes++
        yield* ids
      },
    })
    const { policy } = blog(() => Promise.resolve(list))
    const asking = policy.for({ principal: bob, grant: everything })
    const decisions = await Promise.all(
      [...ids, 'q'].map((id) => {
        const resource = { id, org: 'acme', author: 'x', state: 'draft' } as const
        return asking.decide({ action: 'posts:read', type: 'post', resource })
      }),
    )
    expect(decisions.map(({ kind }) => kind)).toEqual([...ids.map(() => 'permitted'), 'permission'])
    expect(passes).toBe(1)
  })

  test('without a list cannot be listed, whoever asks', async () => {
    const { policy } = blog()
    const about = { action: 'posts:publish', type: 'post' } as const
    for (const grant of [everything, scopes.grant('')]) {
      await expect(policy.filter({ principal: alice, grant, ...about })).rejects.toMatchObject({
        code: 'policy_not_listable',
        message: expect.stringMatching(/'edited'.*'edited by'/) as unknown,
      })
    }
  })
})

test('a predicate cannot be listed, even if the principal folds it away', async () => {
  const { policy } = blog()
  const about = { grant: everything, action: 'posts:share', type: 'post' } as const
  await expect(policy.filter({ principal: bob, ...about })).rejects.toMatchObject({
    code: 'policy_not_listable',
    message: expect.stringMatching(/'luck'.*'lucky'/) as unknown,
  })
})

test('a principal that cannot be read makes a filter unavailable', async () => {
  const hostile = {
    ...alice,
    get id(): string {
      throw new Error('no')
    },
  }
  const about = { grant: everything, action: 'posts:read', type: 'post' } as const
  const { policy } = blog()
  expect(await policy.filter({ principal: hostile, ...about })).toMatchObject({
    kind: 'unavailable',
  })
})

test('a filter as a function reads own members only', async () => {
  const filter = await filtered()
  if (filter.kind !== 'where') throw new Error(filter.kind)
  const test = toPredicate(filter)
  const row = { org: 'acme', author: 'alice', state: 'live', words: 5 }
  expect(test(row)).toBe(true)
  expect(test(Object.create(row))).toBe(false)
  for (const other of [
    { words: 6 },
    { words: null },
    { words: '5' },
    { state: 'x' },
    { org: 'b' },
  ]) {
    expect(test({ ...row, ...other })).toBe(false)
  }
  for (const other of [null, undefined, 5, 'row', []]) expect(test(other)).toBe(false)
  expect(toPredicate({ kind: 'all', version: '' })({})).toBe(true)
  expect(toPredicate({ kind: 'none', version: '' })(row)).toBe(false)
})
