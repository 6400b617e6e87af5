import { describe, expect, test } from 'vitest'
import { ConfigurationError, type ConfigurationErrorCode } from '../../src/errors.js'
import { createGate } from '../../src/gate.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubApiKey, stubBearer, stubCookie } from '../support/stub-verifiers.js'

function codeOf(action: () => unknown): ConfigurationErrorCode | 'no error' {
  try {
    action()
    return 'no error'
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    expect(error.message).toMatch(/\.$/)
    return error.code
  }
}

const good = { resource: 'https://api.example.com', verifiers: { user: stubBearer() } }
// The tables hold what untyped code may pass, so the types are put aside here.
const gateWith = (options: object) => () => createGate({ ...good, ...options } as typeof good)

describe('a gate that cannot be right does not start', () => {
  test.each<[string, object, ConfigurationErrorCode]>([
    ['no resource', { resource: undefined }, 'option_invalid'],
    ['a resource that is no URL', { resource: 'api.example.com' }, 'url_invalid'],
    ['a resource without TLS', { resource: 'http://api.example.com' }, 'url_invalid'],
    ['a resource of another scheme', { resource: 'ftp://api.example.com' }, 'url_invalid'],
    ['a resource with a password', { resource: 'https://a:b@api.example.com' }, 'url_invalid'],
    ['a resource with a query', { resource: 'https://api.example.com/?a' }, 'url_invalid'],
    ['a resource with a fragment', { resource: 'https://api.example.com/#' }, 'url_invalid'],
    ['no verifiers', { verifiers: undefined }, 'option_invalid'],
    ['an empty set of verifiers', { verifiers: {} }, 'option_invalid'],
    ['something that is no verifier', { verifiers: { user: { verify: true } } }, 'option_invalid'],
    [
      'a verifier that takes the name anyone',
      { verifiers: { anyone: stubBearer() } },
      'option_invalid',
    ],
    [
      'two verifiers for JWTs',
      { verifiers: { a: stubBearer('jwt'), b: stubBearer('jwt') } },
      'verifier_conflict',
    ],
    [
      'two verifiers for one cookie',
      { verifiers: { a: stubCookie('s'), b: stubCookie('s') } },
      'verifier_conflict',
    ],
    [
      'two verifiers for one prefix',
      { verifiers: { a: stubApiKey('acme'), b: stubApiKey('acme') } },
      'verifier_conflict',
    ],
    [
      'an API key in Authorization',
      {
        verifiers: {
          a: {
            ...stubApiKey('acme'),
            recognises: { kind: 'api-key', field: 'Authorization', prefix: 'acme' },
          },
        },
      },
      'option_invalid',
    ],
    ['a realm with a quote', { realm: 'a"b' }, 'option_invalid'],
    ['an unknown option', { audience: 'x' }, 'option_invalid'],
    ['a proxy that nobody is', { proxy: { hops: 0 } }, 'option_invalid'],
    [
      'a trusted origin with a path',
      { trustedOrigins: ['https://app.example.com/'] },
      'url_invalid',
    ],
    ['a trusted origin that is null', { trustedOrigins: ['null'] }, 'url_invalid'],
    ['a trusted origin without TLS', { trustedOrigins: ['http://app.example.com'] }, 'url_invalid'],
    [
      'a trusted origin with a wildcard',
      { trustedOrigins: ['https://*.example.com'] },
      'url_invalid',
    ],
    ['a wildcard origin', { trustedOrigins: ['*'] }, 'url_invalid'],
    ['a listener that is no function', { onEvent: 'log' }, 'option_invalid'],
    ['a vocabulary that is none', { scopes: {} }, 'option_invalid'],
    ['a mirror that cannot be asked', { revocation: {} }, 'option_invalid'],
    ['a mirror that is undefined', { revocation: undefined }, 'option_invalid'],
    ['a resource with a line end', { resource: 'https://api.example.com\n' }, 'url_invalid'],
    ['a clock that does not go', { clock: {} }, 'option_invalid'],
    [
      'a verifier of an unknown kind',
      { verifiers: { a: { ...stubBearer(), recognises: { kind: 'magic' } } } },
      'option_invalid',
    ],
    [
      'a verifier without an offer',
      { verifiers: { a: { ...stubBearer(), offer: null } } },
      'option_invalid',
    ],
    [
      'a verifier whose metadata is of another kind',
      { verifiers: { a: { ...stubBearer(), metadata: { dpopRequired: 'yes' } } } },
      'option_invalid',
    ],
    ['an empty query parameter name', { refusedQueryParameters: [''] }, 'option_invalid'],
  ])('%s', (_, options, code) => {
    expect(codeOf(gateWith(options))).toBe(code)
  })

  test.each<[string, object]>([
    ['a resource on loopback without TLS', { resource: 'http://localhost:3000' }],
    ['a resource with a path', { resource: 'https://api.example.com/v1' }],
    [
      'verifiers of two bearer formats',
      { verifiers: { a: stubBearer('jwt'), b: stubBearer('opaque') } },
    ],
    [
      'two prefixes of API keys',
      { verifiers: { a: stubApiKey('acme'), b: stubApiKey('acme_live') } },
    ],
  ])('but %s does', (_, options) => {
    expect(codeOf(gateWith(options))).toBe('no error')
  })
})

