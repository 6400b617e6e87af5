import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptLimiter } from '../../../src/lifecycle/throttle/attempt-limiter.js'
import { memoryLimiter } from '../../../src/lifecycle/throttle/memory-limiter.js'
import { createTestClock } from '../../../src/testing/test-clock.js'

/** Whether the attempt was within the limit, or for how many milliseconds it has to wait. */
const consume = (limiter: AttemptLimiter, key = 'key'): Promise<true | number> =>
  Promise.resolve(limiter.consume(key)).then(
    () => true,
    ({ msBeforeNext }: { msBeforeNext: number }) => msBeforeNext,
  )

describe('a window', () => {
  it('begins with the first attempt and ends in the second it says, whatever is tried meanwhile', async () => {
    const clock = createTestClock()
    const limiter = memoryLimiter({ attempts: 2, per: 10, clock })
    expect([await consume(limiter), await consume(limiter)]).toEqual([true, true])
    expect(await consume(limiter)).toBe(10_000)
    clock.advance(9)
    expect(await consume(limiter)).toBe(1_000)
    clock.advance(1)
    expect(await consume(limiter)).toBe(true)
  })

  it('is another for each key', async () => {
    const limiter = memoryLimiter({ attempts: 1, per: 10 })
    expect(await consume(limiter, 'a')).toBe(true)
    expect(await consume(limiter, 'b')).toBe(true)
    expect(await consume(limiter, 'a')).toBeGreaterThan(0)
  })

  it('is not cut short nor drawn out beyond its length by a clock that is set', async () => {
    const clock = createTestClock()
    const limiter = memoryLimiter({ attempts: 1, per: 10, clock })
    await consume(limiter)
    clock.advance(-1_000_000)
    expect(await consume(limiter)).toBe(10_000)
    clock.advance(9)
    expect(await consume(limiter)).toBe(1_000)
    clock.advance(1)
    expect(await consume(limiter)).toBe(true)
  })
})

describe('what is taken back', () => {
  it('makes room for one more, and never for more than the limit', async () => {
    const limiter = memoryLimiter({ attempts: 2, per: 10 })
    for (let times = 0; times < 5; times++) await limiter.reward('key')
    expect([await consume(limiter), await consume(limiter)]).toEqual([true, true])
    expect(await consume(limiter)).not.toBe(true)
    await limiter.reward('key')
    expect(await consume(limiter)).toBe(true)
    expect(await consume(limiter)).not.toBe(true)
  })

  it('is all of it when a key is forgotten', async () => {
    const limiter = memoryLimiter({ attempts: 2, per: 10 })
    await consume(limiter)
    await consume(limiter)
    await limiter.delete('key')
    await limiter.delete('unknown')
    expect([await consume(limiter), await consume(limiter)]).toEqual([true, true])
  })
})

describe('when all counters are taken', () => {
  it('made-up keys let nobody off, and a key that shares a counter keeps it when there is room again', async () => {
    const clock = createTestClock()
    const limiter = memoryLimiter({ attempts: 2, per: 10, maxKeys: 3, clock })
    await consume(limiter, 'first')
    await consume(limiter, 'first')
    clock.advance(5)
    await consume(limiter, 'second')
    await consume(limiter, 'third')
    clock.advance(4)
    await consume(limiter, 'late')
    await consume(limiter, 'late')
    for (let index = 0; index < 20_000; index++) await consume(limiter, `made-up ${index}`)
    expect(await consume(limiter, 'first')).toBe(1_000)
    expect(await consume(limiter, 'second')).toBe(true)
    expect(await consume(limiter, 'second')).toBe(6_000)
    expect(await consume(limiter, 'late')).toBe(10_000)
    clock.advance(1)
    expect(await consume(limiter, 'late')).toBe(9_000)
  })

  it('whatever is tried in whatever order, no key passes its limit within a window', async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ key: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 1, arbitrary: fc.record({ seconds: fc.integer({ min: -3, max: 6 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const clock = createTestClock()
        const limiter = memoryLimiter({ attempts: 3, per: 10, maxKeys: 4, clock })
        /** Since a key last could begin a window: how often it passed. */
        const passed = new Map<number, { count: number; since: number }>()
        let elapsed = 0
        for (const one of steps) {
          if ('seconds' in one) {
            clock.advance(one.seconds)
            elapsed += Math.max(0, one.seconds)
            continue
          }
          if ((await consume(limiter, `${one.key}`)) !== true) continue
          const before = passed.get(one.key)
          const isNew = before === undefined || elapsed - before.since >= 10
          const count = isNew ? 1 : before.count + 1
          passed.set(one.key, { count, since: isNew ? elapsed : before.since })
          // A fixed window: around its end the limit can pass twice.
          expect(count).toBeLessThanOrEqual(6)
        }
      }),
    )
  })
})

describe('a clock that does not say the time', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, '5', Date.now()])(
    '(%s) is an outage, and lets nothing pass',
    async (now) => {
      const limiter = memoryLimiter({ attempts: 1, per: 60, clock: { now: () => now as number } })
      for (let tried = 0; tried < 3; tried++) {
        await expect(limiter.consume('key')).rejects.toThrow('The clock does not say the time.')
      }
    },
  )

  it('does not forget what was counted before it broke', async () => {
    const clock = createTestClock()
    let isBroken = false
    const limiter = memoryLimiter({
      attempts: 1,
      per: 60,
      clock: { now: () => (isBroken ? Number.NaN : clock.now()) },
    })
    await consume(limiter)
    isBroken = true
    await expect(limiter.reward('key')).rejects.toThrow()
    isBroken = false
    expect(await consume(limiter)).not.toBe(true)
  })
})

describe('the options of a limiter', () => {
  it.each([
    { attempts: 0, per: 60 },
    { attempts: 1_000_001, per: 60 },
    { attempts: 1.5, per: 60 },
    { attempts: 1, per: 0 },
    { attempts: 1, per: '367d' },
    { attempts: 1, per: 60, maxKeys: 0 },
    { attempts: 1 },
    {},
  ])('refuse %j', (options) => {
    expect(() => memoryLimiter(options as never)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
