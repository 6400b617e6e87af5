import { describe, expect, test } from 'vitest'
import type { MetadataOptions } from '../../src/gate/resource-metadata.js'
import { createGate } from '../../src/gate.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import type { Verifier, VerifierMetadata } from '../../src/verify/verifier.js'
import { stubApiKey, stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

const told = (...metadata: readonly VerifierMetadata[]): Record<string, Verifier> =>
  Object.fromEntries(
    metadata.map((each, index) => [
      `v${index}`,
      { ...stubBearer(index === 0 ? 'jwt' : 'opaque'), metadata: each },
    ]),
  )
const ISSUER = 'https://id.example.com'
const scopes = defineScopes({
  resources: { users: ['read', 'write'], posts: ['read'] },
  superuser: 'admin:all',
  actionImplies: { write: ['read'] },
})

function aGate(verifiers = told({ issuers: [ISSUER] }), resource = 'https://api.example.com') {
  return createGate({ resource, scopes, verifiers })
}
const documentOf = (gate = aGate(), options: MetadataOptions = {}) =>
  JSON.parse(gate.serveMetadata(options).answer('GET').body) as Record<string, unknown>

describe('where the document stands', () => {
  test.each([
    ['https://api.example.com', '/.well-known/oauth-protected-resource'],
    ['https://api.example.com/', '/.well-known/oauth-protected-resource'],
    ['https://api.example.com/v1', '/.well-known/oauth-protected-resource/v1'],
    ['https://api.example.com/v1/', '/.well-known/oauth-protected-resource/v1/'],
    ['https://api.example.com:8443/a b/ü', '/.well-known/oauth-protected-resource/a%20b/%C3%BC'],
  ])('of %s at %s', async (resource, path) => {
    const gate = aGate(undefined, resource)
    const { isAt } = gate.serveMetadata({})
    expect(isAt(path)).toBe(true)
    expect(isAt(`${path}?a=/b`)).toBe(true)
    expect(isAt(`${new URL(resource).origin}${path}`)).toBe(true)
    const guard = gate.guard({ scopes: authenticated() })
    const outcome = await guard.decide(aView(), undefined)
    const [challenge] = outcome.kind === 'unauthenticated' ? outcome.challenges : []
    expect(challenge?.parameters).toContainEqual([
      'resource_metadata',
      `${new URL(resource).origin}${path}`,
    ])
    expect(documentOf(gate)['resource']).toBe(resource)
  })

  test.each([
    '/',
    '',
    '/.well-known/oauth-protected-resource/',
    '/.well-known/oauth-protected-resource/v1/x',
    '/v1/.well-known/oauth-protected-resource',
    '//.well-known/oauth-protected-resource/v1',
    '/.well-known/oauth%2Dprotected-resource/v1',
    '/?/.well-known/oauth-protected-resource/v1',
    '/.WELL-KNOWN/oauth-protected-resource/v1',
    '*',
    'http://[/.well-known/oauth-protected-resource/v1',
  ])('and not at %j', (target) => {
    const gate = aGate(undefined, 'https://api.example.com/v1')
    expect(gate.serveMetadata({}).isAt(target)).toBe(false)
  })
})

describe('what is in it', () => {
  test('the least: what the gate knows, and no empty list', () => {
    expect(documentOf()).toEqual({
      resource: 'https://api.example.com',
      authorization_servers: [ISSUER],
      bearer_methods_supported: ['header'],
    })
  })

  test('the scopes that rules need, in the order of the vocabulary, and not what implies them', () => {
    const gate = aGate()
    const { answer } = gate.serveMetadata({})
    gate.guard({ scopes: scopes.anyOf('posts:read', scopes.allOf('users:read', 'posts:read')) })
    gate.guard({ scopes: authenticated() })
    expect(JSON.parse(answer('GET').body).scopes_supported).toEqual(['users:read', 'posts:read'])
    gate.guard({ scopes: 'users:write' })
    expect(JSON.parse(answer('GET').body).scopes_supported).toEqual([
      'users:read',
      'users:write',
      'posts:read',
    ])
  })

  test('every authorization server once, and only what can be one', () => {
    const issuers = [
      ISSUER,
      'https://other.example.com/tenant',
      'http://localhost:9000',
      'http://id.example.com',
      'https://id.example.com?a',
      'urn:issuer',
      'accounts',
    ]
    expect(documentOf(aGate(told({ issuers }, { issuers: [ISSUER] })))).toMatchObject({
      authorization_servers: [ISSUER, 'https://other.example.com/tenant', 'http://localhost:9000'],
    })
  })

  test('how tokens are bound, and whether they must be', () => {
    const bound = { issuers: [ISSUER], dpopAlgorithms: ['ES256', 'Ed25519'], dpopRequired: true }
    expect(documentOf(aGate(told(bound)))).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'Ed25519'],
      dpop_bound_access_tokens_required: true,
    })
    const mixed = documentOf(aGate(told(bound, { certificateBound: true })))
    expect(mixed).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
    expect(mixed).not.toHaveProperty('dpop_bound_access_tokens_required')
  })

  test('what it is given for people', () => {
    const options = {
      name: 'Tools',
      documentation: 'https://docs.example.com/',
      policy: 'https://example.com/policy',
      termsOfService: 'https://example.com/terms',
    }
    expect(documentOf(aGate(), options)).toMatchObject({
      resource_name: 'Tools',
      resource_documentation: options.documentation,
      resource_policy_uri: options.policy,
      resource_tos_uri: options.termsOfService,
    })
  })
})

