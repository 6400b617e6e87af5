import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Exchange,
  type ExchangeLimits,
  type ExchangeRequest,
  exchange,
} from '../../src/remote/exchange.js'
import { type JwksServer, startJwksServer } from './jwks-server.js'

let server: JwksServer
beforeEach(async () => {
  server = await startJwksServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})
afterEach(() => server.close())

const ask = (
  request: Partial<ExchangeRequest> = {},
  limits: Partial<ExchangeLimits> = {},
): Promise<Exchange> =>
  exchange(
    { url: server.url, accept: ['application/json'], ...request },
    { timeoutMilliseconds: 2_000, maxBytes: 1_000, ...limits },
  )
const textOf = (answer: Exchange) =>
  answer.kind === 'answered' ? new TextDecoder().decode(answer.bytes) : answer.cause.message

describe('an exchange', () => {
  it('sends what it was given, and nothing of its own but what it accepts', async () => {
    let body = ''
    server.answer = (request, response) => {
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"active":false}')
      })
    }
    const answer = await ask({
      method: 'POST',
      accept: ['application/a+json', 'application/json'],
      fields: { authorization: 'Basic YTpi', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'token=t',
    })
    expect(textOf(answer)).toBe('{"active":false}')
    expect(body).toBe('token=t')
    const [request] = server.requests
    expect(request?.method).toBe('POST')
    expect(request?.headers).toMatchObject({
      accept: 'application/a+json, application/json',
      authorization: 'Basic YTpi',
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(request?.headers).not.toHaveProperty('cookie')
  })

  it('tells what the answer says of its age', async () => {
    const fields = {
      'cache-control': 'max-age=60',
      age: '5',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      expires: 'Thu, 01 Jan 2026 00:01:00 GMT',
    }
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'Application/JSON; charset=utf-8', ...fields })
      response.end('{}')
    }
    expect(await ask()).toMatchObject({
      kind: 'answered',
      mediaType: 'application/json',
      fields: {
        cacheControl: fields['cache-control'],
        age: fields.age,
        date: fields.date,
        expires: fields.expires,
      },
    })
  })

  it.each([
    [undefined],
    ['text/html'],
    ['text/json'],
    ['application/jsonp'],
    ['application/json, text/html'],
    [''],
  ])('takes no answer of the type %j', async (type) => {
    server.answer = (_, response) => {
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end('{}')
    }
    expect(await ask()).toMatchObject({ kind: 'failed', status: 200, isAbsent: false })
  })

  it.each([[204], [301], [302], [307], [400], [401], [404], [410], [500], [503]])(
    'takes no answer with the status %i',
    async (status) => {
      server.answer = (_, response) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          location: '/other',
          'retry-after': '7',
        })
        response.end('{}')
      }
      expect(await ask()).toMatchObject({
        kind: 'failed',
        status,
        isAbsent: status === 404,
        retryAfter: '7',
      })
      expect(server.requests).toHaveLength(1)
    },
  )

  it('counts bytes after decompressing: a small text that unfolds is as large as it unfolds', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    server.answer = (_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(bomb)
    }
    expect(textOf(await ask())).toMatch('larger than 1000 bytes')
    expect(bomb.length).toBeLessThan(60_000)
  })

  it('reads as many bytes as are allowed, and not one more', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(gzipSync('12345'))
    }
    expect(textOf(await ask({}, { maxBytes: 5 }))).toBe('12345')
    expect((await ask({}, { maxBytes: 4 })).kind).toBe('failed')
  })

  it.each([
    ['http://id.example.com/'],
    ['ftp://127.0.0.1/'],
    ['https://a:b@127.0.0.1/'],
    ['/a'],
    [''],
  ])('asks nothing of the URL %j', async (url) => {
    expect(await ask({ url })).toMatchObject({ kind: 'failed', status: null })
  })

  it('does not repeat a credential that cannot be sent', async () => {
    const answer = await ask({ fields: { authorization: 'Bearer s3cret\n\u0001' } })
    expect(answer.kind).toBe('failed')
    expect(answer.kind === 'failed' && [answer.cause.message, answer.cause.cause]).toEqual([
      'a field of the request is malformed',
      undefined,
    ])
    expect(server.requests).toHaveLength(0)
  })

  it.each([
    ['hangs', () => new Promise<Response>(() => undefined)],
    ['answers with a body that hangs', async () => jsonOf(new ReadableStream())],
  ])('ends in time if a fetch of your own %s and does not hear the signal', async (_, fetch) => {
    const limits = { timeoutMilliseconds: 50, maxBytes: 10 }
    const answer = await exchange(
      { url: 'https://id.example.com', accept: ['application/json'] },
      limits,
      fetch,
    )
    expect(textOf(answer)).toBe('no whole answer within 50 ms')
  })

  it('takes no answer from where a fetch of your own has followed a redirect to', async () => {
    const followed = Object.defineProperty(Response.json({}), 'redirected', { value: true })
    const request = { url: 'https://id.example.com', accept: ['application/json'] }
    const limits = { timeoutMilliseconds: 1_000, maxBytes: 1_000 }
    const answer = await exchange(request, limits, async () => followed)
    expect(textOf(answer)).toBe('a redirect was followed')
  })

  it('ends if a fetch of your own answers with a body of empty chunks that never ends', async () => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) =>
      controller.enqueue(new Uint8Array())
    const answer = await exchange(
      { url: 'https://id.example.com', accept: ['application/json'] },
      { timeoutMilliseconds: 60_000, maxBytes: 1_000 },
      async () => jsonOf(new ReadableStream({ pull })),
    )
    expect(textOf(answer)).toBe('the body is larger than 1000 bytes')
  })
})

function jsonOf(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}
