import { createServer as createTcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import type { PrivateJwk } from '../../src/jwt/jwk.js'
import { type JwkSet, staticKeys } from '../../src/jwt/jwk-set.js'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import {
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from '../../src/remote/remote-introspection.js'
import { Redacted } from '../../src/shared/redacted.js'
import type { VerifierEvent } from '../../src/verify/verifier-event.js'
import { AMBIGUOUS, asMember, tally } from '../conformance/json-corpus.js'
import {
  answering,
  type IntrospectionServer,
  startIntrospectionServer,
} from './introspection-server.js'

const NOW = 1_800_000_000
const CLIENT = { method: 'client_secret_basic', clientId: 'us', clientSecret: 'secret' } as const

let server: IntrospectionServer
let keys: JwkSet
let privateJwk: PrivateJwk

beforeAll(async () => {
  server = await startIntrospectionServer()
  const pair = await generateSigningKey('ES256')
  keys = { keys: [pair.publicJwk] }
  privateJwk = pair.privateJwk
})

beforeEach(() => {
  server.questions.length = 0
})

afterAll(() => server.close())

function aSource(options: Partial<RemoteIntrospectionOptions> = {}) {
  const { issuer, endpoint } = server
  return remoteIntrospection({ issuer, endpoint, client: CLIENT, ...options })
}

function ask(options: Partial<RemoteIntrospectionOptions> = {}, timeoutMilliseconds = 3_000) {
  const token = new Redacted('the token+/=')
  return aSource(options).introspect({ token, now: NOW, timeoutMilliseconds, report: () => {} })
}

describe('a question', () => {
  test('is a form in the body of a POST, with our credentials and no cookies', async () => {
    await ask()
    const [{ request, parameters, body } = {}] = server.questions
    expect(request?.method).toBe('POST')
    expect(request?.url).toBe('/introspect')
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      authorization: 'Basic dXM6c2VjcmV0',
    })
    expect(request?.headers).not.toHaveProperty('cookie')
    expect(Object.fromEntries(parameters ?? [])).toEqual({
      token: 'the token+/=',
      token_type_hint: 'access_token',
    })
    expect(body).not.toContain(' ')
  })

  test('carries the proof of one method only', async () => {
    await ask({ client: { ...CLIENT, method: 'client_secret_post' } })
    await ask({ client: { method: 'private_key_jwt', clientId: 'us', key: privateJwk } })
    const [post, assertion] = server.questions
    expect(post?.request.headers).not.toHaveProperty('authorization')
    expect(assertion?.request.headers).not.toHaveProperty('authorization')
    expect([...(post?.parameters.keys() ?? [])].sort()).toEqual([
      'client_id',
      'client_secret',
      'token',
      'token_type_hint',
    ])
    expect([...(assertion?.parameters.keys() ?? [])].sort()).toEqual([
      'client_assertion',
      'client_assertion_type',
      'client_id',
      'token',
      'token_type_hint',
    ])
  })

  test('goes through the fetch that is given', async () => {
    const urls: unknown[] = []
    const fetch: typeof globalThis.fetch = (url, init) => {
      urls.push(url)
      return globalThis.fetch(url, init)
    }
    expect((await ask({ fetch })).kind).toBe('inactive')
    expect(urls).toEqual([server.endpoint])
  })
})