describe('how it is answered', () => {
  const { answer } = aGate().serveMetadata({})

  test('GET and HEAD alike, for an hour, to anyone', () => {
    expect(answer('GET')).toMatchObject({
      status: 200,
      fields: [
        ['Access-Control-Allow-Origin', '*'],
        ['Content-Type', 'application/json'],
        ['Cache-Control', 'max-age=3600'],
      ],
    })
    expect(answer('HEAD')).toEqual(answer('GET'))
  })

  test.each(['POST', 'PUT', 'DELETE', 'get', 'TRACE', ''])('%j not at all', (method) => {
    const { status, fields } = answer(method)
    expect(status).toBe(405)
    expect(fields).toContainEqual(['Allow', 'GET, HEAD, OPTIONS'])
  })
})

describe('does not start', () => {
  test.each<[string, Record<string, Verifier>]>([
    ['without a verifier of tokens', { machine: stubApiKey('acme') }],
    ['with an issuer that is no URL', told({ issuers: ['accounts'] })],
    ['with an issuer over http', told({ issuers: ['http://id.example.com'] })],
  ])('%s: there is no server to name', (_, verifiers) => {
    const gate = createGate({ resource: 'https://api.example.com', verifiers })
    expect(() => gate.serveMetadata({})).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test.each([
    [{ documentation: 'http://docs.example.com' }, 'url_invalid'],
    [{ policy: 'javascript:alert(1)' }, 'url_invalid'],
    [{ name: '' }, 'option_invalid'],
    [{ logo: 'https://example.com/logo' }, 'option_invalid'],
  ])('with %j', (options, code) => {
    expect(() => aGate().serveMetadata(options as MetadataOptions)).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('and is then not named', async () => {
    const gate = aGate()
    expect(() => gate.serveMetadata({ name: '' })).toThrow()
    const guard = gate.guard({ scopes: authenticated() })
    expect(JSON.stringify(await guard.decide(aView(), undefined))).not.toContain('metadata')
  })
})

describe('authorization servers that no verifier knows by name', () => {
  const resolved = () => aGate(told({ issuers: [] }))

  test('are named where the metadata is served, after those that verifiers name', () => {
    const authorizationServers = ['https://a.example.com', ISSUER]
    expect(documentOf(resolved(), { authorizationServers })).toMatchObject({
      authorization_servers: authorizationServers,
    })
    expect(documentOf(aGate(), { authorizationServers })).toMatchObject({
      authorization_servers: [ISSUER, 'https://a.example.com'],
    })
  })

  test.each(['http://a.example.com', 'a.example.com', 'https://a.example.com?x', ''])(
    'are not served at %j',
    (server) => {
      expect(() => resolved().serveMetadata({ authorizationServers: [server] })).toThrow(
        expect.objectContaining({ code: 'url_invalid' }),
      )
    },
  )
})
