import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../src/policy/define-policy.js'
import type { RelationPair } from '../../src/policy/relation/relation.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Grant } from '../../src/scope/grant.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })

type Load = (pairs: readonly RelationPair[]) => readonly boolean[] | Promise<readonly boolean[]>

/** Members read what is live; editors write; what is banned stays as it is. */
function board(load: Load = (pairs) => pairs.map(() => true), lucky: () => boolean = () => true) {
  return definePolicy(scopes, {
    principal: { id: 'string', trusted: 'boolean?' },
    types: {
      post: {
        attributes: { id: 'string', org: 'string', state: ['draft', 'live'], banned: 'number?' },
        tenant: 'org',
        conceal: 'posts:read',
      },
      note: { attributes: { id: 'string', banned: 'number?' } },
    },
    roles: { member: ['posts:read', 'posts:write'], guest: ['posts:read'] },
    relations: { 'editor of': { type: 'post', principal: 'id', resource: 'id', load } },
    predicates: { lucky },
    rules: ({ on, principal, relation, predicate, role, not, allOf }) => [
      on('post').allow('live is read', 'posts:read', (post) => post.state.eq('live')),
      on('post').allow('editors write', 'posts:write', relation('editor of')),
      on('post').allow('the trusted write', 'posts:write', principal.trusted.eq(true)),
      on('post').deny('banned is banned', ['posts:read', 'posts:write'], (post) =>
        post.banned.exists(),
      ),
      on('note').allow('what is not banned', 'posts:read', (note) => not(note.banned.exists())),
      on('note').allow('the lucky', 'posts:write', allOf(predicate('lucky'), not(role('guest')))),
    ],
  })
}

const alice = { id: 'alice', tenant: 'acme', roles: ['member'] } as const
const post = { id: 'p', org: 'acme', state: 'live' } as const
type Change = { principal?: object; resource?: unknown; grant?: unknown; type?: string }

/** Plain JavaScript may hand over anything; what is asked here is not what was declared. */
function ask(policy: ReturnType<typeof board>, action: string, change: Change = {}) {
  return policy.decide({
    principal: alice,
    grant: 'undelegated',
    type: 'post',
    resource: post,
    ...change,
    action,
  } as never)
}

describe('a resource', () => {
  test('counts by its own members only: those of a class come from its prototype', () => {
    class Post {
      readonly id = 'p'
      readonly org = 'acme'
      get state(): string {
        return 'live'
      }
    }
    expect(ask(board(), 'posts:read', { resource: new Post() })).toMatchObject({
      reason: 'no_rule_allows',
    })
    const bare = Object.assign(Object.create(null), post)
    expect(ask(board(), 'posts:read', { resource: bare })).toMatchObject({ kind: 'permitted' })
  })

  test('that throws is not told: unavailable, and what it threw for the operator', () => {
    for (const name of ['org', 'state', 'banned']) {
      const cause = new Error(name)
      const resource = Object.defineProperty({ ...post }, name, {
        get: () => {
          throw cause
        },
      })
      expect(ask(board(), 'posts:read', { resource })).toMatchObject({ kind: 'unavailable', cause })
    }
  })

  test('that throws is refused where it makes no difference', () => {
    const resource = Object.defineProperty({ ...post, banned: 1 }, 'state', {
      get: () => {
        throw new Error('state')
      },
    })
    expect(ask(board(), 'posts:read', { resource })).toMatchObject({ reason: 'rule_denies' })
  })

  test('with a ban that is no number is as good as banned, and as bad as not banned', () => {
    for (const banned of ['1700000000', '', 0n, new Date(0), Number.NaN, false, [], {}]) {
      const answer = ask(board(), 'posts:read', { resource: { ...post, banned } })
      expect(answer).toMatchObject({ reason: 'rule_denies', rule: 'banned is banned' })
      const note = ask(board(), 'posts:read', { type: 'note', resource: { id: 'n', banned } })
      expect(note).toMatchObject({ reason: 'no_rule_allows' })
    }
    for (const banned of [null, undefined]) {
      const answer = ask(board(), 'posts:read', { resource: { ...post, banned } })
      expect(answer).toMatchObject({ kind: 'permitted' })
    }
  })

  test('that is another one each time it is read does not keep a loader busy for ever', async () => {
    let calls = 0
    const policy = board((pairs) => {
      calls += 1
      return pairs.map(() => true)
    })
    let reads = 0
    const resource = Object.defineProperty({ ...post }, 'id', { get: () => `p${reads++}` })
    expect(await ask(policy, 'posts:write', { resource })).toMatchObject({ kind: 'unavailable' })
    expect(calls).toBe(1)
  })
})

