import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { type Scratch, scratchProject } from './scratch.js'

const source = (name: string) =>
  readFileSync(new URL(`./projects/servers/${name}`, import.meta.url), 'utf8')

describe.each([
  { framework: 'express', packages: ['express'] },
  { framework: 'fastify', packages: ['fastify'] },
  { framework: 'hono', packages: ['hono', '@hono/node-server'] },
  { framework: 'fetch', packages: [] },
])('a new project on $framework', ({ framework, packages }) => {
  let scratch: Scratch
  let server: Awaited<ReturnType<Scratch['serve']>>
  let announced: z.infer<typeof ANNOUNCED>
  const ask = (path: string, init: { readonly method?: string; readonly token?: string } = {}) =>
    fetch(`${announced.origin}${path}`, {
      method: init.method ?? 'GET',
      headers: init.token === undefined ? {} : { authorization: `Bearer ${init.token}` },
    })

  beforeAll(async () => {
    const files = { 'gate.mjs': source('gate.mjs'), 'server.mjs': source(`${framework}.mjs`) }
    scratch = await scratchProject(files, packages)
    server = await scratch.serve('server.mjs')
    announced = ANNOUNCED.parse(JSON.parse(server.firstLine))
  })
  afterAll(async () => {
    await server?.stop()
    scratch?.remove()
  })

  it('answers 401 with a bare challenge where there is no credential', async () => {
    const response = await ask('/users')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
    expect(response.headers.get('www-authenticate')).not.toContain('error=')
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  it('answers 401 to a token that is not one', async () => {
    const response = await ask('/users', { token: 'a.b.c' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('answers 200 to a token that may, and tells the handler whose it is', async () => {
    const response = await ask('/users', { token: announced.token })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ subject: 'alice' })
  })

  it('answers 403 to a token that may not', async () => {
    const response = await ask('/users', { method: 'DELETE', token: announced.token })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  })

  it('refuses a route that was forgotten', async () => {
    expect((await ask('/forgotten')).status).toBe(401)
    expect((await ask('/forgotten', { token: announced.token })).status).toBe(403)
  })
})

const ANNOUNCED = z.object({ origin: z.string(), token: z.string() })
