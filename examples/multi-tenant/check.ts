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
const api = createServer(
  getRequestListener(
    createApp({
      issuer: issuer.issuer,
      audience: issuer.audience,
      jwksUrl: await listen(jwks),
      apiUrl: 'https://api.example.com',
      proxy: null,
    }).fetch,
  ),
)
const url = await listen(api)
const ALL = 'projects:write projects:delete'

try {
  await expectStatus(401, 'GET', '/projects')
  await expectStatus(403, 'GET', '/projects/1', 'alice', '')
  assert.deepEqual(await listOf('alice'), ['1', '2', '3'])
  assert.deepEqual(await listOf('bob'), ['1', '3'])
  assert.deepEqual(await listOf('carol'), ['4'])
  assert.deepEqual(await listOf('nobody'), [])

  // A list and its points agree, and what is not in the list is answered like what there is not, byte for byte.
  const missing = await answer('GET', '/projects/unknown', 'bob')
  for (const id of ['2', '4']) {
    assert.deepEqual(await answer('GET', `/projects/${id}`, 'bob'), missing)
    assert.deepEqual(await answer('DELETE', `/projects/${id}`, 'bob'), missing)
  }
  assert.deepEqual(await answer('DELETE', '/projects/4', 'alice'), missing)
  await expectStatus(200, 'GET', '/projects/3', 'bob')

  // Bob leads project 3 and is a viewer: his role has no deleting, so nothing that he leads gives it to him.
  await expectStatus(403, 'DELETE', '/projects/3', 'bob')
  await expectStatus(403, 'DELETE', '/projects/3', 'alice', 'projects:read')
  await expectStatus(204, 'DELETE', '/projects/3', 'alice')
  console.log('Every answer is as expected.')
} finally {
  api.close()
  jwks.close()
}

async function ask(method: string, path: string, subject?: string, scope = ALL): Promise<Response> {
  const bearer = subject === undefined ? null : await issuer.token({ subject, scope })
  return fetch(url + path, { method, headers: bearer === null ? {} : fieldsOf({ bearer }) })
}

async function expectStatus(status: number, ...request: Parameters<typeof ask>): Promise<void> {
  const response = await ask(...request)
  const [method, path] = request
  assert.equal(response.status, status, `${method} ${path} was answered ${response.status}`)
}

/** All of an answer that could tell something. */
async function answer(...request: Parameters<typeof ask>): Promise<unknown> {
  const response = await ask(...request)
  assert.equal(response.status, 404, `${request.join(' ')} was answered ${response.status}`)
  const fields = [...response.headers].filter(([name]) => name !== 'date')
  return [fields, await response.text()]
}

async function listOf(subject: string): Promise<readonly string[]> {
  const response = await ask('GET', '/projects', subject)
  const rows = (await response.json()) as readonly { readonly id: string }[] // what this app serves
  return rows.map(({ id }) => id)
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
      resolve(`http://127.0.0.1:${port}`)
    })
  })
}
