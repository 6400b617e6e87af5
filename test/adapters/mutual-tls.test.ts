import { X509Certificate } from 'node:crypto'
import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onHono from '../../src/adapters/hono.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { senderConstraint } from '../../src/verify/sender-constraint.js'
import { selfSigned } from '../support/self-signed.js'

/** Made on the spot, and vouched for by nobody: a token binds the certificate itself. */
const [server, client, thief] = [selfSigned('localhost'), selfSigned('client'), selfSigned('thief')]
const issuer = await createTestIssuer()
const { fingerprint256 } = new X509Certificate(client.cert)
const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
const bound = await issuer.token({ claims: { cnf: { 'x5t#S256': thumbprint } } })
const unbound = await issuer.token()

const gate = createGate({
  resource: issuer.audience,
  verifiers: {
    user: jwtBearer({ ...issuer.trust, senderConstraint: senderConstraint({ mtls: true }) }),
  },
})
const rule = { scopes: authenticated() }
const onExpressServer = express()
onExpressServer.get(
  '/',
  onExpress.protect(gate, rule, (_request, response) => response.send('in')),
)
const onHonoServer = new Hono().get('/', onHono.protect(gate, rule), (c) => c.text('in'))

describe.each([
  ['Express', onExpressServer],
  ['Hono', getRequestListener(onHonoServer.fetch)],
])('over mutual TLS, on %s', (_name, listener) => {
  const https = createServer({ ...server, requestCert: true, rejectUnauthorized: false }, listener)
  beforeAll(() => new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise((resolve) => https.close(resolve)))

  /** One request over a connection of its own, or over a session that is taken up again. */
  function ask(token: string, who: Partial<typeof client> = {}, session?: Buffer) {
    const { port } = https.address() as AddressInfo
    return new Promise<{ status: number; session: Promise<Buffer>; reused: boolean }>(
      (resolve, reject) => {
        const request = httpsRequest({
          ...who,
          ...(session === undefined ? {} : { session }),
          host: '127.0.0.1',
          port,
          ca: server.cert,
          servername: 'localhost',
          agent: false,
          headers: { authorization: `Bearer ${token}`, host: 'api.example.com' },
        })
        let given: Promise<Buffer> = Promise.reject(new Error('no session'))
        given.catch(() => {})
        request.on('socket', (socket) => {
          given = new Promise((keep) => socket.once('session', keep))
        })
        request.on('response', (response) => {
          const reused = (response.socket as TLSSocket).isSessionReused()
          response.resume()
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, session: given, reused }),
          )
        })
        request.on('error', reject)
        request.end()
      },
    )
  }

  test('a bound token is let in with its certificate', async () => {
    expect((await ask(bound, client)).status).toBe(200)
  })

  test('a bound token is refused with another certificate, and without one', async () => {
    expect((await ask(bound, thief)).status).toBe(401)
    expect((await ask(bound)).status).toBe(401)
  })

  test('a certificate alone does not make up for a token that is bound to none', async () => {
    expect((await ask(unbound, client)).status).toBe(401)
  })

  test('a session that is taken up again is as good as the connection it began with', async () => {
    const first = await ask(bound, client)
    const again = await ask(bound, client, await first.session)
    expect(again.reused).toBe(true)
    expect(again.status).toBe(200)
    const stranger = await ask(unbound, thief)
    const swapped = await ask(bound, client, await stranger.session)
    expect(swapped.status).toBe(401)
  })
})
