import { describe, expect, it } from 'vitest'
import { formatInventory } from '../../src/gate/format-inventory.js'
import { assertNoBareRoutes, listedRoute, openRoutes } from '../../src/gate/listed-route.js'
import type { RuleDescription } from '../../src/gate/rule-description.js'
import { createGate } from '../../src/gate.js'
import type { PrincipalsByName, Rule } from '../../src/policy/route/rule.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubApiKey, stubBearer } from '../support/stub-verifiers.js'

const scopes = defineScopes({ resources: { users: ['read', 'write'], posts: ['read'] } })
const gate = createGate<PrincipalsByName, string>({
  resource: 'https://api.example.com',
  scopes,
  verifiers: { user: stubBearer(), machine: stubApiKey('acme') },
})

describe('the rule of a guard', () => {
  it('is told as data, in which functions are only said to be there', () => {
    const { rule } = gate.guard({
      accept: 'user',
      scopes: scopes.allOf('users:read', scopes.anyOf('posts:read', 'users:write')),
      login: { maxAge: '5m', acr: ['gold'] },
      load: () => ({ id: '1' }),
      allow: () => true,
      hide: true,
    })
    expect(JSON.parse(JSON.stringify(rule))).toEqual({
      accept: ['user'],
      requirement: {
        kind: 'allOf',
        parts: [
          { kind: 'scope', name: 'users:read' },
          {
            kind: 'anyOf',
            parts: [
              { kind: 'scope', name: 'posts:read' },
              { kind: 'scope', name: 'users:write' },
            ],
          },
        ],
      },
      question: null,
      login: { maxAgeSeconds: 300, acr: ['gold'] },
      revocationLag: null,
      hide: true,
      load: true,
      allow: true,
    })
  })

  it('names every verifier where it accepts all of them, and strangers last', () => {
    expect(gate.guard({ scopes: authenticated() }).rule).toMatchObject({
      accept: ['user', 'machine'],
      requirement: { kind: 'authenticated' },
      login: null,
      hide: false,
      load: false,
      allow: false,
    })
    expect(gate.guard({ accept: ['anyone', 'user'] }).rule).toMatchObject({
      accept: ['user', 'anyone'],
      requirement: null,
    })
  })

  it('says what a lagging mirror does to it, where there is one', () => {
    const revocation = { isRevoked: () => false }
    const watched = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: stubBearer() },
      revocation,
    })
    const rule = { scopes: authenticated() }
    expect(watched.guard(rule).rule?.revocationLag).toBe('refuse-unsafe')
    expect(watched.guard({ ...rule, revocationLag: 'accept' }).rule?.revocationLag).toBe('accept')
  })

  it('cannot be written to, at any level', () => {
    const { rule } = gate.guard({ scopes: 'users:read', login: { acr: ['gold'] } })
    const levels = [rule, rule?.accept, rule?.requirement, rule?.login, rule?.login?.acr]
    expect(levels.every((level) => level !== undefined && Object.isFrozen(level))).toBe(true)
  })

  it('is null where there is none', () => {
    expect(gate.guardWithoutRule().rule).toBeNull()
  })
})

const users = ruleOf({ accept: 'user', scopes: 'users:read' })
const posts = ruleOf({ scopes: 'posts:read', load: () => ({}), allow: () => true, hide: true })
const anybody = ruleOf({ scopes: authenticated() })
const open = ruleOf({ accept: 'anyone' })

describe('a listed route', () => {
  it('is guarded as soon as one rule on the way needs a credential', () => {
    expect(listedRoute({ method: 'GET', path: '/a', rules: [users, open] })).toEqual({
      name: 'GET /a',
      method: 'GET',
      path: '/a',
      kind: 'guarded',
      rule: open,
      before: [users],
      requirement: { kind: 'scope', name: 'users:read' },
      document: null,
    })
  })

  it('needs what all its rules need together', () => {
    const requirementOf = (...rules: RuleDescription[]) =>
      listedRoute({ method: 'GET', path: '/', rules }).requirement
    expect(requirementOf(users, anybody, posts)).toEqual(scopes.allOf('users:read', 'posts:read'))
    expect(requirementOf(anybody, users)).toEqual(scopes.requirement('users:read'))
    expect(requirementOf(anybody)).toEqual(authenticated())
    expect(requirementOf(open)).toBeNull()
    expect(requirementOf()).toBeNull()
  })

  it.each([
    ['open where its rule lets strangers in', 'open', { rules: [open] }],
    ['open where sallyport serves it', 'open', { rules: [], barred: true, document: 'keys' }],
    ['bare without a rule', 'bare', { rules: [] }],
    ['barred without a rule behind a mount', 'barred', { rules: [], barred: true }],
    ['guarded behind a mount too', 'guarded', { rules: [anybody], barred: true }],
  ] as const)('is %s', (_, kind, found) => {
    expect(listedRoute({ method: 'GET', path: '/', ...found }).kind).toBe(kind)
  })
})

const routes = [
  listedRoute({ method: 'GET', path: '/health', rules: [open] }),
  listedRoute({ method: 'GET', path: '/jwks.json', rules: [], document: 'keys' }),
  listedRoute({ method: 'DELETE', path: '/posts/:id', rules: [users, posts] }),
  listedRoute({ method: 'GET', path: '/a', rules: [] }),
  listedRoute({ method: 'ALL', path: '/b', rules: [], barred: true }),
]

describe('assertNoBareRoutes', () => {
  it('names each route without a rule, and who gets in', () => {
    expect(() => assertNoBareRoutes(routes)).toThrow(
      expect.objectContaining({
        code: 'route_bare',
        message: 'Routes without a rule: GET /a (let everybody in), ALL /b (let nobody in).',
      }),
    )
  })

  it('is content with every other route', () => {
    expect(() => assertNoBareRoutes(routes.slice(0, 3))).not.toThrow()
    expect(() => assertNoBareRoutes([])).not.toThrow()
  })
})

describe('openRoutes', () => {
  it('are those that need no credential, by a rule or for want of one', () => {
    expect(openRoutes(routes).map(({ name }) => name)).toEqual([
      'GET /health',
      'GET /jwks.json',
      'GET /a',
    ])
  })
})

describe('formatInventory', () => {
  it('prints one route a line, in columns', () => {
    expect(formatInventory(routes).split('\n')).toEqual([
      'GET     /health     anyone                   -',
      'GET     /jwks.json  anyone                   keys',
      'DELETE  /posts/:id  user then user, machine  users:read and posts:read  load, allow, hide',
      'GET     /a          everybody: NO RULE',
      'ALL     /b          nobody: NO RULE',
    ])
    expect(formatInventory([])).toBe('')
  })

  it('shows how a requirement is put together, and a login', () => {
    const rule = ruleOf({
      accept: 'user',
      scopes: scopes.allOf('users:read', scopes.anyOf('posts:read', 'users:write')),
      login: { maxAge: 300, acr: ['gold', 'silver'] },
    })
    expect(formatInventory([listedRoute({ method: 'PUT', path: '/', rules: [rule] })])).toBe(
      'PUT  /  user  users:read and (posts:read or users:write)  login 300 s ago gold silver',
    )
  })
})

function ruleOf(rule: Rule<string, PrincipalsByName, string, unknown, unknown>): RuleDescription {
  const description = gate.guard(rule).rule
  if (description === null) throw new Error('a rule that was given is described')
  return description
}
