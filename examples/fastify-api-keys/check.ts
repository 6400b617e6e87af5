/** `npm run check`: serves the app, asks it over HTTP with keys made on the spot, and fails on a wrong answer. */
import assert from 'node:assert/strict'
import { createApiKeys, type Store } from 'sallyport'
import { memoryStore } from 'sallyport/stores/memory'
import { createApp, createKeys } from './app.js'

const config = { apiUrl: 'https://api.example.com', proxy: null } as const
const memory = memoryStore()
let isDown = false
const store: Store = {
  ...memory,
  cas(...given) {
    if (isDown) throw new Error('connection lost')
    return memory.cas(...given)
  },
}
const keys = createKeys(store)
const app = await createApp(config, keys)
const url = await app.listen({ host: '127.0.0.1', port: 0 })

try {
  const { key: first } = await issued('shop', ['keys:read', 'keys:write', 'reports:read'])
  const { id: foreignId } = await issued('other-shop', [])
  const { key: last, id: lastId } = await issued('shop', ['reports:read'])
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

  // A rotation gives a new secret; the old one works until the overlap is over, so nobody can rotate once more.
  const rotation = await ask('POST', `/keys/${id}/rotation`, first)
  const { key: rotated } = (await rotation.json()) as { key: string }
  await expectStatus(200, 'GET', '/reports', reader)
  await expectStatus(200, 'GET', '/reports', rotated)
  await expectStatus(409, 'POST', `/keys/${id}/rotation`, first)
  await expectStatus(404, 'POST', `/keys/${foreignId}/rotation`, first)

  // One sees one's own keys, without hashes, and revokes no others.
  const list = await (await ask('GET', '/keys', first)).text()
  assert.ok(list.includes(id) && !list.includes(foreignId) && !/hash/i.test(list))
  await expectStatus(404, 'DELETE', `/keys/${foreignId}`, first)
  await expectStatus(204, 'DELETE', `/keys/${id}`, first)
  await expectStatus(401, 'GET', '/reports', reader)
  await expectStatus(401, 'GET', '/reports', rotated)

  // Expired, mistyped, and where it does not belong.
  const earlier = { now: () => Math.floor(Date.now() / 1_000) - 61 }
  const old = await createApiKeys({ prefix: 'acme', store, clock: earlier }).create({
    applicationId: 'shop',
    scopes: ['reports:read'],
    expiresIn: '1m',
  })
  assert.ok(old.kind === 'created')
  await expectStatus(401, 'GET', '/reports', old.key.reveal())
  await expectStatus(401, 'GET', '/reports', `${first}x`)
  await expectStatus(400, 'GET', `/reports?api_key=${first}`)

  // A revocation that did not happen is not reported as done.
  isDown = true
  await expectStatus(503, 'DELETE', `/keys/${lastId}`, first)
  isDown = false
  await expectStatus(200, 'GET', '/reports', last)

  // What would not be safe does not start.
  await assert.rejects(createApp({ ...config, apiUrl: 'http://api.example.com' }, keys))
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

async function issued(applicationId: string, scopes: string[]) {
  const made = await keys.create({ applicationId, scopes })
  assert.ok(made.kind === 'created')
  return { key: made.key.reveal(), id: made.record.id }
}

async function created(body: object, key: string): Promise<{ key: string; id: string }> {
  const answer = await ask('POST', '/keys', key, body)
  assert.equal(answer.status, 201)
  return (await answer.json()) as { key: string; id: string } // what `issueKey` returns
}