describe('an answer', () => {
  test('that calls the token active brings its members along', async () => {
    server.answer = answering({ active: true, sub: 'alice' })
    expect(await ask()).toEqual({ kind: 'active', claims: { active: true, sub: 'alice' } })
  })

  test('that calls it inactive brings nothing', async () => {
    server.answer = answering({ active: false, sub: 'alice' })
    expect(await ask()).toEqual({ kind: 'inactive' })
  })

  test('may say a character set with its type, in any case', async () => {
    server.answer = answering({ active: false }, 'Application/JSON; charset=utf-8')
    expect((await ask()).kind).toBe('inactive')
  })

  test.each<[string, string]>([
    ['a member twice', '{"active":false,"active":true}'],
    ['a member twice, once by escapes', '{"active":true,"sub":"bob","\\u0073ub":"alice"}'],
    ['a byte order mark', '\ufeff{"active":true}'],
    ['a number that is not finite', '{"active":true,"exp":1e999}'],
    ['more behind it', '{"active":true}{}'],
    ['depth', `{"active":true,"a":${'['.repeat(20)}${']'.repeat(20)}}`],
    ['a list', '[{"active":true}]'],
    ['null', 'null'],
    ['nothing', ''],
    ['a page', '<html>'],
    ['no `active`', '{"sub":"alice"}'],
    ['an `active` of another case', '{"Active":true}'],
    ['"true"', '{"active":"true"}'],
    ['1', '{"active":1}'],
    ['null for `active`', '{"active":null}'],
    ['an object for `active`', '{"active":{}}'],
    ['`active` by prototype', '{"__proto__":{"active":true}}'],
  ])('with %s cannot be used, and concerns that token', async (_, body) => {
    server.answer = answering(body)
    expect(await ask()).toMatchObject({ kind: 'unavailable', concerns: 'token' })
  })

  test('in UTF-16, or not in UTF-8 at all, cannot be used', async () => {
    server.answer = answering(Buffer.from('{"active":true}', 'utf16le'))
    expect((await ask()).kind).toBe('unavailable')
    server.answer = answering(
      Buffer.from([...Buffer.from('{"active":true,"a":"'), 0xff, 0x22, 0x7d]),
    )
    expect((await ask()).kind).toBe('unavailable')
  })

  test.each(['text/html', 'text/plain', 'application/jwt', 'application/jsonp', ''])(
    'of the type %j cannot be used, whatever is in it',
    async (type) => {
      server.answer = answering({ active: true }, type)
      expect(await ask()).toMatchObject({ kind: 'unavailable', concerns: 'token' })
    },
  )

  test('of another size than allowed cannot be used, compressed or not', async () => {
    const document = JSON.stringify({ active: true, pad: '' })
    const padded = (bytes: number) =>
      document.replace('""', `"${'x'.repeat(bytes - document.length)}"`)
    server.answer = answering(padded(65_536))
    expect((await ask()).kind).toBe('active')
    server.answer = answering(padded(65_537))
    expect((await ask()).kind).toBe('unavailable')
    server.answer = (_, response) => {
      const fields = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
      response.writeHead(200, fields).end(gzipSync(padded(10_000_000)))
    }
    expect((await ask()).kind).toBe('unavailable')
  })

  test('may be an object without a prototype, whatever its members are called', async () => {
    server.answer = answering('{"active":true,"__proto__":{"sub":"mallory"}}')
    const answer = await ask()
    expect(answer.kind === 'active' && answer.claims['sub']).toBe(undefined)
  })
})

describe('a status other than 200', () => {
  test.each([301, 302, 307, 308, 401, 404, 405, 429, 502, 503, 504])(
    '%i concerns the server',
    async (status) => {
      server.answer = (_, response) =>
        response.writeHead(status, { location: `${server.issuer}/elsewhere` }).end()
      expect(await ask()).toMatchObject({ kind: 'unavailable', concerns: 'server' })
      expect(server.questions).toHaveLength(1)
    },
  )

  test.each([400, 403, 406, 413, 414, 422, 431, 500])(
    '%i may be the fault of one odd token',
    async (status) => {
      server.answer = answering({ active: true }, 'application/json', status)
      expect(await ask()).toMatchObject({ kind: 'unavailable', concerns: 'token' })
    },
  )

  test('with Retry-After concerns the server for that long, be it seconds or a date', async () => {
    const withRetry = (value: string) => {
      server.answer = (_, response) => response.writeHead(500, { 'retry-after': value }).end()
      return ask()
    }
    const inSevenSeconds = new Date((NOW + 7) * 1_000).toUTCString()
    for (const value of ['7', inSevenSeconds]) {
      expect(await withRetry(value)).toMatchObject({ concerns: 'server', retryAfterSeconds: 7 })
    }
    for (const value of ['-7', '7.5', '1e9', 'soon', '2027-01-15']) {
      expect(await withRetry(value)).not.toHaveProperty('retryAfterSeconds')
    }
  })
})

