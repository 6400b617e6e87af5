import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rollingNonces } from '../../../src/verify/dpop/nonces.js'

const SECRET = 'a secret of at least 32 characters'
const NOW = 1_800_000_000

describe('a nonce', () => {
  test('is taken in its own step and the next, and then no more', () => {
    const nonces = rollingNonces(SECRET, 60)
    const nonce = nonces.current(NOW)
    expect(nonces.judge(nonce, NOW)).toBe('current')
    expect(nonces.judge(nonce, NOW + 59)).toBe('current')
    expect(nonces.judge(nonce, NOW + 60)).toBe('previous')
    expect(nonces.judge(nonce, NOW + 119)).toBe('previous')
    expect(nonces.judge(nonce, NOW + 120)).toBe('stale')
  })

  test('is not taken before its time', () => {
    const nonces = rollingNonces(SECRET, 60)
    expect(nonces.judge(nonces.current(NOW + 60), NOW)).toBe('stale')
  })

  test('says nothing to who has another secret', () => {
    const nonce = rollingNonces(SECRET, 60).current(NOW)
    expect(rollingNonces(`${SECRET}.`, 60).judge(nonce, NOW)).toBe('stale')
  })

  test('is the same in all processes that share the secret', () => {
    const [one, other] = [rollingNonces(SECRET, 60), rollingNonces(SECRET, 60)]
    expect(one.judge(other.current(NOW), NOW)).toBe('current')
  })

  test('is another one in each process that has no secret', () => {
    const [one, other] = [rollingNonces(null, 60), rollingNonces(null, 60)]
    expect(one.judge(one.current(NOW), NOW)).toBe('current')
    expect(one.judge(other.current(NOW), NOW)).toBe('stale')
  })

  test('can stand in a field and in a claim', () => {
    expect(rollingNonces(SECRET, 60).current(NOW)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
})

test('no other text is ever a nonce, and no two steps have the same', () => {
  const nonces = rollingNonces(SECRET, 60)
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), fc.nat(1e9), (text, now) => {
      expect(nonces.judge(text, now)).toBe('stale')
      expect(nonces.current(now)).not.toBe(nonces.current(now + 60))
    }),
  )
})
