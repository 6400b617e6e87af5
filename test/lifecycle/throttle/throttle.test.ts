import { RateLimiterMemory } from 'rate-limiter-flexible'
import { describe, expect, it, vi } from 'vitest'
import type { AttemptLimiter } from '../../../src/lifecycle/throttle/attempt-limiter.js'
import { memoryLimiter } from '../../../src/lifecycle/throttle/memory-limiter.js'
import {
  type AttemptEnd,
  createThrottle,
  type Throttle,
} from '../../../src/lifecycle/throttle/throttle.js'
import { createTestClock } from '../../../src/testing/test-clock.js'

const limiters: Readonly<Record<string, (attempts: number) => AttemptLimiter>> = {
  memoryLimiter: (attempts) => memoryLimiter({ attempts, per: '15m' }),
  RateLimiterMemory: (points) => new RateLimiterMemory({ points, duration: 900 }),
}

/** One attempt whose check ends so; answers with the kind of the answer. */
async function attempt(
  throttle: Throttle,
  end: AttemptEnd,
  { source = '203.0.113.7', account = 'alice' }: { source?: string; account?: string } = {},
): Promise<string> {
  const answer = await throttle.attempt(
    { source, account },
    async () => ({ kind: end }),
    ({ kind }) => kind,
  )
  return answer.kind
}

async function attempts(count: number, ...rest: Parameters<typeof attempt>): Promise<string[]> {
  const ends: string[] = []
  for (let made = 0; made < count; made++) ends.push(await attempt(...rest))
  return ends
}

const times = (count: number, end: string): string[] => new Array<string>(count).fill(end)

