/** Guessing at passwords and keys, from one machine and from many, against the throttle of every adapter. */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProxyOptions } from '../../src/credential/proxy.js'
import { createGate, type Gate } from '../../src/gate.js'
import { createApiKey } from '../../src/lifecycle/api-key/api-key.js'
import { memoryLimiter } from '../../src/lifecycle/throttle/memory-limiter.js'
import { createThrottle } from '../../src/lifecycle/throttle/throttle.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { PrincipalsByName } from '../../src/policy/route/rule.js'
import { authenticated } from '../../src/scope/requirement.js'
import { type RawRequest, type RawResponse, sendRaw } from '../../src/testing/send.js'
import { apiKey } from '../../src/verify/api-key.js'
import { basic } from '../../src/verify/basic.js'
import { ADAPTERS, type AdapterName, type Served, serveOn } from './support/serve.js'

const LIMITS = { source: 20, accountAndSource: 5, account: 30 }
const PASSWORDS: ReadonlyMap<string, string> = new Map(
  ['alice', 'bob', 'mallory'].map((name) => [name, `the password of ${name}`]),
)
/** Believed about TLS and addresses: the tests are the proxy. */
const PROXY: ProxyOptions = { addresses: ['127.0.0.1'], clientAddressField: 'x-forwarded-for' }

const key = createApiKey({ prefix: 'acme', applicationId: 'robot', scopes: [] })
let served: Served | null = null
afterEach(async () => {
  await served?.close()
  served = null
})

interface Server {
  /** How often a user, a key or a password was looked at. */
  readonly seen: { lookups: number; hashes: number }
  readonly events: GateEvent[]
  send(path: RawRequest['path'], fields: RawRequest['fields']): Promise<RawResponse>
}

async function serve(adapter: AdapterName, proxy: ProxyOptions | null): Promise<Server> {
  const seen = { lookups: 0, hashes: 0 }
  const events: GateEvent[] = []
  const throttle = () =>
    createThrottle({
      source: memoryLimiter({ attempts: LIMITS.source, per: '15m' }),
      accountAndSource: memoryLimiter({ attempts: LIMITS.accountAndSource, per: '15m' }),
      account: memoryLimiter({ attempts: LIMITS.account, per: '1d' }),
    })
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
  const gate: Gate = createGate<PrincipalsByName, string>({
    resource: 'https://api.example.com',
    proxy,
    onEvent: (event) => events.push(event),
    verifiers: {
      user: basic({
        realm: 'users',
        store: {
          async find(username) {
            seen.lookups += 1
            const password = PASSWORDS.get(username)
            return password === undefined ? null : { username, passwordHash: hashOf(password) }
          },
        },
        passwords: {
          hash: async (password) => hashOf(password),
          async verify(password, hash) {
            seen.hashes += 1
            // Long enough for others to arrive meanwhile.
            await new Promise((resolve) => setTimeout(resolve, 5))
            return hashOf(password) === hash
              ? { kind: 'match', rehash: false }
              : { kind: 'mismatch' }
          },
          decoyHash: () => hashOf('nobody'),
        },
        throttle: throttle(),
      }),
      machine: apiKey({
        prefix: 'acme',
        store: {
          find(id) {
            seen.lookups += 1
            return id === key.record.id ? key.record : null
          },
        },
        throttle: throttle(),
      }),
    },
  })
  const rule = { scopes: authenticated() }
  const running = await serveOn(adapter, {
    routes: [{ path: '/', gate, rule }],
    vault: { gate, rule },
    body: () => ({ in: true }),
  })
  served = running
  return {
    seen,
    events,
    send: (path, fields) => sendRaw(running.origin, { method: 'GET', path, fields }),
  }
}

