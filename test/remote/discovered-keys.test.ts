import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KeySetLookup } from '../../src/jwt/jwk-set.js'
import type { KeyEvent } from '../../src/jwt/key-event.js'
import { generateSigningKey, type SigningKeyPair } from '../../src/jwt/sign-jwt.js'
import { type DiscoveredKeysOptions, discoveredKeys } from '../../src/remote/discovered-keys.js'
import { metadataUrls } from '../../src/remote/fetch-metadata.js'
import { type FaultServer, startFaultServer } from '../support/fault-server.js'

const NOW = 1_767_225_600
const ISSUER = 'https://id.example.com'
const OIDC = '/.well-known/openid-configuration'
const OAUTH = '/.well-known/oauth-authorization-server'

let first: SigningKeyPair
let server: FaultServer
beforeAll(async () => {
  first = await generateSigningKey('ES256')
})
beforeEach(async () => {
  server = await startFaultServer([first.publicJwk])
})
afterEach(() => server.close())

const kidsOf = (lookup: KeySetLookup) =>
  lookup.kind === 'set' ? lookup.set.keys.map(({ kid }) => kid) : lookup.kind
const problemOf = (lookup: KeySetLookup) =>
  lookup.kind === 'unavailable' && lookup.cause instanceof Error ? lookup.cause.message : null

/** A web without sockets: answers by URL, and 404 for everything else. */
function web(documents: Readonly<Record<string, unknown>>) {
  const asked: string[] = []
  const fetch = async (url: string | URL | Request): Promise<Response> => {
    asked.push(String(url))
    const document = documents[String(url)]
    if (document === undefined) return new Response(null, { status: 404 })
    return document instanceof Response ? document.clone() : Response.json(document)
  }
  return { asked, fetch }
}
const discover = (
  documents: Readonly<Record<string, unknown>>,
  options: Partial<DiscoveredKeysOptions> = {},
) => {
  const { asked, fetch } = web(documents)
  return { asked, keys: discoveredKeys({ issuer: ISSUER, fetch, ...options }) }
}

