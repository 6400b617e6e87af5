/** A client that is not ours, on a real socket: what oauth4webapi sends is taken, and what it is told it understands. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import { createGate } from '../../src/gate.js'
import { jwkThumbprint } from '../../src/jwt/thumbprint.js'
import { memoryReplayStore } from '../../src/lifecycle/replay/memory-replay-store.js'
import { authenticated } from '../../src/scope/requirement.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { senderConstraint } from '../../src/verify/sender-constraint.js'

const server = createServer()
const issuer = await createTestIssuer()
const keys = await oauth.generateKeyPair('ES256')
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', keys.publicKey)
const jkt = jwkThumbprint({ kty, crv, x, y } as Record<string, string>)
let url: URL

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  url = new URL(`http://127.0.0.1:${port}/things?page=1`)
  const constraint = senderConstraint({ dpop: { replay: memoryReplayStore(), nonces: {} } })
  const gate = createGate({
    resource: url.origin,
    verifiers: { user: jwtBearer({ ...issuer.trust, senderConstraint: constraint }) },
  })
  const app = express()
  app.get(
    '/things',
    onExpress.protect(gate, { scopes: authenticated() }, (_request, response) =>
      response.send('in'),
    ),
  )
  server.on('request', app)
})
afterAll(() => server.close())

const ask = (token: string, dpop?: oauth.DPoPHandle) =>
  oauth.protectedResourceRequest(token, 'GET', url, undefined, null, {
    [oauth.allowInsecureRequests]: true,
    ...(dpop === undefined ? {} : { DPoP: dpop }),
  })

test('oauth4webapi takes the nonce that it is told, and is let in with it', async () => {
  const token = await issuer.token({ claims: { cnf: { jkt } } })
  const dpop = oauth.DPoP({}, keys)
  const first: unknown = await ask(token, dpop).catch((error: unknown) => error)
  expect(oauth.isDPoPNonceError(first)).toBe(true)
  for (const _request of [1, 2, 3]) {
    const response = await ask(token, dpop)
    expect([response.status, await response.text()]).toEqual([200, 'in'])
  }
})

test('oauth4webapi reads our challenges: to another key, and to a bound token without DPoP', async () => {
  const token = await issuer.token({ claims: { cnf: { jkt } } })
  const thief = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  for (const attempt of [() => ask(token, thief), () => ask(token)]) {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
    expect(error).toMatchObject({
      status: 401,
      cause: [
        { scheme: 'dpop', parameters: { error: 'invalid_token', algs: 'ES256 Ed25519 EdDSA' } },
      ],
    })
  }
})
