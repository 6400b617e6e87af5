/** `npm run check`: serves the app, asks it over HTTP with keys made on the spot, and fails on a wrong answer. */
import assert from 'node:assert/strict'
import { createApiKey } from 'sallyport'
import { createApp, issueKey } from './app.js'
import { createMemoryKeyStore } from './key-store.js'

const config = { apiUrl: 'https://api.example.com', proxy: null } as const
const store = createMemoryKeyStore()
const app = await createApp(config, store)
const url = await app.listen({ host: '127.0.0.1', port: 0 })

try {
  const { key: first } = await issueKey(store, 'shop', ['keys:read', 'keys:write', 'reports:read'])
  const { id: foreignId } = await issueKey(store, 'other-shop', [])
  await expectStatus(200, 'GET', '/health')
  await expectStatus(401, 'GET', '/reports')
  await expectStatus(200, 'GET', '/reports', first)

  // A key of its own for each job, with no more than the job needs.
  const { key: reader, id } = await created({ scopes: ['reports:read'] }, first)
  await expectStatus(200, 'GET', '/reports', reader)
  await expectStatus(403, 'GET', '/keys', reader)
  await expectStatus(403, 'POST', '/keys', reader, { scopes: [] })
  const { key: writer } = await created({ scopes: ['keys:write'] }, first)
  await expectStatus(403, 'POST', '/keys', writer, { scopes: ['reports:read'] })
  await expectStatus(400, 'POST', '/keys', first, { scopes: ['everything'] })

  // One sees one's own keys, without hashes, and revokes no others.
  const list = await (await ask('GET', '/keys', first)).text()
  assert.ok(list.includes(id) && !list.includes(foreignId) && !list.includes('secretHash'))
  await expectStatus(404, 'DELETE', `/keys/${foreignId}`, first)
  await expectStatus(204, 'DELETE', `/keys/${id}`, first)
  await expectStatus(401, 'GET', '/reports', reader)

  // Expired, mistyped, and where it does not belong.
  const now = Math.floor(Date.now() / 1_000) - 61
  const old = createApiKey({
    prefix: 'acme',
    applicationId: 'shop',
    scopes: [],
    now,
    expiresIn: '1m',
  })
  await store.insert(old.record)
  await expectStatus(401, 'GET', '/reports', old.key.reveal())
  await expectStatus(401, 'GET', '/reports', `${first}x`)
  await expectStatus(400, 'GET', `/reports?api_key=${first}`)

  // What would not be safe does not start.
  await assert.rejects(createApp({ ...config, apiUrl: 'http://api.example.com' }, store))
  console.log('Every answer is as expected.')
} finally {
  await app.close()
}

function ask(method: string, path: string, key?: string, body?: object): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: {
      ...(key === undefined ? {} : { 'X-API-Key': key }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function expectStatus(
  status: number,
  method: string,
  path: string,
  key?: string,
  body?: object,
): Promise<void> {
  const answer = await ask(method, path, key, body)
  assert.equal(answer.status, status, `${method} ${path} was answered ${answer.status}`)
}

async function created(body: object, key: string): Promise<{ key: string; id: string }> {
  const answer = await ask('POST', '/keys', key, body)
  assert.equal(answer.status, 201)
  return (await answer.json()) as { key: string; id: string } // what `issueKey` returns
}