describe.each(Object.entries(limiters))('a throttle of %s', (_name, limiter) => {
  it('looks at as many failures as its limit, and not at one more', async () => {
    const throttle = createThrottle({ source: limiter(3) })
    expect(await attempts(4, throttle, 'failed')).toEqual([...times(3, 'failed'), 'throttled'])
  })

  it('does not check what is beyond the limit, not even a right secret', async () => {
    const throttle = createThrottle({ source: limiter(1) })
    await attempt(throttle, 'failed')
    const check = vi.fn(() => ({ kind: 'proven' as const }))
    const answer = await throttle.attempt({ source: '203.0.113.7' }, check, ({ kind }) => kind)
    expect(answer).toEqual({
      kind: 'throttled',
      limit: 'source',
      retryAfterSeconds: expect.toSatisfy((wait: number) => wait > 890 && wait <= 900),
    })
    expect(check).not.toHaveBeenCalled()
  })

  it('checks no more than the limit of a hundred attempts at once', async () => {
    for (const options of [
      { source: limiter(10) },
      { accountAndSource: limiter(10) },
      { account: limiter(10) },
    ]) {
      const throttle = createThrottle(options)
      const check = vi.fn(async () => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        return { kind: 'failed' as const }
      })
      await Promise.all(
        Array.from({ length: 100 }, () =>
          throttle.attempt({ source: '::', account: 'alice' }, check, ({ kind }) => kind),
        ),
      )
      expect(check).toHaveBeenCalledTimes(10)
    }
  })

  it('does not count what was right or not judged', async () => {
    const throttle = createThrottle({
      source: limiter(2),
      accountAndSource: limiter(2),
      account: limiter(2),
    })
    expect(await attempts(5, throttle, 'proven')).toEqual(times(5, 'proven'))
    expect(await attempts(5, throttle, 'unjudged')).toEqual(times(5, 'unjudged'))
    expect(await attempts(3, throttle, 'failed')).toEqual([...times(2, 'failed'), 'throttled'])
  })

  it('forgets the failures of an account from a source when it is right from there', async () => {
    const throttle = createThrottle({ accountAndSource: limiter(3) })
    for (let round = 0; round < 3; round++) {
      expect(await attempts(2, throttle, 'failed')).toEqual(times(2, 'failed'))
      expect(await attempt(throttle, 'proven')).toBe('proven')
    }
  })

  it('does not let the owner of one account clear the source for guessing at others', async () => {
    const throttle = createThrottle({ source: limiter(5), accountAndSource: limiter(5) })
    const ends: string[] = []
    for (let round = 0; round < 6; round++) {
      ends.push(await attempt(throttle, 'failed', { account: `victim-${round}` }))
      await attempt(throttle, 'proven', { account: 'mallory' })
    }
    expect(ends.slice(0, 4)).toEqual(times(4, 'failed'))
    expect(ends.at(-1)).toBe('throttled')
  })

  it('does not let one source use up the attempts of an account', async () => {
    const throttle = createThrottle({ accountAndSource: limiter(2), account: limiter(6) })
    expect(await attempts(50, throttle, 'failed', { source: '198.51.100.1' })).toContain(
      'throttled',
    )
    expect(await attempt(throttle, 'failed', { source: '198.51.100.2' })).toBe('failed')
  })

  it('locks an account for strangers, and not where it was used from lately', async () => {
    const throttle = createThrottle({ accountAndSource: limiter(3), account: limiter(5) })
    expect(await attempt(throttle, 'proven')).toBe('proven')
    for (let index = 0; index < 10; index++) {
      await attempt(throttle, 'failed', { source: `198.51.100.${index}` })
    }
    expect(await attempt(throttle, 'proven', { source: '198.51.100.99' })).toBe('throttled')
    expect(await attempt(throttle, 'proven')).toBe('proven')
    // The guesses from there have a limit of their own.
    expect(await attempts(4, throttle, 'failed')).toEqual([...times(3, 'failed'), 'throttled'])
  })

  it('lets nobody guess without any limit where the account was used from lately', async () => {
    const throttle = createThrottle({ account: limiter(3) })
    expect(await attempt(throttle, 'proven')).toBe('proven')
    expect(await attempts(4, throttle, 'failed')).toEqual([...times(3, 'failed'), 'throttled'])
  })

  it('takes nowhere for no place where the account was used lately', async () => {
    const throttle = createThrottle({ accountAndSource: limiter(3), account: limiter(3) })
    const ends: string[] = []
    for (let round = 0; round < 3; round++) {
      ends.push(await attempt(throttle, 'proven', { source: 'unknown' }))
      ends.push(...(await attempts(2, throttle, 'failed', { source: 'unknown' })))
    }
    // All strangers of whom nothing is known come from there too.
    expect(ends.filter((end) => end === 'failed')).toHaveLength(3)
    expect(await attempt(throttle, 'proven', { source: 'unknown' })).toBe('throttled')
  })

  it('answers alike for accounts that exist and others: it does not ask', async () => {
    const throttle = createThrottle({ account: limiter(1) })
    for (const account of ['alice', 'nobody', '', 'a\u0000b', '\ud800', 'x'.repeat(100_000)]) {
      expect(await attempts(2, throttle, 'failed', { account })).toEqual(['failed', 'throttled'])
    }
  })
})

