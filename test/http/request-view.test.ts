import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { viewFetchRequest, viewNodeRequest } from '../../src/http/request-view.js'

describe("a view of Node's request", () => {
  test('joins every line of a field in order', () => {
    const view = viewNodeRequest({
      method: 'GET',
      url: '/a?b=c',
      rawHeaders: ['Authorization', 'Bearer a', 'X', 'y', 'AUTHORIZATION', 'Bearer b'],
    })
    expect(view.field('authorization')).toBe('Bearer a, Bearer b')
    expect(view.field('x')).toBe('y')
    expect(view.field('cookie')).toBeNull()
    expect([view.method, view.url, view.encrypted]).toEqual(['GET', '/a?b=c', false])
  })

  test('joins cookies as cookies are joined', () => {
    const view = viewNodeRequest({ rawHeaders: ['Cookie', 'a=1', 'cookie', 'b=2'] })
    expect(view.field('cookie')).toBe('a=1; b=2')
  })

  test('is encrypted only on a TLS socket', () => {
    const encrypted = (socket: object | null) =>
      viewNodeRequest({ rawHeaders: [], socket }).encrypted
    expect(encrypted({ encrypted: true })).toBe(true)
    expect(encrypted({ encrypted: 'yes' })).toBe(false)
    expect(encrypted({})).toBe(false)
    expect(encrypted(null)).toBe(false)
  })

  test('takes the target and the form that the framework knows', () => {
    const view = viewNodeRequest({ rawHeaders: [], url: '/b' }, { url: '/a/b', form: { c: 1 } })
    expect(view.url).toBe('/a/b')
    expect(view.form).toEqual({ c: 1 })
    expect(viewNodeRequest({ rawHeaders: [] })).toMatchObject({ method: 'GET', url: '/' })
    expect('form' in viewNodeRequest({ rawHeaders: [] })).toBe(false)
  })
})

describe('a view of a Fetch request', () => {
  test('has the same fields, and the host of its URL where none was sent', () => {
    const view = viewFetchRequest(
      new Request('https://localhost:8443/a?b', { method: 'PUT', headers: { 'X-API-Key': 'k' } }),
    )
    expect([view.method, view.url, view.encrypted]).toEqual([
      'PUT',
      'https://localhost:8443/a?b',
      true,
    ])
    expect(view.field('x-api-key')).toBe('k')
    expect(view.field('host')).toBe('localhost:8443')
    expect(view.field('authorization')).toBeNull()
    expect(viewFetchRequest(new Request('http://a.example/')).encrypted).toBe(false)
  })
})

describe('both views', () => {
  const names = fc.constantFrom(
    'Authorization',
    'authorization',
    'X-Api-Key',
    'x-api-key',
    'Origin',
    'Cookie',
  )
  const values = fc.stringMatching(/^[!-~](?:[ -~]{0,10}[!-~])?$/)

  test('any list of field lines reads the same from Node and from Fetch', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 6 }), (lines) => {
        const node = viewNodeRequest({ rawHeaders: lines.flat() })
        const headers = new Headers()
        for (const [name, value] of lines) headers.append(name, value)
        const fetched = viewFetchRequest(new Request('http://localhost/', { headers }))
        for (const name of ['authorization', 'x-api-key', 'origin', 'cookie']) {
          expect(node.field(name)).toBe(fetched.field(name))
        }
      }),
    )
  })
})
