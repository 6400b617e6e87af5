import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backOffSeconds } from '../../src/remote/back-off.js'

const wait = (failures: number, cooldownSeconds: number, retryAfterSeconds: number | null = null) =>
  backOffSeconds({ failures, cooldownSeconds, retryAfterSeconds, random: 0 })

describe('the wait after a failure', () => {
  it('is the cooldown at first, doubles, and stays at a minute', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => wait(failures, 10))).toEqual([
      10, 20, 40, 60, 60, 60,
    ])
    expect([1, 7, 8].map((failures) => wait(failures, 1))).toEqual([1, 60, 60])
  })

  it('is not less than a cooldown that is longer than a minute', () => {
    expect([1, 2, 9].map((failures) => wait(failures, 300))).toEqual([300, 300, 300])
  })

  it('is spread by up to a quarter, but exact the first time', () => {
    const random = 0.999
    const settings = { cooldownSeconds: 10, retryAfterSeconds: null, random }
    expect(backOffSeconds({ failures: 1, ...settings })).toBe(10)
    expect(backOffSeconds({ failures: 2, ...settings })).toBe(25)
    expect(backOffSeconds({ failures: 9, ...settings })).toBe(75)
  })

  it('is what the server asks for if that is longer, up to five minutes', () => {
    expect(wait(1, 10, 9)).toBe(10)
    expect(wait(1, 10, 11)).toBe(11)
    expect(wait(1, 10, 300)).toBe(300)
    expect(wait(1, 10, 86_400)).toBe(300)
    expect(wait(1, 900, 86_400)).toBe(900)
  })

  it('is whole, bounded, and never less than the cooldown', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 3_600 }),
        fc.option(fc.integer({ min: 0, max: 1e15 })),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, cooldownSeconds, retryAfterSeconds, random) => {
          const delay = backOffSeconds({ failures, cooldownSeconds, retryAfterSeconds, random })
          expect(Number.isInteger(delay)).toBe(true)
          expect(delay).toBeGreaterThanOrEqual(cooldownSeconds)
          expect(delay).toBeLessThanOrEqual(Math.max(300, Math.ceil(cooldownSeconds * 1.25)))
        },
      ),
    )
  })
})
