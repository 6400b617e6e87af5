import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Duration, isWithin, seconds } from '../../src/shared/duration.js'

const unbounded = { min: 0, max: Number.MAX_SAFE_INTEGER }

/** What a caller without types may hand over. */
function anything(value: unknown): Duration {
  return value as Duration // the point of the test: it is not one
}

describe('seconds', () => {
  test.each([
    [90, 90],
    ['90s', 90],
    ['15m', 900],
    ['1h', 3_600],
    ['14d', 1_209_600],
    ['0s', 0],
  ] as const)('reads %j as %d', (duration, expected) => {
    expect(seconds('lifetime', duration, unbounded)).toBe(expected)
  })

  test.each([
    '',
    's',
    '15',
    '15 m',
    ' 15m',
    '1.5h',
    '-1s',
    '+1s',
    '1e3s',
    '0x10s',
    '15M',
    '1w',
    '15ms',
    '１s',
    '1234567890s',
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
  ])('refuses %j', (duration) => {
    expect(() => seconds('lifetime', anything(duration), unbounded)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code: 'option_invalid' }),
    )
  })

  test('takes both bounds and refuses one second beyond either', () => {
    const bounds = { min: 60, max: 3_600 }
    expect(seconds('lifetime', '1m', bounds)).toBe(60)
    expect(seconds('lifetime', '1h', bounds)).toBe(3_600)
    expect(() => seconds('lifetime', 59, bounds)).toThrow('lifetime')
    expect(() => seconds('lifetime', '3601s', bounds)).toThrow('from 60 s to 3600 s')
  })

  test('a span written with a unit is that many units long', () => {
    const units = { s: 1, m: 60, h: 3_600, d: 86_400 }
    const unit = fc.constantFrom<keyof typeof units>('s', 'm', 'h', 'd')
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), unit, (amount, name) => {
        expect(seconds('span', `${amount}${name}`, unbounded)).toBe(amount * units[name])
      }),
    )
  })

  test('whatever it returns is whole and within the bounds', () => {
    const bounds = { min: 5, max: 86_400 }
    const duration = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constantFrom('5s', '1d'))
    fc.assert(
      fc.property(duration, (given) => {
        let read: number
        try {
          read = seconds('span', anything(given), bounds)
        } catch (error) {
          expect(error).toHaveProperty('code', 'option_invalid')
          return
        }
        expect(Number.isInteger(read) && read >= 5 && read <= 86_400).toBe(true)
      }),
    )
  })
})

describe('what is recent', () => {
  test.each([
    [59, true],
    [0, true],
    [60, false],
    [-1, false], // the clock was set back: nobody knows how old it is
    [Number.NaN, false],
  ])('with a span of 60 s, %d s later: %s', (later, recent) => {
    expect(isWithin(60, 1_000, 1_000 + later)).toBe(recent)
  })
})
