import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({
  resources: { posts: ['read', 'write', 'publish'] },
  superuser: 'admin:all',
  implies: { 'posts:write': ['posts:read'] },
})
const everything = scopes.grant('admin:all')

function blog(loads: string[] = []) {
  return definePolicy(scopes, {
    principal: { id: 'string', teams: 'strings' },
    types: {
      post: {
        attributes: {
          id: 'string',
          org: 'string',
          author: 'string',
          state: ['draft', 'live'],
          words: 'number?',
        },
        tenant: 'org',
        conceal: 'posts:read',
      },
    },
    roles: {
      reader: ['posts:read'],
      writer: { extends: ['reader'], grants: ['posts:write'] },
      editor: { extends: ['writer'], grants: ['posts:publish'] },
    },
    relations: {
      'edited by': {
        type: 'post',
        principal: 'id',
        resource: 'id',
        load: (pairs) => {
          loads.push(pairs.map(({ principal, resource }) => `${principal}-${resource}`).join(' '))
          return Promise.resolve(pairs.map(({ resource }) => resource === 'p2'))
        },
      },
    },
    rules: ({ on, principal, relation, anyOf, not }) => [
      on('post').allow('live is readable', 'posts:read', (post) => post.state.eq('live')),
      on('post').allow('authors read and edit', ['posts:read', 'posts:write'], (post) =>
        post.author.eq(principal.id),
      ),
      on('post').allow('editors publish', 'posts:publish', relation('edited by')),
      on('post').deny('what is long stays', 'posts:write', (post) => post.words.gt(1000)),
      on('post').fields('authors see all', 'posts:read', ['id', 'state', 'words'], (post) =>
        anyOf(post.author.eq(principal.id), not(post.state.eq('live'))),
      ),
    ],
  })
}

const alice = { id: 'alice', org: 'acme', tenant: 'acme', teams: ['a'], roles: ['writer'] } as const
const draft = { id: 'p1', org: 'acme', author: 'alice', state: 'draft', words: 10 } as const

describe('a decision', () => {
  const policy = blog()
  const asked = (
    change: { principal?: object; resource?: object; grant?: string } = {},
    action: 'posts:read' | 'posts:write' | 'posts:publish' = 'posts:write',
  ) =>
    policy.decide({
      principal: { ...alice, ...change.principal },
      grant: change.grant === undefined ? everything : scopes.grant(change.grant),
      action,
      type: 'post',
      resource: { ...draft, ...change.resource },
    })

  test('is permitted by the rule that allows it, at once', () => {
    expect(asked()).toEqual({
      kind: 'permitted',
      rule: 'authors read and edit',
      version: policy.version,
    })
  })

  test('asks for the scope first, of everyone', () => {
    expect(asked({ grant: 'posts:read', resource: { org: 'other' } })).toMatchObject({
      kind: 'scope',
      missing: ['posts:write'],
    })
  })

  test('is refused to another tenant, and hidden', () => {
    expect(asked({ resource: { org: 'other' } })).toMatchObject({
      kind: 'permission',
      reason: 'tenant_differs',
      concealed: true,
    })
    expect(asked({ principal: { tenant: undefined } })).toMatchObject({ reason: 'tenant_differs' })
    expect(asked({ principal: { tenant: undefined }, resource: { org: undefined } })).toMatchObject(
      { reason: 'tenant_differs' },
    )
  })

  test('is refused without a role that has the action, and told to who may see the resource', () => {
    expect(asked({ principal: { roles: ['reader'] } })).toMatchObject({
      reason: 'role_missing',
      concealed: false,
    })
    expect(asked({ principal: { roles: ['__proto__', 'nobody'] } })).toMatchObject({
      reason: 'role_missing',
      concealed: true,
    })
  })

  test('is refused by a deny, also one that cannot be told', () => {
    expect(asked({ resource: { words: 1001 } })).toMatchObject({
      reason: 'rule_denies',
      rule: 'what is long stays',
      concealed: false,
    })
    for (const words of [undefined, null, '5', Number.NaN]) {
      expect(asked({ resource: { words } })).toMatchObject({ reason: 'rule_denies' })
    }
  })

  test('waits for a relation only where it decides', async () => {
    const loads: string[] = []
    const asking = blog(loads).for({
      principal: { ...alice, roles: ['editor'] },
      grant: everything,
    })
    const ask = (id: string) =>
      asking.decide({ action: 'posts:publish', type: 'post', resource: { ...draft, id } })
    const answers = await Promise.all([ask('p1'), ask('p2'), ask('p1')])
    expect(answers.map(({ kind }) => kind)).toEqual(['permission', 'permitted', 'permission'])
    expect(loads).toEqual(['alice-p1 alice-p2'])
    expect(ask('p2')).toMatchObject({ kind: 'permitted' })
  })
})

