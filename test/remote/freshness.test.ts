import { describe, expect, it } from 'vitest'
import type { AnswerFields } from '../../src/remote/exchange.js'
import { freshSeconds, retryAfterSeconds } from '../../src/remote/freshness.js'

const BOUNDS = { minAgeSeconds: 60, maxAgeSeconds: 600 }
const NOTHING: AnswerFields = { cacheControl: null, age: null, date: null, expires: null }
const NOON = 'Thu, 01 Jan 2026 12:00:00 GMT'
const fresh = (fields: Partial<AnswerFields>) => freshSeconds({ ...NOTHING, ...fields }, BOUNDS)

describe('how long a document may be used', () => {
  it('is the upper bound where its server says nothing', () => {
    expect(fresh({})).toBe(600)
    expect(fresh({ age: '500' })).toBe(600)
    expect(fresh({ cacheControl: 'public, must-revalidate' })).toBe(600)
  })

  it.each([
    ['max-age=300', 300],
    ['public, max-age=300, must-revalidate', 300],
    ['MAX-AGE=300', 300],
    ['s-maxage=100, max-age=300', 300],
    ['s-maxage=100', 600],
    ['max-age=60', 60],
    ['max-age=59', 60],
    ['max-age=0', 60],
    ['max-age=600', 600],
    ['max-age=601', 600],
    ['max-age=999999999999999', 600],
    ['no-store', 60],
    ['no-cache', 60],
    ['No-Store, max-age=300', 60],
    ['max-age=300, no-cache', 60],
  ])('follows Cache-Control within the bounds: %s', (cacheControl, expected) => {
    expect(fresh({ cacheControl })).toBe(expected)
  })

  it.each([
    ['max-age='],
    ['max-age=-1'],
    ['max-age=1e9'],
    ['max-age=3 00'],
    ['max-age="300"'],
    ['max-age=9999999999999999'],
    ['max-age=300, max-age=400'],
  ])('is the lower bound where Cache-Control is malformed: %s', (cacheControl) => {
    expect(fresh({ cacheControl })).toBe(60)
  })

  it('is less by the time that the document spent in caches on the way', () => {
    expect(fresh({ cacheControl: 'max-age=300', age: '100' })).toBe(200)
    expect(fresh({ cacheControl: 'max-age=300', age: '290' })).toBe(60)
    expect(fresh({ cacheControl: 'max-age=300', age: 'old' })).toBe(300)
    expect(fresh({ cacheControl: 'max-age=86400', age: '80000' })).toBe(600)
  })

  it('follows Expires by the clock of the server, if Cache-Control says nothing', () => {
    const expires = 'Thu, 01 Jan 2026 12:05:00 GMT'
    expect(fresh({ expires, date: NOON })).toBe(300)
    expect(fresh({ expires, date: NOON, age: '100' })).toBe(200)
    expect(fresh({ expires, date: NOON, cacheControl: 'max-age=100' })).toBe(100)
    expect(fresh({ expires: NOON, date: expires })).toBe(60)
  })

  it.each([['0'], ['-1'], ['yesterday'], ['2026-01-01'], ['Thu, 32 Jan 2026 12:00:00 GMT']])(
    'is the lower bound for an Expires that is no date: %s',
    (expires) => {
      expect(fresh({ expires, date: NOON })).toBe(60)
      expect(fresh({ expires: NOON })).toBe(60)
    },
  )
})

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12) / 1_000

  it.each([
    [null, null],
    ['0', 0],
    ['120', 120],
    ['-1', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['Thu, 01 Jan 2026 12:02:00 GMT', 120],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['Thursday, 01-Jan-26 12:02:00 GMT', null],
  ])('%j means %j seconds', (field, seconds) => {
    expect(retryAfterSeconds(field, now)).toBe(seconds)
  })
})
