import { describe, expect, test } from 'vitest'
import { type ListedRoute, listedRoute } from '../../src/gate/listed-route.js'
import { createGate } from '../../src/gate.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import type { PrincipalsByName, Rule } from '../../src/policy/route/rule.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import {
  expectLeastPrivilege,
  type LeastPrivilege,
} from '../../src/testing/expect-least-privilege.js'
import { stubBearer } from '../support/stub-verifiers.js'

const scopes = defineScopes({
  resources: { users: ['read', 'write'], posts: ['read', 'write'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  wildcards: 'grants',
})
type Name = (typeof scopes.names)[number]
const gate = createGate<PrincipalsByName, string>({
  resource: 'https://api.example.com',
  scopes,
  verifiers: { user: stubBearer() },
})

const health = aRoute('GET', '/health', { accept: 'anyone' })
const me = aRoute('GET', '/me', { scopes: authenticated() })
const readUsers = aRoute('GET', '/users', { scopes: 'users:read' })
const writeUsers = aRoute('POST', '/users', { scopes: scopes.allOf('users:read', 'users:write') })
const readPosts = aRoute('GET', '/posts', { scopes: 'posts:read' })
const writePosts = aRoute('PUT', '/posts/:id', { scopes: 'posts:write' })
const keys = listedRoute({ method: 'GET', path: '/jwks.json', rules: [], document: 'keys' })

const good: LeastPrivilege<Name> = {
  scopes,
  routes: [health, keys, me, readUsers, writeUsers, readPosts, writePosts],
  open: ['GET /health'],
  unused: ['openid'],
  clients: {
    web: { scope: 'users:read posts:read', uses: ['GET /users', 'GET /posts', 'GET /me'] },
    back: { scope: ['users:write', 'users:read'], uses: ['POST /users'] },
    idle: { scope: '', uses: ['GET /health'] },
  },
}

describe('an API in which nobody may more than they need', () => {
  test('passes', () => {
    expect(findingsOf({})).toEqual([])
    expect(findingsOf({ clients: {} })).toEqual([])
  })

  test('may have a client that is the superuser, if it uses a route that needs that', () => {
    const routes = [...good.routes, aRoute('POST', '/reset', { scopes: 'admin:all' })]
    expect(
      findingsOf({ routes, clients: { root: { scope: 'admin:all', uses: ['POST /reset'] } } }),
    ).toEqual([])
  })
})

describe('of a client it is found', () => {
  const web = (scope: string, ...uses: string[]) =>
    findingsOf({ clients: { web: { scope, uses } } })

  test('that it has a scope that it does not use, and what would be enough', () => {
    expect(web('users:read posts:read', 'GET /users')).toEqual([
      "client web: does not use posts:read; enough would be 'users:read'",
    ])
    expect(web('users:read', 'GET /me')).toEqual([
      'client web: does not use users:read; it needs no scope',
    ])
  })

  test('that it has a wildcard, though it uses all that this covers today', () => {
    expect(web('posts:*', 'GET /posts', 'PUT /posts/:id')).toEqual([
      'client web: posts:* will cover scopes that do not exist yet',
    ])
  })

  test('that it is the superuser', () => {
    expect(web('admin:all', 'GET /users')).toEqual([
      'client web: is the superuser, and could do without',
      "client web: does not use admin:all, openid, posts:read, posts:write, users:write; enough would be 'users:read'",
    ])
  })

  test('that it could do without one of two scopes that open the same', () => {
    const either = aRoute('PUT', '/either', { scopes: scopes.anyOf('posts:write', 'users:write') })
    const found = (scope: string, ...more: string[]) =>
      findingsOf({
        routes: [...good.routes, either],
        clients: { web: { scope, uses: ['PUT /either', ...more] } },
      })
    expect(found('posts:write users:write')).toEqual([
      "client web: could do without users:write; of what it has, 'posts:write' would be enough",
    ])
    expect(found('posts:write posts:read users:write')).toEqual([
      "client web: does not use posts:read; enough would be 'posts:write'",
      "client web: could do without users:write; of what it has, 'posts:write' would be enough",
    ])
    expect(found('posts:write')).toEqual([])
    expect(found('users:write')).toEqual([])
    expect(found('posts:write users:write users:read', 'PUT /posts/:id', 'POST /users')).toEqual([])
  })

  test('that it holds the wider of two scopes where the narrower would do', () => {
    const nested = defineScopes({
      resources: { posts: ['read', 'write'] },
      actionImplies: { write: ['read'] },
    })
    const requirement = nested.anyOf('posts:read', 'posts:write')
    expect(() =>
      expectLeastPrivilege({
        scopes: nested,
        routes: [{ ...readPosts, requirement }],
        clients: { web: { scope: 'posts:write', uses: [readPosts.name] } },
      }),
    ).toThrow(
      "client web: could do without posts:write; of what it has, 'posts:read' would be enough",
    )
  })

  test('that it lacks the action of an open route, which then counts as needed', () => {
    const policy = definePolicy(scopes, {
      types: { post: { attributes: {} } },
      rules: ({ on }) => [on('post').allow('all', 'posts:read')],
    })
    const asking = createGate({
      resource: 'https://api.example.com',
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy, principal: () => ({}), anonymous: () => ({}) },
    })
    const found = (accept: readonly ('anyone' | 'user')[], scope: string, unused: Name[]) => {
      const { rule } = asking.guard({ accept, action: 'posts:read', type: 'post', list: true })
      const open = listedRoute({ method: 'GET', path: '/open', rules: rule === null ? [] : [rule] })
      const others = ['openid', 'posts:write', 'users:read', 'users:write'] as const
      const web = { scope, uses: ['GET /open'] }
      return findingsOf({
        routes: [open],
        open: ['GET /open'],
        unused: [...others, ...unused],
        clients: { web },
      })
    }
    expect(found(['anyone', 'user'], 'posts:read', [])).toEqual([])
    expect(found(['anyone', 'user'], '', [])).toEqual([
      'client web: uses GET /open, and lacks posts:read',
    ])
    // Nobody's credential is looked at.
    expect(found(['anyone'], '', ['posts:read'])).toEqual([])
  })

  test('that it uses what its grant does not open, and what is missing', () => {
    expect(web('users:read', 'GET /users', 'POST /users')).toEqual([
      'client web: uses POST /users, and lacks users:write',
    ])
  })

  test('that it uses a route that does not exist', () => {
    expect(web('users:read', 'GET /users', 'GET /user')).toEqual([
      'route GET /user: named by client web, and not in the inventory',
    ])
  })

  test('that its scope has what means nothing here, printed so that it stays on its line', () => {
    expect(web('users:read user:read a\tb', 'GET /users')).toEqual([
      'client web: "user:read" means nothing here',
      'client web: "a\\tb" means nothing here',
    ])
  })

  test('that its scope is refused as a whole', () => {
    expect(web('users:read '.repeat(1_000), 'GET /users')).toEqual([
      'client web: uses GET /users, and lacks users:read',
      'client web: its scope is refused as a whole (scope_limit)',
    ])
  })
})

describe('of a route it is found', () => {
  const bare = listedRoute({ method: 'GET', path: '/bare', rules: [] })
  const barred = listedRoute({ method: 'GET', path: '/barred', rules: [], barred: true })

  test('that it has no rule, whoever gets in', () => {
    expect(findingsOf({ routes: [...good.routes, bare, barred] })).toEqual([
      'route GET /bare: no rule, so everybody gets in',
      'route GET /barred: no rule, so nobody gets in',
    ])
  })

  test('that it is open, and nobody has said that it may be', () => {
    expect(findingsOf({ open: [] })).toEqual([
      'route GET /health: open to anyone, and not among those that may be',
    ])
  })

  test('that it is said to be open, and is not, or not any more', () => {
    expect(findingsOf({ open: ['GET /health', 'GET /users', 'GET /gone'] })).toEqual([
      'route GET /users: named as open, and is not',
      'route GET /gone: named by open, and not in the inventory',
    ])
    expect(
      findingsOf({ routes: [...good.routes, bare], open: ['GET /health', 'GET /bare'] }),
    ).toEqual([
      'route GET /bare: no rule, so everybody gets in',
      'route GET /bare: named as open, and is not',
    ])
  })
})

describe('of a scope it is found', () => {
  test('that no route needs it', () => {
    expect(findingsOf({ unused: [] })).toEqual(['scope openid: no route needs it'])
  })

  test('that it is said to be unused, and is not', () => {
    expect(findingsOf({ unused: ['openid', 'users:read'] })).toEqual([
      'scope users:read: named as unused, and a route needs it',
    ])
  })
})

describe('the error', () => {
  test('counts the findings and has each on a line, whatever the test runner', () => {
    expect(() => expectLeastPrivilege({ ...good, open: [], unused: [] })).toThrow(
      new Error(
        [
          'Least privilege: 2 findings.',
          '- route GET /health: open to anyone, and not among those that may be',
          '- scope openid: no route needs it',
        ].join('\n'),
      ),
    )
    expect(() => expectLeastPrivilege({ ...good, open: [] })).toThrow('Least privilege: 1 finding.')
  })

  test('is of configuration where the routes are those of another vocabulary', () => {
    const other = defineScopes({ resources: { reports: ['read'] } })
    expect(() => expectLeastPrivilege({ scopes: other, routes: good.routes })).toThrow(
      expect.objectContaining({ code: 'scope_unknown' }),
    )
  })
})

/** What is found of the good API with a change. */
function findingsOf(change: Partial<LeastPrivilege<Name>>): readonly string[] {
  try {
    expectLeastPrivilege({ ...good, ...change })
    return []
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n')
    return lines.map((line) => line.replace(/^- /, ''))
  }
}

function aRoute(
  method: string,
  path: string,
  rule: Rule<string, PrincipalsByName, string, unknown, unknown>,
): ListedRoute {
  const { rule: description } = gate.guard(rule)
  return listedRoute({ method, path, rules: description === null ? [] : [description] })
}
