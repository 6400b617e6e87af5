import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { PrivateJwk } from '../../src/jwt/jwk.js'
import { generateSigningKey, type SigningKeyPair } from '../../src/jwt/sign-jwt.js'
import type { ClientAuthentication } from '../../src/remote/client-authentication.js'
import {
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from '../../src/remote/remote-introspection.js'
import { remoteJwkSet } from '../../src/remote/remote-jwk-set.js'
import { systemClock } from '../../src/runtime/clock.js'
import { introspectedBearer } from '../../src/verify/introspected-bearer.js'
import { aContext, bearerCredential } from '../verify/verifier-kit.js'

const AUDIENCE = 'https://api.example.com'
/** Every character here means something to a form, a URL or Basic. */
const SECRET = 'p:a%s s+/=&~!p:a%s s+/=&~!p:a%s'

let issuer: string
let provider: Provider
let close: () => Promise<void>
let clients: Readonly<Record<string, ClientAuthentication>>

beforeAll(async () => {
  // It warns of its development settings.
  for (const level of ['info', 'warn'] as const)
    vi.spyOn(console, level).mockImplementation(() => {})
  const server = createServer((request, response) => serve(request, response))
  let serve: (...given: Parameters<Parameters<typeof createServer>[1] & object>) => void = () => {}
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [ours, theirs] = [await generateSigningKey('ES256'), await generateSigningKey('RS256')]
  provider = new Provider(issuer, configuration(ours, theirs.privateJwk))
  serve = provider.callback()
  close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  clients = {
    client_secret_basic: {
      method: 'client_secret_basic',
      clientId: 'basic:client',
      clientSecret: SECRET,
    },
    client_secret_post: {
      method: 'client_secret_post',
      clientId: 'post-client',
      clientSecret: SECRET,
    },
    private_key_jwt: { method: 'private_key_jwt', clientId: 'key-client', key: ours.privateJwk },
  }
})

afterAll(() => close())

function configuration({ publicJwk }: SigningKeyPair, signingKey: PrivateJwk): object {
  const client = (id: string, method: string, more: object) => ({
    client_id: id,
    token_endpoint_auth_method: method,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
    ...more,
  })
  return {
    clients: [
      client('basic:client', 'client_secret_basic', { client_secret: SECRET }),
      client('post-client', 'client_secret_post', { client_secret: SECRET }),
      client('key-client', 'private_key_jwt', { jwks: { keys: [publicJwk as JWK] } }),
    ],
    jwks: { keys: [signingKey] },
    cookies: { keys: ['unused'] },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      jwtIntrospection: { enabled: true },
    },
  }
}

/** A token of the provider's own making, for alice unless it says otherwise. */
async function aToken({ expiresIn = 60, aud = AUDIENCE } = {}) {
  const client = await provider.Client.find('basic:client')
  const grant = new provider.Grant({ accountId: 'alice', clientId: 'basic:client' })
  const token = new provider.AccessToken({
    accountId: 'alice',
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: 'jobs:run',
    aud,
    expiresIn,
  })
  return { text: await token.save(), revoke: () => token.destroy() }
}

function verify(text: string, method: string, options: Partial<RemoteIntrospectionOptions> = {}) {
  const client = clients[method]
  if (client === undefined) throw new Error(method)
  const source = remoteIntrospection({
    issuer,
    endpoint: `${issuer}/token/introspection`,
    client,
    ...options,
  })
  const verifier = introspectedBearer({ source, audience: AUDIENCE })
  return verifier.verify(bearerCredential(text), aContext({ now: systemClock.now() }))
}

function signedAnswers(): RemoteIntrospectionOptions['signedAnswers'] {
  return { keys: remoteJwkSet({ url: `${issuer}/jwks` }), algorithms: ['RS256'] }
}

const METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

describe.each(METHODS)('oidc-provider, asked by %s', (method) => {
  test.each(['plain', 'signed'])('is understood by its %s answers', async (form) => {
    const options = form === 'signed' ? { signedAnswers: signedAnswers() } : {}
    const { text, revoke } = await aToken()
    expect(await verify(text, method, options as object)).toMatchObject({
      kind: 'verified',
      principal: {
        kind: 'user',
        issuer,
        subject: 'alice',
        clientId: 'basic:client',
        grant: { tokens: ['jobs:run'] },
      },
    })
    const inactive = { kind: 'refused', reason: 'token_inactive' }
    expect(await verify('made-up', method, options as object)).toEqual(inactive)
    await revoke()
    expect(await verify(text, method, options as object)).toEqual(inactive)
  })

  test('has its token for another API refused', async () => {
    const { text } = await aToken({ aud: 'https://other.example.com' })
    expect(await verify(text, method)).toMatchObject({ reason: 'audience_mismatch' })
  })
})

test('oidc-provider turns us away with a wrong secret, and nobody is refused for that', async () => {
  const { text } = await aToken()
  const client = {
    ...clients['client_secret_basic'],
    clientSecret: 'wrong',
  } as ClientAuthentication
  expect(await verify(text, 'client_secret_basic', { client })).toMatchObject({
    kind: 'unavailable',
    reason: 'introspection_unavailable',
  })
})