describe('a credential that was right a moment ago', () => {
  const known = { source: '203.0.113.7', credentialHash: 'a'.repeat(64) }
  const from = (end: { kind: AttemptEnd }) => [() => end, ({ kind }: typeof end) => kind] as const

  it('is checked at once and without a count, whatever its source did', async () => {
    const limiter = memoryLimiter({ attempts: 1, per: 60 })
    const throttle = createThrottle({ source: limiter })
    await throttle.attempt(known, ...from({ kind: 'proven' }))
    await throttle.attempt({ source: known.source }, ...from({ kind: 'failed' }))
    const consume = vi.spyOn({ ...limiter }, 'consume')
    expect(throttle.attempt(known, ...from({ kind: 'proven' }))).toEqual({ kind: 'proven' })
    expect(consume).not.toHaveBeenCalled()
    expect(
      await throttle.attempt(
        { ...known, credentialHash: 'b'.repeat(64) },
        ...from({ kind: 'proven' }),
      ),
    ).toMatchObject({ kind: 'throttled' })
  })

  it('is counted again from its first failure on', async () => {
    const throttle = createThrottle({ source: memoryLimiter({ attempts: 2, per: 60 }) })
    await throttle.attempt(known, ...from({ kind: 'proven' }))
    const ends: string[] = []
    for (let made = 0; made < 4; made++) {
      ends.push((await throttle.attempt(known, ...from({ kind: 'failed' }))).kind)
    }
    expect(ends).toEqual(['failed', 'failed', 'throttled', 'throttled'])
  })

  it('stays known while it cannot be judged', async () => {
    const throttle = createThrottle({ source: memoryLimiter({ attempts: 1, per: 60 }) })
    await throttle.attempt(known, ...from({ kind: 'proven' }))
    await throttle.attempt({ source: known.source }, ...from({ kind: 'failed' }))
    expect(throttle.attempt(known, ...from({ kind: 'unjudged' }))).toEqual({ kind: 'unjudged' })
    expect(throttle.attempt(known, ...from({ kind: 'proven' }))).toEqual({ kind: 'proven' })
  })
})

describe('a limiter that', () => {
  const good = () => memoryLimiter({ attempts: 2, per: 60 })
  const never = () => new Promise<never>(() => {})
  const broken: Readonly<Record<string, AttemptLimiter['consume']>> = {
    throws: () => {
      throw new Error('down')
    },
    rejects: () => Promise.reject(new Error('down')),
    'rejects with nothing': () => Promise.reject(),
    'rejects with a wait that is no number': () => Promise.reject({ msBeforeNext: 'soon' }),
    'rejects with a wait without end': () => Promise.reject({ msBeforeNext: Number.NaN }),
    hangs: never,
    // What callers who disregard the types may give.
    'answers with nothing': (() => undefined) as never,
    'fulfils with nothing': (async () => undefined) as never,
    'fulfils with true': (async () => true) as never,
  }

  it.each(Object.entries(broken))(
    '%s on counting leaves the credential unchecked, as our own fault',
    async (_, consume) => {
      const throttle = createThrottle({ source: { ...good(), consume }, timeoutMilliseconds: 5 })
      const check = vi.fn(() => ({ kind: 'proven' as const }))
      const answer = await throttle.attempt({ source: '::' }, check, ({ kind }) => kind)
      expect(answer).toMatchObject({ kind: 'unavailable', reason: 'throttle_unavailable' })
      expect(check).not.toHaveBeenCalled()
    },
  )

  it.each(Object.entries(broken))(
    '%s lets credentials through only if that is asked for by name',
    async (_, consume) => {
      const account = good()
      const throttle = createThrottle({
        source: { ...good(), consume },
        account,
        timeoutMilliseconds: 5,
        dangerouslyAllowUncounted: true,
      })
      const onTrouble = vi.fn()
      const ends: string[] = []
      for (let made = 0; made < 3; made++) {
        const answer = await throttle.attempt(
          { source: '::', account: 'alice' },
          () => ({ kind: 'failed' as const }),
          ({ kind }) => kind,
          onTrouble,
        )
        ends.push(answer.kind)
      }
      // The others still count.
      expect(ends).toEqual(['failed', 'failed', 'throttled'])
      expect(onTrouble).toHaveBeenCalledTimes(3)
    },
  )

  it('fails is not held against the source: what was counted before it is taken back', async () => {
    const source = good()
    const throttle = createThrottle({
      source,
      account: { ...good(), consume: () => Promise.reject(new Error('down')) },
    })
    expect(await attempts(5, throttle, 'failed')).toEqual(times(5, 'unavailable'))
    expect(await source.consume('source:203.0.113.7')).toEqual({ consumedPoints: 1 })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['hangs', never],
  ])('%s on taking back does not change the answer', async (_, undo) => {
    const throttle = createThrottle({
      source: { ...good(), reward: undo },
      accountAndSource: { ...good(), delete: undo },
      timeoutMilliseconds: 5,
    })
    const onTrouble = vi.fn()
    const answer = await throttle.attempt(
      { source: '::', account: 'alice' },
      () => ({ kind: 'proven' as const }),
      ({ kind }) => kind,
      onTrouble,
    )
    expect(answer).toEqual({ kind: 'proven' })
    expect(onTrouble).toHaveBeenCalledTimes(2)
  })

  it.each([
    [0, 1],
    [1, 1],
    [999, 1],
    [1_000, 1],
    [1_001, 2],
    [-1, 86_400],
    [-2, 1],
    [1e15, 86_400],
  ])('asks to wait for %i ms asks clients for %i s', async (msBeforeNext, retryAfterSeconds) => {
    const consume = () => Promise.reject({ msBeforeNext })
    const throttle = createThrottle({ source: { ...good(), consume } })
    expect(
      await throttle.attempt(
        { source: '::' },
        () => ({ kind: 'failed' as const }),
        ({ kind }) => kind,
      ),
    ).toMatchObject({ kind: 'throttled', retryAfterSeconds })
  })
})

