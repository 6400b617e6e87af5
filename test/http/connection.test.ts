import { describe, expect, test } from 'vitest'
import { connectionOf } from '../../src/http/connection.js'
import { viewFetchRequest } from '../../src/http/request-view.js'

const request = new Request('https://api.example.com/')
const judged = (platform: unknown) => {
  const view = viewFetchRequest(request, connectionOf(platform, request))
  return [view.encrypted, view.remoteAddress]
}

describe('what a server passes along with a Request', () => {
  test('@hono/node-server: the socket decides, whatever the URL says', () => {
    const socket = { remoteAddress: '192.0.2.1' }
    expect(judged({ incoming: { socket } })).toEqual([false, '192.0.2.1'])
    expect(judged({ incoming: { socket: { ...socket, encrypted: true } } })).toEqual([
      true,
      '192.0.2.1',
    ])
    expect(judged({ server: { incoming: { socket } } })).toEqual([false, '192.0.2.1'])
    expect(judged({ incoming: { socket: {} } })).toEqual([false, null])
  })

  test('Bun: the server knows its own scheme and who asked', () => {
    const server = (protocol: string) => ({
      url: new URL(`${protocol}://0.0.0.0:3000/`),
      address: '192.0.2.1',
      requestIP(asked: Request) {
        return asked === request ? { address: this.address, port: 1, family: 'IPv4' } : null
      },
    })
    expect(judged(server('http'))).toEqual([false, '192.0.2.1'])
    expect(judged(server('https'))).toEqual([true, '192.0.2.1'])
    expect(judged({ server: server('http') })).toEqual([false, '192.0.2.1'])
    expect(judged({ requestIP: () => null })).toEqual([true, null])
  })

  test('Deno: who asked, and the URL for the rest', () => {
    const remoteAddr = { transport: 'tcp', hostname: '192.0.2.1', port: 1 }
    expect(judged({ remoteAddr })).toEqual([true, '192.0.2.1'])
    expect(judged({ remoteAddr: { transport: 'unix', path: '/a' } })).toEqual([true, null])
  })

  test('you, where the server says nothing', () => {
    expect(judged({ encrypted: false })).toEqual([false, null])
    expect(judged({ encrypted: true, remoteAddress: '::1' })).toEqual([true, '::1'])
  })

  test.each([
    [undefined],
    [null],
    ['text'],
    [{}],
    [{ incoming: 'a binding of this name' }],
    [{ remoteAddr: 'a binding of this name' }],
    [{ server: 'a binding of this name' }],
    [{ server: { server: { server: {} } } }],
    [{ encrypted: 'false', remoteAddress: '::1' }],
  ])('%j says nothing, and the URL is believed', (platform) => {
    expect(judged(platform)).toEqual([true, null])
  })
})
