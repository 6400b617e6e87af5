import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { aRequest, fieldsOf } from '../../src/testing/requests.js'
import { sendRaw } from '../../src/testing/send.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer, type HostileToken } from '../../src/testing/test-issuer.js'

const clock = createTestClock()

describe.each(['ES256', 'RS256', 'Ed25519'] as const)(
  'a test issuer with %s',
  async (algorithm) => {
    const issuer = await createTestIssuer({ algorithm, clock })
    const verifier = createJwtVerifier(issuer.trust)
    const verify = (token: string) => verifier.verify(token, clock.now())

    test('makes tokens that the real verifier takes', async () => {
      expect(
        await verify(await issuer.token({ subject: 'bob', claims: { tenant: 'acme' } })),
      ).toMatchObject({
        kind: 'verified',
        claims: { sub: 'bob', tenant: 'acme' },
      })
    })

    test.each<[HostileToken, string]>([
      ['algorithm-none', 'token_malformed'],
      ['key-confusion', 'algorithm_not_allowed'],
      ['foreign-key', 'signature_invalid'],
      ['embedded-key', 'signature_invalid'],
      ['tampered', 'signature_invalid'],
      ['expired', 'token_expired'],
      ['not-yet-valid', 'token_not_yet_valid'],
      ['no-expiry', 'claim_missing'],
      ['ten-years', 'lifetime_too_long'],
      ['wrong-issuer', 'issuer_mismatch'],
      ['wrong-audience', 'audience_mismatch'],
      ['wrong-type', 'token_type'],
    ])('makes a hostile token that is refused for what it is: %s', async (kind, reason) => {
      expect(await verify(await issuer.hostile(kind))).toMatchObject({ kind: 'refused', reason })
    })
  },
)

describe('a test clock', () => {
  test('moves only when it is told to, and tokens expire by it', async () => {
    const own = createTestClock(1_000)
    const issuer = await createTestIssuer({
      clock: own,
      issuer: 'https://a',
      audience: 'https://b',
    })
    const verifier = createJwtVerifier(issuer.trust)
    const token = await issuer.token({ expiresIn: 60 })
    own.advance(64)
    expect(await verifier.verify(token, own.now())).toMatchObject({ kind: 'verified' })
    own.advance(1)
    expect(await verifier.verify(token, own.now())).toMatchObject({ reason: 'token_expired' })
  })
})

describe('request builders', () => {
  test('put each credential where a well-behaved client puts it', () => {
    expect(fieldsOf({ bearer: 't' })).toEqual({ authorization: 'Bearer t' })
    expect(fieldsOf({ apiKey: 'k' })).toEqual({ 'x-api-key': 'k' })
    expect(fieldsOf({ basic: ['a', 'b'] })).toEqual({ authorization: 'Basic YTpi' })
    expect(fieldsOf({ cookie: ['sid', 'x'] })).toEqual({ cookie: 'sid=x' })
  })

  test('build requests for the API', () => {
    const request = aRequest(
      '/users?a=b',
      { bearer: 't' },
      { method: 'DELETE', fields: { 'x-y': 'z' } },
    )
    expect([request.method, request.url]).toEqual(['DELETE', 'https://api.example.com/users?a=b'])
    expect([request.headers.get('authorization'), request.headers.get('x-y')]).toEqual([
      'Bearer t',
      'z',
    ])
    expect(aRequest('/').headers.get('authorization')).toBeNull()
  })
})

describe('sending raw requests', () => {
  test('goes to loopback only', async () => {
    const request = { method: 'GET', path: '/', fields: [] }
    await expect(sendRaw('http://192.0.2.1:80', request)).rejects.toThrow(/loopback/)
  })

  test('takes an answer for one only when it is whole', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half', () => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const request = { method: 'GET', path: '/', fields: [] }
    await expect(sendRaw(`http://127.0.0.1:${port}`, request)).rejects.toThrow('no whole answer')
    server.close()
  })

  test('rejects where nobody answers', async () => {
    await expect(
      sendRaw('http://127.0.0.1:1', { method: 'GET', path: '/', fields: [] }),
    ).rejects.toThrow()
  })
})
