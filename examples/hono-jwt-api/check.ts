/** `npm run check`: serves the app, asks it over HTTP with tokens made on the spot, and fails on a wrong answer. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createTestIssuer, fieldsOf } from 'sallyport/testing'
import { createApp } from './app.js'

const clock = { now: () => Math.floor(Date.now() / 1_000) }
const issuer = await createTestIssuer({ algorithm: 'RS256', clock })
const jwks = createServer((_request, response) =>
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(issuer.trust.keys)),
)
const config = {
  issuer: issuer.issuer,
  audience: issuer.audience,
  jwksUrl: await listen(jwks),
  apiUrl: 'https://api.example.com',
  proxy: null,
} as const
const api = createServer(getRequestListener(createApp(config).fetch))
const url = await listen(api)

try {
  const reader = { scope: 'notes:read' }
  const writer = { scope: 'notes:write' }
  await expectStatus(200, 'GET', '/health')
  await expectStatus(401, 'GET', '/me')
  await expectStatus(200, 'GET', '/me', issuer.token())
  await expectStatus(403, 'GET', '/notes', issuer.token())
  await expectStatus(200, 'GET', '/notes', issuer.token(reader))
  await expectStatus(403, 'POST', '/notes', issuer.token(reader))
  await expectStatus(201, 'POST', '/notes', issuer.token(writer))
  for (const kind of ['expired', 'wrong-audience', 'algorithm-none', 'key-confusion'] as const) {
    await expectStatus(401, 'GET', '/notes', issuer.hostile(kind, reader))
  }
  await expectStatus(400, 'GET', `/notes?access_token=${await issuer.token(reader)}`)

  // Who may write may read, and nobody reads the notes of somebody else.
  assert.deepEqual(await notesOf('alice'), ['buy milk'])
  assert.deepEqual(await notesOf('bob'), [])
  // What would not be safe does not start.
  assert.throws(() => createApp({ ...config, jwksUrl: 'http://id.example.com/jwks' }))
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
  const response = await fetch(url + path, {
    method,
    headers: token === undefined ? {} : fieldsOf({ bearer: await token }),
    ...(method === 'POST' ? { body: 'buy milk' } : {}),
  })
  assert.equal(response.status, status, `${method} ${path} was answered ${response.status}`)
}

async function notesOf(subject: string): Promise<unknown> {
  const token = await issuer.token({ subject, scope: 'notes:write' })
  const response = await fetch(`${url}/notes`, { headers: fieldsOf({ bearer: token }) })
  return response.json()
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
      resolve(`http://127.0.0.1:${port}`)
    })
  })
}
