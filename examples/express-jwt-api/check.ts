/** `npm run check`: serves the app, asks it over HTTP with tokens made on the spot, and fails on a wrong answer. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestIssuer, fieldsOf } from 'sallyport/testing'
import { createApp, Environment } from './app.js'

const clock = { now: () => Math.floor(Date.now() / 1_000) }
const issuer = await createTestIssuer({ algorithm: 'RS256', clock })
const jwks = createServer((_request, response) =>
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(issuer.trust.keys)),
)
const environment = Environment.parse({
  ISSUER: issuer.issuer,
  AUDIENCE: issuer.audience,
  JWKS_URL: await listen(jwks),
  API_URL: 'https://api.example.com',
})
const api = createServer(createApp(environment))
const url = await listen(api)

try {
  const reader = { scope: 'documents:read', claims: { tenant: 'acme' } }
  const deleter = { scope: 'documents:delete', claims: { tenant: 'acme' } }
  await expectStatus(200, 'GET', '/health')
  await expectStatus(401, 'GET', '/documents')
  await expectStatus(200, 'GET', '/documents', issuer.token(reader))
  await expectStatus(401, 'GET', '/documents', issuer.token({ scope: 'documents:read' })) // no tenant
  for (const kind of ['expired', 'wrong-audience', 'algorithm-none', 'key-confusion'] as const) {
    await expectStatus(401, 'GET', '/documents', issuer.hostile(kind, reader))
  }
  await expectStatus(400, 'GET', `/documents?access_token=${await issuer.token(reader)}`)

  await expectStatus(200, 'GET', '/documents/2', issuer.token(reader))
  await expectStatus(404, 'GET', '/documents/3', issuer.token(reader)) // another tenant's
  await expectStatus(404, 'GET', '/documents/9', issuer.token(reader))
  await expectStatus(403, 'DELETE', '/documents/1', issuer.token(reader))
  await expectStatus(404, 'DELETE', '/documents/2', issuer.token(deleter)) // Bob's
  await expectStatus(204, 'DELETE', '/documents/1', issuer.token(deleter))
  await expectStatus(404, 'GET', '/documents/1', issuer.token(reader))

  // What is incomplete or would not be safe does not start.
  assert.equal(Environment.safeParse({}).success, false)
  assert.throws(() => createApp({ ...environment, JWKS_URL: 'http://id.example.com/jwks' }))
  console.log('Every answer is as expected.')
} finally {
  api.close()
  jwks.close()
}

async function expectStatus(
  status: number,
  method: string,
  path: string,
  token?: Promise<string>,
): Promise<void> {
  const headers = token === undefined ? {} : fieldsOf({ bearer: await token })
  const response = await fetch(url + path, { method, headers })
  assert.equal(response.status, status, `${method} ${path} was answered ${response.status}`)
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
      resolve(`http://127.0.0.1:${port}`)
    })
  })
}