describe('a server', () => {
  const unreachable = { kind: 'unavailable', concerns: 'server' }

  test('that refuses the connection is unavailable', async () => {
    const other = await startIntrospectionServer()
    await other.close()
    expect(await ask({ endpoint: other.endpoint })).toMatchObject(unreachable)
  })

  test('that closes the connection is unavailable', async () => {
    server.answer = ({ request }) => request.socket.destroy()
    expect(await ask()).toMatchObject(unreachable)
  })

  test('that never answers, or drop by drop, is unavailable in time', async () => {
    server.answer = () => {}
    expect(await ask({}, 50)).toMatchObject(unreachable)
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drops = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(drops))
    }
    expect(await ask({}, 50)).toMatchObject(unreachable)
  })

  test('that speaks no HTTP is unavailable', async () => {
    const tcp = createTcpServer((socket) => socket.write('hello\r\n\r\n', () => socket.destroy()))
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
    const { port } = tcp.address() as { port: number }
    expect(await ask({ endpoint: `http://127.0.0.1:${port}/` })).toMatchObject(unreachable)
    await new Promise((resolve) => tcp.close(resolve))
  })
})

describe('the JSON test suite as answers', () => {
  const isTaken = async (bytes: Uint8Array) => {
    server.answer = answering(bytes)
    return (await ask()).kind !== 'unavailable'
  }

  test('decides nothing: no document of it has an `active`', async () => {
    const { badTaken, bad, good, goodRefused } = await tally(({ bytes }) => isTaken(bytes))
    expect([badTaken, bad, good, goodRefused.length]).toEqual([[], 188, 95, 95])
  })

  test('inside an answer that calls the token active: 0 of 188 bad ones taken, all good ones', async () => {
    const { badTaken, goodRefused, bad, good } = await tally(({ bytes }) =>
      isTaken(asMember({ active: true }, bytes)),
    )
    expect({ badTaken, bad, good }).toEqual({ badTaken: [], bad: 188, good: 95 })
    expect(new Set(goodRefused)).toEqual(AMBIGUOUS)
  })
})

describe('with signed answers', () => {
  const signed = async (
    members: Readonly<Record<string, unknown>> = {},
    { key = privateJwk, type = 'token-introspection+jwt' } = {},
  ) => {
    const claims = {
      iss: server.issuer,
      aud: 'us',
      iat: NOW,
      exp: NOW + 60,
      token_introspection: { active: true, sub: 'alice' },
      ...members,
    }
    return signJwt(claims, { key, type })
  }
  const asking = async (body: string, type = 'application/token-introspection+jwt') => {
    server.answer = answering(body, type)
    return ask({ signedAnswers: { keys, algorithms: ['ES256'] } })
  }

  test('asks for them, and takes what is said inside `token_introspection`', async () => {
    expect(await asking(await signed())).toEqual({
      kind: 'active',
      claims: { active: true, sub: 'alice' },
    })
    expect(server.questions[0]?.request.headers.accept).toBe('application/token-introspection+jwt')
    const body = await signed({ token_introspection: { active: false } })
    expect(await asking(body)).toEqual({ kind: 'inactive' })
  })

  test('are verified with keys that are found by the issuer', async () => {
    const issuers: string[] = []
    server.answer = answering(await signed(), 'application/token-introspection+jwt')
    const keysOf = ({ issuer }: { readonly issuer: string }) => {
      issuers.push(issuer)
      return staticKeys(keys)
    }
    const answer = await ask({ signedAnswers: { keys: keysOf, algorithms: ['ES256'] } })
    expect(answer).toMatchObject({ kind: 'active' })
    expect(issuers).toEqual([server.issuer])
  })

  test('asks for the keys at the time of the answer: to others, that of the question is a clock set back', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const times: number[] = []
      const lookup = { kind: 'set', set: keys } as const
      const source = {
        current(now: number) {
          times.push(now)
          return lookup
        },
        refreshed: () => lookup,
      }
      const body = await signed()
      const answer = await ask({
        signedAnswers: { keys: source, algorithms: ['ES256'] },
        fetch: async () => {
          vi.advanceTimersByTime(7_500)
          const headers = { 'content-type': 'application/token-introspection+jwt' }
          return new Response(body, { headers })
        },
      })
      expect(answer.kind).toBe('active')
      expect(times).toEqual([NOW + 7])
    } finally {
      vi.useRealTimers()
    }
  })

  test('takes no unsigned answer: not even one that refuses', async () => {
    for (const active of [true, false]) {
      expect(await asking(JSON.stringify({ active }), 'application/json')).toMatchObject({
        kind: 'unavailable',
        concerns: 'token',
      })
      expect(await asking(JSON.stringify({ active }))).toMatchObject({ kind: 'unavailable' })
    }
  })

  test('takes no signed answer of another media type', async () => {
    for (const type of ['application/json', 'application/jwt']) {
      expect((await asking(await signed(), type)).kind).toBe('unavailable')
    }
  })

  test('says which claim is at fault, and concerns the one token', async () => {
    expect(await asking(await signed({ iss: 'https://id.example.net' }))).toMatchObject({
      kind: 'unavailable',
      concerns: 'token',
      cause: { message: "The signed answer is refused: issuer_mismatch, 'iss'." },
    })
  })

  test('takes no access token for an answer', async () => {
    expect((await asking(await signed({}, { type: 'at+jwt' }))).kind).toBe('unavailable')
  })

  test('is unavailable as a whole when the keys cannot be had', async () => {
    const source = aSource({
      signedAnswers: {
        algorithms: ['ES256'],
        keys: {
          current: async (at, tell) => {
            tell?.({
              kind: 'keys_unavailable',
              at,
              source: 'us',
              retryAfterSeconds: 9,
              cause: 'down',
            })
            return { kind: 'unavailable', retryAfterSeconds: 9, cause: 'down' }
          },
          refreshed: async () => ({ kind: 'unavailable', retryAfterSeconds: 9, cause: 'down' }),
        },
      },
    })
    server.answer = answering(await signed(), 'application/token-introspection+jwt')
    const events: VerifierEvent[] = []
    const report = (event: VerifierEvent) => void events.push(event)
    const question = { token: new Redacted('t'), now: NOW, timeoutMilliseconds: 3_000, report }
    expect(await source.introspect(question)).toEqual({
      kind: 'unavailable',
      concerns: 'server',
      retryAfterSeconds: 9,
      cause: 'down',
    })
    expect(events).toMatchObject([{ kind: 'keys_unavailable', at: NOW }])
  })
})