/** What a proxy would add for a client at this address. */
const from = (address: string, written = ''): RawRequest['fields'] => [
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-For', written === '' ? address : `${written}, ${address}`],
]
const login = (username: string, password: string): RawRequest['fields'] => [
  ['Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`],
]
const good = (username: string) => login(username, PASSWORDS.get(username) ?? '')
const unknownKey = (): RawRequest['fields'] => [
  ['X-API-Key', createApiKey({ prefix: 'acme', applicationId: 'x', scopes: [] }).key.reveal()],
]

/** How many of the answers had each status. */
function tally(answers: readonly RawResponse[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

async function inTurn(
  count: number,
  send: (index: number) => Promise<RawResponse>,
): Promise<readonly RawResponse[]> {
  const answers: RawResponse[] = []
  for (let index = 0; index < count; index++) answers.push(await send(index))
  return answers
}

describe.each(ADAPTERS)('on %s', (adapter) => {
  test('credential-stuffing: many sources at one account are held off, and its owner is not locked out', async () => {
    const { send, seen } = await serve(adapter, PROXY)
    expect((await send('/', [...from('192.0.2.1'), ...good('alice')])).status).toBe(200)
    const answers = await inTurn(60, (index) =>
      send('/', [...from(`198.51.100.${index}`), ...login('alice', `leaked ${index}`)]),
    )
    expect(tally(answers)).toEqual({ 401: LIMITS.account, 429: 60 - LIMITS.account })
    expect(seen.hashes).toBe(1 + LIMITS.account)
    // Who holds the right password and has not been here: not even that is looked at.
    expect((await send('/', [...from('198.51.100.99'), ...good('alice')])).status).toBe(429)
    expect((await send('/', [...from('192.0.2.1'), ...good('alice')])).status).toBe(200)
    expect((await send('/', [...from('198.51.100.99'), ...good('bob')])).status).toBe(200)
  })

  test('password-spraying: one source at many accounts is held off, and cannot clear itself by an account of its own', async () => {
    const { send, seen } = await serve(adapter, PROXY)
    const answers = await inTurn(60, async (index) => {
      const answer = await send('/', [
        ...from('203.0.113.7'),
        ...login(`user ${index}`, 'Summer26'),
      ])
      if (index % 3 === 0) await send('/', [...from('203.0.113.7'), ...good('mallory')])
      return answer
    })
    expect(tally(answers)).toEqual({ 401: LIMITS.source, 429: 60 - LIMITS.source })
    const hashes = seen.hashes
    expect((await send('/', [...from('203.0.113.7'), ...good('bob')])).status).toBe(429)
    expect(seen.hashes).toBe(hashes)
    expect((await send('/', [...from('203.0.113.8'), ...good('bob')])).status).toBe(200)
  })

  test('parallel-guesses: of a hundred at once no more than the limit are looked up', async () => {
    const { send, seen } = await serve(adapter, PROXY)
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        send('/', [...from('203.0.113.7'), ...login('alice', `guess ${index}`)]),
      ),
    )
    expect(tally(answers)).toEqual({ 401: 5, 429: 95 })
    expect(seen).toEqual({ lookups: 5, hashes: 5 })
  })

  test('source-spoofing: no field that a client writes makes it another source', async () => {
    const spoofed = (index: number): RawRequest['fields'] => [
      ['X-Forwarded-For', `198.51.100.${index}`],
      ['Forwarded', `for=198.51.100.${index}`],
      ['X-Real-IP', `198.51.100.${index}`],
      ['X-Client-IP', `198.51.100.${index}`],
      ['True-Client-IP', `198.51.100.${index}`],
      ['CF-Connecting-IP', `198.51.100.${index}`],
    ]
    const alone = await serve(adapter, null)
    const guesses = await inTurn(30, (index) =>
      alone.send('/', [...spoofed(index), ...login(`user ${index}`, 'Summer26')]),
    )
    expect(tally(guesses)).toEqual({ 401: LIMITS.source, 429: 30 - LIMITS.source })
    await served?.close()

    const behind = await serve(adapter, PROXY)
    const more = await inTurn(30, (index) =>
      behind.send('/', [
        ...from('203.0.113.7', `198.51.100.${index}, "`),
        ['Forwarded', `for=198.51.100.${index}`],
        ['X-Real-IP', `198.51.100.${index}`],
        ...login(`user ${index}`, 'Summer26'),
      ]),
    )
    expect(tally(more)).toEqual({ 401: LIMITS.source, 429: 30 - LIMITS.source })
  })

  test('source-rotation: the addresses of one IPv6 network are one source, and so is what has none', async () => {
    const { send } = await serve(adapter, PROXY)
    const rotated = await inTurn(30, (index) =>
      send('/', [
        ...from(`2001:db8:0:1:${index.toString(16)}::${index}`),
        ...login(`user ${index}`, 'Summer26'),
      ]),
    )
    expect(tally(rotated)).toEqual({ 401: LIMITS.source, 429: 30 - LIMITS.source })
    expect((await send('/', [...from('2001:db8:0:2::1'), ...good('bob')])).status).toBe(200)
    const nameless = await inTurn(30, (index) =>
      send('/', [...from(`_hidden${index}`), ...login(`user ${index}`, 'Summer26')]),
    )
    expect(tally(nameless)).toEqual({ 401: LIMITS.source, 429: 30 - LIMITS.source })
  })

  test('unknown-keys: a source beyond its limit costs no lookup, and a good key stays good', async () => {
    const { send, seen } = await serve(adapter, PROXY)
    const robot: RawRequest['fields'] = [['X-API-Key', key.key.reveal()]]
    expect((await send('/', [...from('203.0.113.7'), ...robot])).status).toBe(200)
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => send('/', [...from('203.0.113.7'), ...unknownKey()])),
    )
    expect(tally(answers)).toEqual({ 401: LIMITS.source, 429: 60 - LIMITS.source })
    expect(seen.lookups).toBe(1 + LIMITS.source)
    expect((await send('/', [...from('203.0.113.7'), ...robot])).status).toBe(200)
  })

  test('throttle-oracle: the answer is the same for right, wrong and unknown, and says nothing but when to come again', async () => {
    const { send, events } = await serve(adapter, PROXY)
    await inTurn(LIMITS.source, (index) =>
      send('/', [...from('203.0.113.7'), ...login(`user ${index}`, 'Summer26')]),
    )
    const answers = await Promise.all(
      [good('alice'), login('alice', 'wrong'), login('nobody', 'wrong')].map((fields) =>
        send('/', [...from('203.0.113.7'), ...fields]),
      ),
    )
    const told = answers.map(({ status, body, fields }) => ({
      status,
      body,
      names: fields.map(([name]) => name).filter((name) => name !== 'date'),
      waits: fields.some(
        ([name, value]) => name === 'retry-after' && /^(?:[1-9]\d\d?)$/.test(value),
      ),
    }))
    expect(told[0]).toMatchObject({ status: 429, waits: true })
    expect(told[0]?.names).not.toContain('www-authenticate')
    expect(told[1]).toEqual(told[0])
    expect(told[2]).toEqual(told[0])
    expect(events.filter(({ kind }) => kind === 'throttled')).toHaveLength(3)
    expect(JSON.stringify(events)).not.toMatch(/Summer26|the password of|user 1/)
  })
})