test('a value that its attribute does not have is not the key of a relation', () => {
  const asked: unknown[] = []
  const policy = definePolicy(scopes, {
    principal: { level: 'number' },
    types: { post: { attributes: { state: ['draft', 'live'] } } },
    relations: {
      'at the desk of': {
        type: 'post',
        principal: 'level',
        resource: 'state',
        load: (pairs) => {
          asked.push(pairs)
          return pairs.map(() => true)
        },
      },
    },
    rules: ({ on, relation }) => [
      on('post').allow('the desk writes', 'posts:write', relation('at the desk of')),
    ],
  })
  const ask = (level: number, state: string) =>
    policy.decide({
      principal: { level },
      grant: everything,
      action: 'posts:write',
      type: 'post',
      // Another program may have written it.
      resource: { state: state as 'draft' },
    })
  expect(ask(Number.NaN, 'draft')).toMatchObject({ reason: 'no_rule_allows' })
  expect(ask(1, 'archived')).toMatchObject({ reason: 'no_rule_allows' })
  expect(asked).toEqual([])
})

test('a policy is the same after it was written down and read back', () => {
  const policy = blog()
  const text = JSON.stringify(policy)
  const again = definePolicy(scopes, {
    ...JSON.parse(text),
    relations: {
      'edited by': { type: 'post', principal: 'id', resource: 'id', load: () => [] },
    },
  })
  expect(again.version).toBe(policy.version)
  expect(JSON.stringify(again)).toBe(text)
})

test('the version of the same rules is another one over another vocabulary, but not over one in another order', () => {
  const versionOver = (more: object): string => {
    const scopes = defineScopes({ resources: { a: ['read', 'write'], b: ['read'] }, ...more })
    return definePolicy(scopes, {
      types: { t: { attributes: {} } },
      rules: ({ on }) => [on('t').allow('all', 'a:read')],
    }).version
  }
  const version = versionOver({})
  for (const more of [
    { actionImplies: { write: ['read'] } },
    { implies: { 'a:write': ['a:read'] } },
    { wildcards: 'grants' },
    { opaque: ['openid'] },
    { resources: { a: ['read', 'write'], b: ['write'] } },
  ]) {
    expect(versionOver(more)).not.toBe(version)
  }
  expect(versionOver({ resources: { b: ['read'], a: ['write', 'read'] } })).toBe(version)
})

test('a chain of a thousand roles is read, and has what the last of them has; one more is refused', () => {
  const scopes = defineScopes({ resources: { a: ['read'] } })
  const withChain = (length: number) =>
    definePolicy(scopes, {
      types: { t: { attributes: {} } },
      roles: Object.fromEntries(
        Array.from({ length }, (_, index) => [
          `r${index}`,
          index === 0 ? { grants: ['a:read' as const] } : { extends: [`r${index - 1}`] },
        ]),
      ),
      rules: ({ on }) => [on('t').allow('all', 'a:read')],
    })
  const policy = withChain(1_000)
  const asked = (role: string) => ({
    principal: { roles: [role] },
    grant: scopes.grant('a:read'),
    action: 'a:read' as const,
    type: 't' as const,
    resource: {},
  })
  expect(policy.decide(asked('r999'))).toMatchObject({ kind: 'permitted' })
  expect(policy.decide(asked('r1000'))).toMatchObject({ reason: 'role_missing' })
  expect(() => withChain(1_001)).toThrow(expect.objectContaining({ code: 'policy_invalid' }))
})