describe('a source is not made', () => {
  test.each<[string, string, object]>([
    ['with an endpoint that is http', 'url_invalid', { endpoint: 'http://id.example.com/i' }],
    ['with an endpoint that is no URL', 'url_invalid', { endpoint: 'introspect' }],
    ['with a password in the endpoint', 'url_invalid', { endpoint: 'https://a:b@id.example.com/' }],
    ['with a fragment in the endpoint', 'url_invalid', { endpoint: 'https://id.example.com/#a' }],
    ['without an issuer', 'option_invalid', { issuer: '' }],
    ['without a client', 'option_invalid', { client: undefined }],
    ['with a misspelt option', 'option_invalid', { signedAnswer: {} }],
    ['with answers of no size', 'option_invalid', { maxBytes: 0 }],
    ['with answers of any size', 'option_invalid', { maxBytes: 1_048_577 }],
    [
      'with signed answers of no algorithm',
      'option_invalid',
      { signedAnswers: { keys: { keys: [] }, algorithms: [] } },
    ],
    [
      'with signed answers of an unknown algorithm',
      'algorithm_unknown',
      { signedAnswers: { keys: { keys: [] }, algorithms: ['none'] } },
    ],
    [
      'with signed answers without keys',
      'option_invalid',
      { signedAnswers: { algorithms: ['ES256'] } },
    ],
    [
      'with keys of signed answers that are neither keys nor a source',
      'option_invalid',
      { signedAnswers: { keys: { current: () => null }, algorithms: ['ES256'] } },
    ],
    [
      'with a function for keys that makes no source',
      'option_invalid',
      { signedAnswers: { keys: () => ({ keys: [] }), algorithms: ['ES256'] } },
    ],
  ])('%s', (_, code, options) => {
    const make = () => aSource(options as Partial<RemoteIntrospectionOptions>)
    expect(make).toThrow(ConfigurationError)
    expect(make).toThrow(expect.objectContaining({ code }))
  })
})

test('neither the token nor our secret is in anything that is told of a failure', async () => {
  const { inspect } = await import('node:util')
  server.answer = ({ body }, response) => response.writeHead(500).end(body)
  const answers = [await ask(), await ask({ endpoint: 'http://127.0.0.1:9/' })]
  const told = inspect([answers, aSource()], { depth: 9, showHidden: true })
  for (const secret of ['the token', 'the+token', 'secret', 'dXM6c2VjcmV0']) {
    expect(told).not.toContain(secret)
  }
})
