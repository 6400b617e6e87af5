import { describe, expect, test } from 'vitest'
import { ServerRest } from '../../../src/verify/introspection/server-rest.js'

const NOW = 1_800_000_000

describe('after a failure', () => {
  test('a server rests twice as long each time, up to a minute', () => {
    const rest = new ServerRest()
    let now = NOW
    const rests = Array.from({ length: 8 }, () => {
      const entry = rest.enter(now)
      const seconds = 'round' in entry ? rest.fail(entry.round, now) : Number.NaN
      now += seconds
      return seconds
    })
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('it rests as long as it asks to, up to a minute', () => {
    for (const [asked, expected] of [
      [0, 1],
      [30, 30],
      [60, 60],
      [61, 60],
    ]) {
      const rest = new ServerRest()
      expect(rest.fail(0, NOW, asked)).toBe(expected)
      expect(rest.enter(NOW)).toEqual({ waitSeconds: expected })
    }
  })

  test('many that fail together count once', () => {
    const rest = new ServerRest()
    expect([rest.fail(0, NOW), rest.fail(0, NOW), rest.fail(0, NOW)]).toEqual([1, 1, 1])
    expect(rest.enter(NOW + 1)).toEqual({ round: 1 })
  })

  test('one goes ahead after the rest, and the others wait for how it fares', () => {
    const rest = new ServerRest()
    rest.fail(0, NOW)
    expect(rest.enter(NOW)).toEqual({ waitSeconds: 1 })
    expect(rest.enter(NOW + 1)).toEqual({ round: 1 })
    expect(rest.enter(NOW + 1)).toEqual({ waitSeconds: 1 })
    rest.succeed()
    expect(rest.enter(NOW + 1)).toEqual({ round: 0 })
  })

  test('one that went ahead and is never heard of again does not keep the others out for ever', () => {
    const rest = new ServerRest()
    rest.fail(0, NOW)
    expect(rest.enter(NOW + 1)).toEqual({ round: 1 })
    expect(rest.enter(NOW + 60)).toEqual({ waitSeconds: 1 })
    expect(rest.enter(NOW + 61)).toEqual({ round: 1 })
  })

  test('a clock that is set back shortens the rest', () => {
    const rest = new ServerRest()
    rest.fail(0, NOW, 60)
    expect(rest.enter(NOW - 1)).toEqual({ round: 1 })
  })
})
