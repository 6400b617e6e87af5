import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPasswordPolicy } from '../../src/lifecycle/password/password-policy.js'
import {
  type BreachedPasswordRangeOptions,
  breachedPasswordRange,
} from '../../src/remote/breached-password-range.js'
import { type JwksServer, startJwksServer } from './jwks-server.js'

const LEAKED = 'correct horse battery staple'
const DIGEST = createHash('sha1').update(LEAKED).digest('hex').toUpperCase()
const SUFFIX = DIGEST.slice(5)
const OTHER = 'A'.repeat(35)

let server: JwksServer
let body: string | Uint8Array
let type: string
beforeEach(async () => {
  type = 'text/plain'
  body = `${OTHER}:3\r\n${SUFFIX}:12\r\n`
  server = await startJwksServer((_, response) => {
    response.writeHead(200, { 'content-type': type }).end(body)
  })
})
afterEach(() => server.close())

const listOf = (options: BreachedPasswordRangeOptions = {}) =>
  breachedPasswordRange({ endpoint: new URL('/range/', server.url).href, ...options })

describe('a password of the range', () => {
  it.each([
    ['the last line', () => `${OTHER}:3\r\n${SUFFIX}:12`],
    ['the first line', () => `${SUFFIX}:1\r\n${OTHER}:3\r\n`],
    ['lines without returns', () => `${OTHER}:3\n${SUFFIX}:12\n`],
  ])('has leaked, as says %s', async (_, answer) => {
    body = answer()
    expect(await listOf().isBreached(LEAKED)).toBe(true)
  })

  it('has not leaked where the line is padding', async () => {
    body = `${OTHER}:3\r\n${SUFFIX}:0\r\n`
    expect(await listOf().isBreached(LEAKED)).toBe(false)
  })

  it('has not leaked where there is none', async () => {
    body = `${OTHER}:3\r\n`
    expect(await listOf().isBreached(LEAKED)).toBe(false)
  })

  it('is asked for in the form in which it is hashed', async () => {
    const composed = createHash('sha1').update('corr\u00e8ct').digest('hex').toUpperCase()
    body = `${composed.slice(5)}:1`
    expect(await listOf().isBreached('corre\u0300ct')).toBe(true)
  })
})

it('five digits of the hash are all that leaves, and padding is asked for', async () => {
  await listOf().isBreached(LEAKED)
  const [request] = server.requests
  expect([request?.method, request?.url]).toEqual(['GET', `/range/${DIGEST.slice(0, 5)}`])
  expect(request?.headers).toMatchObject({ 'add-padding': 'true', accept: 'text/plain' })
  const sent = JSON.stringify([request?.url, request?.headers])
  expect(sent).not.toContain(DIGEST.slice(0, 6))
  expect(sent).not.toContain(LEAKED)
})

describe('a list that does not answer as it should rejects, and the policy neither takes nor refuses', () => {
  it.each([
    ['a page of something else', 'text/html', '<html>'],
    ['a page of plain text', 'text/plain', 'Service unavailable'],
    ['nothing', 'text/plain', ''],
    ['half a line behind the hit', 'text/plain', `${SUFFIX}:12\r\nAAAA`],
    ['a count that is none', 'text/plain', `${SUFFIX}:many`],
    ['hashes in small letters', 'text/plain', `${SUFFIX.toLowerCase()}:12`],
    ['bytes that are no text', 'text/plain', new Uint8Array([0xff, 0xfe])],
    ['more than any range has', 'text/plain', `${OTHER}:3\r\n`.repeat(7_000)],
  ])('%s', async (_, mediaType, answer) => {
    ;[type, body] = [mediaType, answer]
    await expect(listOf().isBreached(LEAKED)).rejects.toThrow()
    expect(await createPasswordPolicy({ breached: listOf() }).judge(LEAKED)).toMatchObject({
      kind: 'unavailable',
      reason: 'policy_unavailable',
    })
  })

  it('an answer that never comes', async () => {
    server.answer = () => undefined
    await expect(listOf({ timeoutMilliseconds: 20 }).isBreached(LEAKED)).rejects.toThrow('20 ms')
  })
})

describe('breachedPasswordRange', () => {
  it('asks Have I Been Pwned by default', async () => {
    let asked = ''
    const fetch: typeof globalThis.fetch = async (url) => {
      asked = String(url)
      return new Response(`${OTHER}:3`, { headers: { 'content-type': 'text/plain' } })
    }
    expect(await breachedPasswordRange({ fetch }).isBreached(LEAKED)).toBe(false)
    expect(asked).toBe(`https://api.pwnedpasswords.com/range/${DIGEST.slice(0, 5)}`)
  })

  it.each([
    ['http elsewhere', { endpoint: 'http://example.com/range/' }, 'url_invalid'],
    ['no end', { endpoint: 'https://example.com/range' }, 'url_invalid'],
    ['no URL', { endpoint: 'range/' }, 'url_invalid'],
    ['a query', { endpoint: 'https://example.com/?range=' }, 'url_invalid'],
    ['no time', { timeoutMilliseconds: 0 }, 'option_invalid'],
    ['a misspelt option', { url: 'https://example.com/' }, 'option_invalid'],
  ])('refuses %s', (_, options, code) => {
    const untyped = options as BreachedPasswordRangeOptions // the wrong shape is what is tested
    expect(() => breachedPasswordRange(untyped)).toThrow(expect.objectContaining({ code }))
  })
})