describe('a principal', () => {
  test.each([
    ['an array-like', { 0: 'member', length: 1 }],
    ['a set', new Set(['member'])],
    ['a text', 'member'],
    ['names of the prototype', ['__proto__', 'constructor', 'toString']],
    ['a list in a list', [['member']]],
    ['a list that holds something else', ['member', { name: 'guest' }]],
    ['an object that says it is one', { includes: () => true, [Symbol.iterator]: () => [] }],
    ['nothing', undefined],
  ])('with roles that are %s has none', (_what, roles) => {
    const answer = ask(board(), 'posts:read', { principal: { ...alice, roles } })
    expect(answer).toMatchObject({ reason: 'role_missing' })
  })

  test('with a role twice, or one that is not known, has what it has', () => {
    const roles = ['member', 'member', 'boss']
    expect(ask(board(), 'posts:read', { principal: { ...alice, roles } })).toMatchObject({
      kind: 'permitted',
    })
  })

  test('whose roles or tenant cannot be read is not told', () => {
    for (const name of ['roles', 'tenant']) {
      const principal = Object.defineProperty({ ...alice }, name, {
        get: () => {
          throw new Error(name)
        },
      })
      expect(ask(board(), 'posts:read', { principal })).toMatchObject({ kind: 'unavailable' })
    }
  })

  test.each([
    ['empty on both sides', '', ''],
    ['a number on both sides', 1, 1],
    ['one list on both sides', ['acme'], ['acme']],
    ['missing on both sides', undefined, undefined],
    ['null on both sides', null, null],
    ['in another case', 'Acme', 'acme'],
    ['composed otherwise', 'caf\u00e9', 'cafe\u0301'],
    ['an object of the same text', new String('acme'), 'acme'],
  ])('with a tenant that is %s is a stranger', (_what, tenant, org) => {
    for (const action of ['posts:read', 'posts:write']) {
      const principal = { ...alice, tenant, trusted: true }
      const answer = ask(board(), action, { principal, resource: { ...post, org } })
      expect(answer).toMatchObject({ reason: 'tenant_differs', concealed: true })
    }
  })
})

describe('a grant', () => {
  test.each<[string, unknown]>([
    ['forgotten', undefined],
    ['null', null],
    ['a claim that was not read', 'posts:read'],
    ['a list of scopes', ['posts:read']],
    ['an object without scopes', {}],
    ['scopes in another form', { covered: ['posts:read'] }],
    ['a text that is nearly undelegated', 'Undelegated'],
    ['one with a problem', scopes.grant('x'.repeat(9_000))],
    ['one behind a proxy', new Proxy(scopes.grant('posts:read'), {})],
    ['a stand-in that covers whatever is asked', { covered: { has: () => true } }],
    [
      'one that throws when it is read',
      {
        get covered(): never {
          throw new Error('boom')
        },
      },
    ],
    ['an ambiguous claim', scopes.fromClaims({ scope: 'posts:read', scp: 'posts:write' })],
  ])('that is %s covers nothing', (_what, grant) => {
    expect(ask(board(), 'posts:read', { grant })).toMatchObject({
      kind: 'scope',
      missing: ['posts:read'],
    })
  })

  test('of another vocabulary covers what it names, and nothing by implication of ours', () => {
    const others = defineScopes({ resources: { posts: ['read'] }, opaque: ['other'] })
    const grants: readonly Grant[] = [others.grant('other'), others.grant('posts:write')]
    for (const grant of grants) {
      expect(ask(board(), 'posts:read', { grant })).toMatchObject({ kind: 'scope' })
    }
    const grant = others.grant('posts:read')
    expect(ask(board(), 'posts:read', { grant })).toMatchObject({ kind: 'permitted' })
  })
})

