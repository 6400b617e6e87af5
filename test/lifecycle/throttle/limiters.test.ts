/** The throttle with each limiter, on real databases, each through two clients at once. */
import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createThrottle, type Throttle } from '../../../src/lifecycle/throttle/throttle.js'
import { DURATION, LIMITER_CLIENTS, type LimiterClients } from '../../support/limiters.js'
import { skipped, startRedis } from '../../support/redis.js'

describe.each(LIMITER_CLIENTS)('a throttle of $name', ({ open }) => {
  let clients: LimiterClients
  beforeAll(async () => {
    clients = await open()
  })
  afterAll(() => clients.close())

  /** The same throttle in two processes, as it were. */
  const throttles = async (
    name: string,
    limits: Readonly<Partial<Record<'source' | 'accountAndSource' | 'account', number>>>,
  ): Promise<readonly [Throttle, Throttle]> => {
    const made = Object.entries(limits).map(
      ([limit, attempts]) => [limit, clients.limiters(`${name}_${limit}`, attempts)] as const,
    )
    const through = (client: 0 | 1) =>
      createThrottle({
        ...Object.fromEntries(made.map(([limit, limiters]) => [limit, limiters[client]])),
        timeoutMilliseconds: 10_000,
      })
    return [through(0), through(1)]
  }
  const attempt = async (throttle: Throttle, kind: 'failed' | 'proven', account = 'alice') =>
    throttle.attempt(
      { source: '203.0.113.7', account },
      async () => ({ kind }),
      (result) => result.kind,
    )

  it.each(['source', 'accountAndSource', 'account'] as const)(
    'checks exactly the limit of a hundred attempts at once, counted by %s',
    async (limit) => {
      const both = await throttles('parallel', { [limit]: 10 })
      const check = vi.fn(async () => ({ kind: 'failed' as const }))
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          both[index % 2 === 0 ? 0 : 1].attempt(
            { source: '203.0.113.7', account: 'alice' },
            check,
            ({ kind }) => kind,
          ),
        ),
      )
      expect(check).toHaveBeenCalledTimes(10)
      expect(answers.filter(({ kind }) => kind === 'throttled')).toHaveLength(90)
    },
  )

  it('asks to wait for what is left of the window', async () => {
    const [one, other] = await throttles('wait', { source: 1 })
    await attempt(one, 'failed')
    expect(await attempt(other, 'failed')).toEqual({
      kind: 'throttled',
      limit: 'source',
      retryAfterSeconds: expect.toSatisfy(
        (wait: number) => wait > DURATION - 30 && wait <= DURATION,
      ),
    })
  })

  it('takes a success back, and forgets the failures of its account from there alone', async () => {
    const [one, other] = await throttles('success', { source: 6, accountAndSource: 2 })
    const kinds: string[] = []
    for (let round = 0; round < 4; round++) {
      kinds.push((await attempt(one, 'failed')).kind, (await attempt(other, 'proven')).kind)
    }
    expect(kinds).toEqual([
      'failed',
      'proven',
      'failed',
      'proven',
      'failed',
      'proven',
      'failed',
      'proven',
    ])
    // The four failures are still the source's.
    await attempt(one, 'failed', 'bob')
    await attempt(one, 'failed', 'carol')
    expect(await attempt(other, 'proven')).toMatchObject({ kind: 'throttled', limit: 'source' })
  })

  it('keeps no name, which may be a password, and lets a source be found', async () => {
    const [throttle] = await throttles('names', { source: 9, accountAndSource: 9, account: 9 })
    await attempt(throttle, 'failed', 'correct horse battery staple')
    await attempt(throttle, 'failed', 'n\u0000ul \ud800 \u2603')
    await attempt(throttle, 'failed', 'x'.repeat(10_000))
    const dump = await clients.dump()
    expect(dump).toContain('203.0.113.7')
    expect(dump).not.toMatch(/horse|staple|xxxx/)
  })
})

describe('a throttle on a Redis that stops answering', () => {
  it('is unavailable within its time, and counts on when it is back', async () => {
    const server = await startRedis()
    if (server === null) {
      skipped('No redis-server in PATH: no throttle on a Redis that stops answering was tested.')
      return
    }
    const client = new Redis({ ...server, maxRetriesPerRequest: 0, commandTimeout: 200 })
    client.on('error', () => {})
    const source = new RateLimiterRedis({ storeClient: client, points: 1, duration: 60 })
    const throttle = createThrottle({ source, timeoutMilliseconds: 500 })
    const check = vi.fn(() => ({ kind: 'failed' as const }))
    const attempt = () => throttle.attempt({ source: '::' }, check, ({ kind }) => kind)
    try {
      expect(await attempt()).toEqual({ kind: 'failed' })
      server.pause()
      expect(await attempt()).toMatchObject({ kind: 'unavailable', reason: 'throttle_unavailable' })
      server.resume()
      await vi.waitFor(async () => expect((await attempt()).kind).toBe('throttled'), 5_000)
      expect(check).toHaveBeenCalledTimes(1)
    } finally {
      client.disconnect()
      await server.stop()
    }
  })
})