describe('a check that throws', () => {
  it('is passed on, and its attempt taken back', async () => {
    const throttle = createThrottle({ source: memoryLimiter({ attempts: 1, per: 60 }) })
    const broken = () =>
      throttle.attempt(
        { source: '::' },
        () => {
          throw new Error('mine')
        },
        () => 'failed',
      )
    await expect(broken()).rejects.toThrow('mine')
    await expect(broken()).rejects.toThrow('mine')
  })
})

describe('what a limiter is shown', () => {
  it('holds no name, which may be a password, and fits any store', async () => {
    const keys: string[] = []
    const note = async (key: string) => {
      keys.push(key)
      return { consumedPoints: 1 }
    }
    const limiter = { consume: note, reward: note, delete: note }
    const throttle = createThrottle({
      source: limiter,
      accountAndSource: limiter,
      account: limiter,
    })
    for (const account of ['alice', 'hunter2', 'a'.repeat(10_000), 'sn\u0000wman \u2603']) {
      for (const source of [
        '203.0.113.7',
        '2001:db8:0:1::/64',
        'unknown',
        'b\n\u0000'.repeat(99),
      ]) {
        await attempt(throttle, 'proven', { account, source })
      }
    }
    for (const key of keys) expect(key).toMatch(/^(?:source|pair|account):[\w.:/-]{1,64}$/)
    expect(keys.join()).not.toMatch(/alice|hunter2|aaaa|wman/)
    expect(new Set(keys.filter((key) => key.startsWith('pair:'))).size).toBe(16)
    expect(new Set(keys.filter((key) => key.startsWith('account:'))).size).toBe(4)
    expect(new Set(keys.filter((key) => key.startsWith('source:')))).toContain('source:203.0.113.7')
  })

  it('differs where account and source run together', async () => {
    const clock = createTestClock()
    const throttle = createThrottle({
      accountAndSource: memoryLimiter({ attempts: 1, per: 60, clock }),
    })
    expect(await attempt(throttle, 'failed', { account: 'a', source: 'bc' })).toBe('failed')
    expect(await attempt(throttle, 'failed', { account: 'ab', source: 'c' })).toBe('failed')
  })
})

describe('the options of a throttle', () => {
  const limiter = memoryLimiter({ attempts: 1, per: 60 })
  it.each([
    ['no limiter at all', {}],
    [
      'a limiter that is undefined, such as one misspelt where it comes from',
      { source: limiter, account: undefined },
    ],
    ['a limiter that cannot take back', { source: { consume: limiter.consume } }],
    ['a time limit of 0', { source: limiter, timeoutMilliseconds: 0 }],
    ['a time limit beyond a minute', { source: limiter, timeoutMilliseconds: 60_001 }],
    ['a misspelt member', { source: limiter, acount: limiter }],
  ])('refuse %s', (_, options) => {
    expect(() => createThrottle(options as never)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