describe('discoveredKeys', () => {
  it.each([
    'http://id.example.com',
    'https://id.example.com?tenant=a',
    'https://id.example.com?',
    'https://id.example.com#a',
    'https://user:secret@id.example.com',
    'id.example.com',
    '',
  ])('does not start with the issuer %j', (issuer) => {
    expect(() => discoveredKeys({ issuer })).toThrow(
      expect.objectContaining({
        code: 'url_invalid',
        message: expect.not.stringContaining('secret'),
      }),
    )
  })

  it('finds the keys of an issuer on a socket, and keeps where they are', async () => {
    const keys = discoveredKeys({ issuer: server.issuer })
    expect(kidsOf(await keys.current(NOW))).toEqual([first.publicJwk.kid])
    expect(server.paths).toEqual([OIDC, '/jwks'])
    await keys.current(NOW + 600)
    expect(server.paths).toEqual([OIDC, '/jwks', '/jwks'])
    await keys.current(NOW + 3_600)
    expect(server.paths).toEqual([OIDC, '/jwks', '/jwks', OIDC, '/jwks'])
  })

  it('keeps metadata for as long as its own fields say', async () => {
    server.fields = { 'cache-control': 'max-age=120' }
    const keys = discoveredKeys({ issuer: server.issuer, minAge: 60 })
    await keys.current(NOW)
    await keys.current(NOW + 120)
    expect(server.paths).toEqual([OIDC, '/jwks', OIDC, '/jwks'])
  })

  it('asks for the metadata of RFC 8414 only where OpenID Connect has none', async () => {
    const jwks = `${ISSUER}/keys`
    const { asked, keys } = discover({
      [`${ISSUER}${OAUTH}`]: { issuer: ISSUER, jwks_uri: jwks },
      [jwks]: { keys: [first.publicJwk] },
    })
    expect(kidsOf(await keys.current(NOW))).toEqual([first.publicJwk.kid])
    expect(asked).toEqual([`${ISSUER}${OIDC}`, `${ISSUER}${OAUTH}`, jwks])
  })

  it.each([
    ['a server error', new Response(null, { status: 500 })],
    ['a denial', new Response(null, { status: 403 })],
    ['a redirect', new Response(null, { status: 302, headers: { location: `${ISSUER}${OAUTH}` } })],
    ['a page', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['metadata of another issuer', { issuer: `${ISSUER}/`, jwks_uri: `${ISSUER}/keys` }],
  ])('does not go on to it for %s', async (_, document) => {
    const { asked, keys } = discover({
      [`${ISSUER}${OIDC}`]: document,
      [`${ISSUER}${OAUTH}`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
      [`${ISSUER}/keys`]: { keys: [first.publicJwk] },
    })
    expect((await keys.current(NOW)).kind).toBe('unavailable')
    expect(asked).toEqual([`${ISSUER}${OIDC}`])
  })

  it('has no keys where there is no metadata', async () => {
    const { asked, keys } = discover({})
    expect(problemOf(await keys.current(NOW))).toBe('status 404')
    expect(asked).toHaveLength(2)
  })

  it.each([
    [`${ISSUER}/`],
    ['https://ID.example.com'],
    ['https://id.example.com:443'],
    ['https://evil.example.com'],
    [[ISSUER]],
    [null],
    [undefined],
  ])('believes no metadata that names the issuer %j', async (issuer) => {
    const { asked, keys } = discover({
      [`${ISSUER}${OIDC}`]: { issuer, jwks_uri: `${ISSUER}/keys` },
      [`${ISSUER}/keys`]: { keys: [first.publicJwk] },
    })
    expect(problemOf(await keys.current(NOW))).toBe('the metadata names another issuer')
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['http://id.example.com/keys'],
    ['http://127.0.0.1/keys'],
    ['http://localhost/keys'],
    ['ftp://id.example.com/keys'],
    ['file:///etc/passwd'],
    ['data:application/json,{"keys":[]}'],
    ['https://user:secret@id.example.com/keys'],
    ['/keys'],
    [''],
    [1],
    [undefined],
  ])('does not ask for keys at %j', async (jwksUri) => {
    const { asked, keys } = discover({
      [`${ISSUER}${OIDC}`]: { issuer: ISSUER, jwks_uri: jwksUri },
    })
    expect(problemOf(await keys.current(NOW))).toBe('the metadata holds no https jwks_uri')
    expect(asked).toHaveLength(1)
  })

  it('takes keys from another host if the issuer says so', async () => {
    const { keys } = discover({
      [`${ISSUER}${OIDC}`]: { issuer: ISSUER, jwks_uri: 'https://keys.example.net/a?b=c' },
      'https://keys.example.net/a?b=c': { keys: [first.publicJwk] },
    })
    expect(kidsOf(await keys.current(NOW))).toEqual([first.publicJwk.kid])
  })

  it('looks for the keys anew after they could not be fetched', async () => {
    const documents: Record<string, unknown> = {
      [`${ISSUER}${OIDC}`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/old` },
    }
    const { asked, keys } = discover(documents)
    expect((await keys.current(NOW)).kind).toBe('unavailable')
    documents[`${ISSUER}${OIDC}`] = { issuer: ISSUER, jwks_uri: `${ISSUER}/new` }
    documents[`${ISSUER}/new`] = { keys: [first.publicJwk] }
    expect(kidsOf(await keys.current(NOW + 10))).toEqual([first.publicJwk.kid])
    expect(asked).toHaveLength(4)
  })

  it('serves the keys it has while the metadata cannot be had or speaks for another issuer', async () => {
    const events: KeyEvent[] = []
    const documents: Record<string, unknown> = {
      [`${ISSUER}${OIDC}`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` },
      [`${ISSUER}/keys`]: { keys: [first.publicJwk] },
    }
    const { keys } = discover(documents)
    await keys.current(NOW)
    documents[`${ISSUER}${OIDC}`] = {
      issuer: 'https://evil.example.com',
      jwks_uri: 'https://e.co/',
    }
    const lookup = await keys.current(NOW + 3_600, (event) => events.push(event))
    expect(kidsOf(lookup)).toEqual([first.publicJwk.kid])
    expect(events).toMatchObject([{ kind: 'keys_stale', source: ISSUER, ageSeconds: 3_600 }])
  })

  it('has one time limit for all its documents', async () => {
    const { fetch } = web({ [`${ISSUER}${OIDC}`]: { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` } })
    const keys = discoveredKeys({
      issuer: ISSUER,
      timeoutMilliseconds: 200,
      async fetch(url) {
        if (!String(url).endsWith('/keys')) {
          await new Promise((resolve) => setTimeout(resolve, 60))
          return fetch(String(url))
        }
        return new Promise(() => undefined)
      },
    })
    const message = problemOf(await keys.current(NOW)) ?? ''
    const limit = Number(/within (\d+) ms/.exec(message)?.[1])
    expect(limit).toBeGreaterThan(0)
    expect(limit).toBeLessThanOrEqual(145)
  })
})

describe('the addresses of metadata', () => {
  it.each([
    ['https://id.example.com', OIDC, OAUTH],
    ['https://id.example.com/', OIDC, OAUTH],
    ['https://id.example.com/tenant', `/tenant${OIDC}`, `${OAUTH}/tenant`],
    ['https://id.example.com/a/b/', `/a/b${OIDC}`, `${OAUTH}/a/b`],
  ])('of %s', (issuer, oidc, oauth) => {
    expect(metadataUrls(issuer)).toEqual([`${ISSUER}${oidc}`, `${ISSUER}${oauth}`])
  })
})
