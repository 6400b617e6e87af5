import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'
import {
  type ClientAuthentication,
  clientAuthentication,
} from '../../src/remote/client-authentication.js'
import { Redacted } from '../../src/shared/redacted.js'

const NOW = 1_800_000_000
const ISSUER = 'https://id.example.com'

function proofOf(client: ClientAuthentication) {
  return clientAuthentication('test', client, ISSUER)(NOW)
}

describe('client_secret_basic', () => {
  test('sends id and secret in the field, form-encoded each, and nothing in the body', async () => {
    const clientSecret = 'p:a%s s+ä/='
    const proof = await proofOf({ method: 'client_secret_basic', clientId: 'a:b', clientSecret })
    const [scheme, token = ''] = (proof.fields['authorization'] ?? '').split(' ')
    expect(scheme).toBe('Basic')
    expect(Buffer.from(token, 'base64').toString()).toBe('a%3Ab:p%3Aa%25s+s%2B%C3%A4%2F%3D')
    expect(proof.parameters).toEqual({})
  })

  test("encodes what needs no encoding as itself: RFC 6749's own example", async () => {
    const proof = await proofOf({
      method: 'client_secret_basic',
      clientId: 's6BhdRkqt3',
      clientSecret: new Redacted('gX1fBat3bV'),
    })
    expect(proof.fields).toEqual({ authorization: 'Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW' })
  })
})

test('client_secret_post sends id and secret in the body and nothing in a field', async () => {
  expect(
    await proofOf({ method: 'client_secret_post', clientId: 'us', clientSecret: 'secret' }),
  ).toEqual({ fields: {}, parameters: { client_id: 'us', client_secret: 'secret' } })
})

describe('private_key_jwt', () => {
  test('sends an assertion about ourselves, for the server, for a minute, each of its own', async () => {
    const { privateJwk, publicJwk } = await generateSigningKey('ES256')
    const prove = clientAuthentication(
      'test',
      { method: 'private_key_jwt', clientId: 'us', key: privateJwk },
      ISSUER,
    )
    const proofs = [await prove(NOW), await prove(NOW)]
    const identifiers = new Set<unknown>()
    for (const { fields, parameters } of proofs) {
      const { client_assertion = '', ...others } = parameters
      expect(fields).toEqual({})
      expect(others).toEqual({
        client_id: 'us',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
      const { payload, protectedHeader } = await jwtVerify(
        client_assertion,
        createLocalJWKSet({ keys: [{ ...publicJwk, key_ops: ['verify'] }] }),
        { currentDate: new Date(NOW * 1_000), typ: 'client-authentication+jwt' },
      )
      expect(protectedHeader).toEqual({
        alg: 'ES256',
        kid: publicJwk.kid,
        typ: 'client-authentication+jwt',
      })
      const jti = expect.stringMatching(/^[\w-]{22}$/)
      expect(payload).toEqual({ iss: 'us', sub: 'us', aud: ISSUER, iat: NOW, exp: NOW + 60, jti })
      identifiers.add(payload.jti)
    }
    expect(identifiers.size).toBe(2)
  })

  test('names another audience if the caller says so', async () => {
    const { privateJwk } = await generateSigningKey('ES256')
    const audience = 'https://id.example.com/introspect'
    const { parameters } = await proofOf({
      method: 'private_key_jwt',
      clientId: 'us',
      key: privateJwk,
      audience,
    })
    const [, payload = ''] = (parameters['client_assertion'] ?? '').split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      aud: audience,
    })
  })
})

describe('a client is refused when it is made', () => {
  const secret = { kty: 'oct', kid: 'a', alg: 'HS256', k: 'A'.repeat(43) }

  test.each<[string, string, object]>([
    ['of another method', 'option_invalid', { method: 'none' }],
    ['of no method', 'option_invalid', { clientSecret: 'secret' }],
    ['of two methods', 'option_invalid', { method: 'private_key_jwt', key: {}, clientSecret: 's' }],
    ['without a secret', 'option_invalid', { method: 'client_secret_basic' }],
    ['with an empty secret', 'option_invalid', { method: 'client_secret_post', clientSecret: '' }],
    [
      'with an empty secret that is redacted',
      'option_invalid',
      { method: 'client_secret_post', clientSecret: new Redacted('') },
    ],
    ['without a key', 'option_invalid', { method: 'private_key_jwt' }],
    ['with a shared secret for a key', 'key_invalid', { method: 'private_key_jwt', key: secret }],
    [
      'with a key of no algorithm',
      'algorithm_unknown',
      { method: 'private_key_jwt', key: { kty: 'EC', kid: 'a' } },
    ],
  ])('%s', (_, code, client) => {
    const make = () =>
      clientAuthentication('test', { clientId: 'us', ...client } as ClientAuthentication, ISSUER)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(expect.objectContaining({ code }))
  })

  test('with a public key', async () => {
    const { publicJwk } = await generateSigningKey('ES256')
    expect(() =>
      clientAuthentication(
        'test',
        { method: 'private_key_jwt', clientId: 'us', key: publicJwk } as never,
        ISSUER,
      ),
    ).toThrow(expect.objectContaining({ code: 'key_invalid' }))
  })

  test('without showing its secret', () => {
    const client = { method: 'client_secret_basic', clientId: '', clientSecret: 'hush' } as const
    expect(() => clientAuthentication('test', client, ISSUER)).toThrow(/^(?!.*hush)/s)
  })
})
