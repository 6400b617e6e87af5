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
const app = createApp(config)
const api = createServer(getRequestListener(app.fetch))
const url = await listen(api)
const read = { scope: 'articles:read' }
const write = { scope: 'articles:write' }
const alice = { ...write, subject: 'alice' }
const bob = { ...write, subject: 'bob' }
const carol = { ...write, subject: 'carol' }

try {
  await expectStatus(401, 'GET', '/articles')
  await expectStatus(403, 'GET', '/articles', { subject: 'bob' })

  // Readers see what is published; writers their own as well; editors all of their sections.
  assert.deepEqual(await list(carol), ['1'])
  assert.deepEqual(await list(alice), ['1', '2', '3'])
  assert.deepEqual(await list(bob), ['1', '2', '3'])
  for (const id of ['2', '3', '4', 'unknown']) {
    await expectStatus(404, 'GET', `/articles/${id}`, carol)
  }

  // How much of it: the fee is for the author and for editors.
  assert.ok(!('fee' in (await body('/articles/1', carol))))
  assert.equal((await body('/articles/1', alice))['fee'], 120)

  // A scope limits what a role gives: an editor's token for reading does not write.
  await expectStatus(403, 'PATCH', '/articles/2', { ...read, subject: 'bob' }, { title: 'A' })
  // A role limits what a scope gives: whoever is a reader does not write, whatever the token says.
  await expectStatus(403, 'PATCH', '/articles/1', carol, { title: 'B' })
  await expectStatus(404, 'PATCH', '/articles/2', carol, { title: 'B' })

  await expectStatus(204, 'PATCH', '/articles/2', alice, { title: 'Finished' })
  await expectStatus(403, 'PATCH', '/articles/2', alice, { state: 'live' })
  await expectStatus(403, 'PATCH', '/articles/2', bob, { author: 'bob' })
  // What is no patch: a list, and a number that is none.
  await expectStatus(400, 'PATCH', '/articles/2', alice, '[]')
  await expectStatus(400, 'PATCH', '/articles/1', bob, '{"embargo":1e400}')
  // Bob publishes while Alice's body is still on its way: she may not write what is live, nor take it back to a draft.
  const late = await patchLate('/articles/2', alice, { title: 'Mine' }, () =>
    expectStatus(204, 'PATCH', '/articles/2', bob, { state: 'live' }),
  )
  assert.equal(late, 409)
  assert.equal((await body('/articles/2', carol))['title'], 'Finished')
  await expectStatus(403, 'PATCH', '/articles/2', alice, { title: 'Too late' })
  await expectStatus(200, 'GET', '/articles/2', carol)
  await expectStatus(404, 'PATCH', '/articles/4', bob, { title: 'Of another section' })
  console.log('Every answer is as expected.')
} finally {
  api.close()
  jwks.close()
}

type Token = { readonly subject: string; readonly scope?: string }

async function ask(method: string, path: string, token?: Token, patch?: object | string) {
  const bearer = token === undefined ? null : await issuer.token(token)
  return fetch(url + path, {
    method,
    headers: bearer === null ? {} : fieldsOf({ bearer }),
    ...(patch === undefined
      ? {}
      : { body: typeof patch === 'string' ? patch : JSON.stringify(patch) }),
  })
}

/** Sends a body that comes after `meanwhile`, which happens once the handler reads it: the article was judged by then. */
async function patchLate(
  path: string,
  token: Token,
  patch: object,
  meanwhile: () => Promise<void>,
): Promise<number> {
  const late = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await meanwhile()
        controller.enqueue(new TextEncoder().encode(JSON.stringify(patch)))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const headers = fieldsOf({ bearer: await issuer.token(token) })
  // What the DOM's types do not know: a body that is a stream has to say so.
  const init: RequestInit & { readonly duplex: 'half' } = {
    method: 'PATCH',
    headers,
    body: late,
    duplex: 'half',
  }
  const request = new Request(url + path, init)
  return (await app.fetch(request)).status
}

async function expectStatus(status: number, ...request: Parameters<typeof ask>): Promise<void> {
  const response = await ask(...request)
  const [method, path] = request
  assert.equal(response.status, status, `${method} ${path} was answered ${response.status}`)
}

async function body(path: string, token: Token): Promise<Readonly<Record<string, unknown>>> {
  const response = await ask('GET', path, token)
  return (await response.json()) as Readonly<Record<string, unknown>> // what this app serves
}

async function list(token: Token): Promise<readonly string[]> {
  const response = await ask('GET', '/articles', token)
  const rows = (await response.json()) as readonly { readonly id: string }[]
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
