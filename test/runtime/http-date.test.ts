import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHttpDate } from '../../src/runtime/http-date.js'

describe('a date of HTTP', () => {
  it('is read as seconds since the epoch', () => {
    expect(parseHttpDate('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(0)
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784_111_777)
  })

  it.each([
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:49:37 GMT',
    '784111777',
    '1994-11-06T08:49:37Z',
    'now',
    '',
  ])('is not %j', (text) => {
    expect(parseHttpDate(text)).toBeNull()
  })

  it('is read back from every time that can be written so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (time) => {
        expect(parseHttpDate(new Date(time * 1_000).toUTCString())).toBe(time)
      }),
    )
  })
})
