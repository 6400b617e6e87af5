import { describe, expect, test } from 'vitest'
import { denyByDefault, protect } from '../../src/adapters/fetch.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { aRequest } from '../../src/testing/requests.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const rule = { scopes: authenticated() }
const alice = { bearer: 'user~alice' }

describe('protect', () => {
  test('hands on what the platform passes besides the request', async () => {
    const handler = protect(gate, rule, (_request, { principal }, env: { name: string }) =>
      Response.json([principal.subject, env.name]),
    )
    expect(await (await handler(aRequest('/', alice), { name: 'worker' })).json()).toEqual([
      'alice',
      'worker',
    ])
  })

  test('answers HEAD without a body, and a preflight without running the handler', async () => {
    const handler = protect(gate, rule, () => Response.json('in'))
    const head = await handler(aRequest('/', undefined, { method: 'HEAD' }))
    expect([head.status, await head.text()]).toEqual([401, ''])
    const preflight = await handler(
      aRequest('/', undefined, {
        method: 'OPTIONS',
        fields: { origin: 'https://a.example', 'access-control-request-method': 'GET' },
      }),
    )
    expect([preflight.status, await preflight.text()]).toEqual([204, ''])
  })

  test('keeps a grant out of shared caches, also where the platform has sealed the fields', async () => {
    const cacheControl = async (response: () => Response) =>
      (await protect(gate, rule, response)(aRequest('/', alice))).headers.get('cache-control')
    expect(await cacheControl(() => Response.json('in'))).toBe('private')
    expect(await cacheControl(() => Response.redirect('https://a.example/'))).toBe('private')
    const own = { headers: { 'cache-control': 'max-age=60' } }
    expect(await cacheControl(() => Response.json('in', own))).toBe('max-age=60')
  })

  test('passes on what is no answer with fields: an upgrade, a network error', async () => {
    const upgraded = protect(gate, rule, () => undefined as never)
    expect(await upgraded(aRequest('/', alice))).toBeUndefined()
    const failed = await protect(gate, rule, () => Response.error())(aRequest('/', alice))
    expect(failed.type).toBe('error')
  })

  test('passes on what the handler throws', async () => {
    const handler = protect(gate, rule, () => Promise.reject(new Error('broken')))
    await expect(handler(aRequest('/', alice))).rejects.toThrow('broken')
  })
})

describe('deny by default', () => {
  const app = denyByDefault(gate, (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/good') return protect(gate, rule, () => Response.json('in'))
    return pathname === '/bare' ? async () => Response.json('in') : undefined
  })

  test('serves what protect has made, refuses the rest, and finds nothing where nothing is', async () => {
    const status = async (path: string, credential?: typeof alice) =>
      (await app(aRequest(path, credential))).status
    expect(await status('/good', alice)).toBe(200)
    expect(await status('/good')).toBe(401)
    expect(await status('/bare')).toBe(401)
    expect(await status('/bare', alice)).toBe(403)
    expect(await status('/none', alice)).toBe(404)
  })
})