describe('a rule that cannot be right is refused when the route is defined', () => {
  const gate = createGate({
    ...good,
    scopes: defineScopes({ resources: { things: ['read'] } }),
    verifiers: { user: stubBearer(), machine: stubApiKey('acme') },
  })
  const guardWith = (rule: unknown) => () =>
    gate.guard(rule as { accept: 'user'; scopes: 'things:read' })

  test.each<[string, unknown, ConfigurationErrorCode]>([
    ['nothing', null, 'rule_invalid'],
    ['no scopes', { accept: 'user' }, 'rule_invalid'],
    ['an unknown verifier', { accept: 'robot', scopes: 'things:read' }, 'rule_invalid'],
    ['a name from the prototype', { accept: 'toString', scopes: 'things:read' }, 'rule_invalid'],
    ['an empty list of verifiers', { accept: [], scopes: 'things:read' }, 'rule_invalid'],
    ['an unknown member', { scopes: 'things:read', scope: 'x' }, 'rule_invalid'],
    ['an unknown scope', { scopes: 'things:write' }, 'scope_unknown'],
    ['a bare list of scopes', { scopes: ['things:read'] }, 'scope_invalid'],
    ['anyone with scopes', { accept: 'anyone', scopes: 'things:read' }, 'rule_invalid'],
    ['anyone with a login', { accept: ['anyone', 'user'], login: { maxAge: 1 } }, 'rule_invalid'],
    ['an empty login', { scopes: 'things:read', login: {} }, 'rule_invalid'],
    ['an acr with a space', { scopes: 'things:read', login: { acr: ['a b'] } }, 'rule_invalid'],
    ['an acr with a quote', { scopes: 'things:read', login: { acr: ['a"b'] } }, 'option_invalid'],
    [
      'an unknown member of login',
      { scopes: 'things:read', login: { max_age: 300, acr: ['a'] } },
      'option_invalid',
    ],
    ['an acr that is no list', { scopes: 'things:read', login: { acr: 'gold' } }, 'option_invalid'],
    ['a login that is null', { scopes: 'things:read', login: null }, 'option_invalid'],
    ['a negative age', { scopes: 'things:read', login: { maxAge: -1 } }, 'option_invalid'],
    ['a load that is no function', { scopes: 'things:read', load: {} }, 'rule_invalid'],
    ['an allow that is no function', { scopes: 'things:read', allow: true }, 'rule_invalid'],
    [
      'an acr that is undefined',
      { scopes: 'things:read', login: { acr: undefined, maxAge: 1 } },
      'option_invalid',
    ],
    ['a hide that is no boolean', { scopes: 'things:read', hide: 'yes' }, 'rule_invalid'],
  ])('%s', (_, rule, code) => {
    expect(codeOf(guardWith(rule))).toBe(code)
  })

  test('what is there but undefined, such as an allow that is misspelt where it comes from', () => {
    for (const member of ['accept', 'scopes', 'login', 'load', 'allow', 'hide']) {
      const rule = { scopes: 'things:read', [member]: undefined }
      expect([member, codeOf(guardWith(rule))]).toEqual([member, 'rule_invalid'])
    }
  })

  test('authenticated() says in so many words that a proven identity is enough', () => {
    expect(codeOf(guardWith({ scopes: authenticated() }))).toBe('no error')
  })
})