describe('a loader', () => {
  test.each<[string, Load]>([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['answers too few', () => []],
    ['answers too many', () => [true, true]],
    ['answers with what only looks true', () => [1 as never]],
    ['answers with an object', () => ({ 0: true, length: 1 }) as never],
    ['answers with nothing', () => undefined as never],
    [
      'answers with a list that throws',
      () =>
        new Proxy([true], {
          get: (list, name) => {
            if (name === '0') throw new Error('0')
            return Reflect.get(list, name)
          },
        }),
    ],
  ])('that %s makes it unavailable, with a cause', async (_what, load) => {
    const answer = await ask(board(load), 'posts:write')
    expect(answer).toMatchObject({ kind: 'unavailable', cause: expect.any(Error) })
  })

  test('that fails does not matter beside a rule that allows, or one that denies', async () => {
    const policy = board(() => {
      throw new Error('down')
    })
    const trusted = { principal: { ...alice, trusted: true } }
    expect(ask(policy, 'posts:write', trusted)).toMatchObject({ rule: 'the trusted write' })
    const banned = { resource: { ...post, banned: 1 } }
    expect(ask(policy, 'posts:write', banned)).toMatchObject({ reason: 'rule_denies' })
  })

  test('cannot write into what it is asked', async () => {
    const policy = board((pairs) =>
      pairs.map((pair) => {
        expect(() => Object.assign(pair, { resource: 'q' })).toThrow(TypeError)
        expect(() => (pairs as RelationPair[]).pop()).toThrow(TypeError)
        return true
      }),
    )
    expect(await ask(policy, 'posts:write')).toMatchObject({ kind: 'permitted' })
  })

  test('that never answers holds up what waits for it, and nothing else', async () => {
    const policy = board(() => new Promise(() => undefined))
    const asking = policy.for({ principal: alice, grant: 'undelegated' })
    let isDone = false
    void Promise.resolve(
      asking.decide({ action: 'posts:write', type: 'post', resource: post }),
    ).then(() => {
      isDone = true
    })
    const seen = asking.decide({ action: 'posts:read', type: 'post', resource: post })
    expect(seen).toMatchObject({ kind: 'permitted' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDone).toBe(false)
  })

  test('whose name or pair looks like another is not taken for it', async () => {
    const asked: string[] = []
    const policy = board((pairs) => {
      asked.push(...pairs.map(({ principal, resource }) => `${principal}|${resource}`))
      return pairs.map(({ resource }) => resource === 'b,c')
    })
    const asking = policy.for({ principal: { ...alice, id: 'a,b' }, grant: 'undelegated' })
    const write = (id: string) =>
      asking.decide({ action: 'posts:write', type: 'post', resource: { ...post, id } })
    expect(await write('b,c')).toMatchObject({ kind: 'permitted' })
    expect(await write('c')).toMatchObject({ kind: 'permission' })
    expect(asked).toEqual(['a,b|b,c', 'a,b|c'])
  })
})

describe('a predicate', () => {
  const note = { type: 'note', resource: { id: 'n' } }

  test.each<[string, () => unknown, string]>([
    ['true', () => true, 'permitted'],
    ['false', () => false, 'permission'],
    ['something that looks true', () => 1, 'permission'],
    ['a promise of true', () => Promise.resolve(true), 'permission'],
    [
      'a promise that fails, which ends no process',
      () => Promise.reject(new Error('x')),
      'permission',
    ],
    [
      'nothing: it throws',
      () => {
        throw new Error('x')
      },
      'unavailable',
    ],
  ])('that answers with %s', async (_what, lucky, kind) => {
    expect(ask(board(undefined, lucky as () => boolean), 'posts:write', note)).toMatchObject({
      kind,
    })
    await new Promise((resolve) => setImmediate(resolve))
  })
})

describe('what is concealed', () => {
  const stranger = { principal: { ...alice, tenant: 'other' } }
  const draft = { resource: { ...post, state: 'draft' } }
  const no: Load = (pairs) => pairs.map(() => false)

  test('a refusal is told to whoever may see the resource, and hidden from others', async () => {
    expect(await ask(board(no), 'posts:write')).toMatchObject({ concealed: false })
    expect(await ask(board(no), 'posts:write', draft)).toMatchObject({ concealed: true })
    expect(ask(board(no), 'posts:write', stranger)).toMatchObject({ concealed: true })
    expect(ask(board(no), 'posts:read', draft)).toMatchObject({ concealed: true })
  })

  test('it is hidden from whoever lacks the scope to see it', async () => {
    const grant = scopes.grant('posts:write')
    expect(await ask(board(no), 'posts:write', { grant })).toMatchObject({ concealed: true })
  })

  test('a missing scope is never hidden: it is said before anything is looked at', () => {
    const grant = scopes.grant('posts:read')
    expect(ask(board(no), 'posts:write', { ...stranger, grant })).toEqual({
      kind: 'scope',
      missing: ['posts:write'],
      version: board(no).version,
    })
  })

  test('a type that conceals nothing says so', () => {
    const note = { type: 'note', resource: { id: 'n', banned: 1 } }
    expect(ask(board(no), 'posts:read', note)).toMatchObject({ concealed: false })
  })
})

describe('what is shared', () => {
  test('nobody can write to a decision that others are handed', () => {
    const decision = ask(board(), 'posts:read')
    expect(() => Object.assign(decision, { rule: 'mine' })).toThrow(TypeError)
    const refused = ask(board(), 'posts:read', { resource: { ...post, org: 'x' } })
    Object.assign(refused, { kind: 'permitted' })
    expect(ask(board(), 'posts:read', { resource: { ...post, org: 'x' } })).toMatchObject({
      kind: 'permission',
    })
  })

  test('nobody can write to the policy', () => {
    const { model } = board()
    const post = model.types.get('post')
    const writes: (() => unknown)[] = [
      () => opened(model.types).clear(),
      () => opened(model.roles).set('member', {}),
      () => opened(post?.attributes).delete('org'),
      () => opened(post?.attributes.get('state')?.members).add('x'),
      () => opened(model.roles?.get('guest')?.covered).add('posts:write'),
      () => Object.assign(model.rules, { 0: null }),
      () => Object.assign(opened(model.rules[0]), { effect: 'allow' }),
      () => Object.assign(opened(model.rules[0]?.when), { kind: 'always' }),
      () => Object.assign(opened(post), { tenant: null }),
      () => Object.assign(opened(model.principal.get('id')), { kind: 'number' }),
      () => Object.assign(board(), { decide: () => ({ kind: 'permitted' }) }),
    ]
    for (const write of writes) expect(write).toThrow(TypeError)
  })

  test('what the definition is changed to afterwards changes nothing', () => {
    const actions = ['posts:read'] as 'posts:read'[]
    const roles = { member: ['posts:read'] as 'posts:read'[] }
    const types = { post: { attributes: { id: 'string' } } } as const
    const policy = definePolicy(scopes, {
      types,
      roles,
      rules: ({ on }) => [on('post').allow('read', actions)],
    })
    actions.push('posts:write' as never)
    roles.member.push('posts:write' as never)
    const question = {
      principal: { roles: ['member'] },
      grant: 'undelegated',
      type: 'post',
      resource: { id: 'p' },
    } as const
    expect(policy.decide({ ...question, action: 'posts:read' })).toMatchObject({
      kind: 'permitted',
    })
    expect(policy.decide({ ...question, action: 'posts:write' })).toMatchObject({
      reason: 'role_missing',
    })
  })
})

/** As plain JavaScript sees it. What is not there would throw as well, and for another reason. */
function opened(one: unknown): Map<string, unknown> & Set<unknown> {
  expect(one).toBeTypeOf('object')
  return one as Map<string, unknown> & Set<unknown>
}
