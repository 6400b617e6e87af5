import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timingSafeEqual, timingSafeEqualTexts } from '../../src/runtime/timing-safe.js'

const someBytes = fc.uint8Array({ maxLength: 40 })

test('two byte strings are equal exactly when their bytes are', () => {
  fc.assert(
    fc.property(someBytes, someBytes, (left, right) => {
      expect(timingSafeEqual(left, right)).toBe(Buffer.compare(left, right) === 0)
    }),
  )
})

test('a copy is equal, and a copy with any one bit flipped is not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (bytes, position) => {
      const copy = Uint8Array.from(bytes)
      expect(timingSafeEqual(bytes, copy)).toBe(true)
      const at = (position >> 3) % bytes.length
      copy[at] = (copy[at] ?? 0) ^ (1 << (position & 7))
      expect(timingSafeEqual(bytes, copy)).toBe(false)
    }),
  )
})

test('a string is not equal to its own beginning', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      expect(timingSafeEqual(bytes, bytes.slice(0, -1))).toBe(false)
      expect(timingSafeEqual(bytes.slice(0, -1), bytes)).toBe(false)
    }),
  )
})

test('two texts are equal exactly when they are the same text', () => {
  const someText = fc.string({ unit: fc.constantFrom('a', 'b', '\u0161'), maxLength: 4 })
  fc.assert(
    fc.property(someText, someText, (left, right) => {
      expect(timingSafeEqualTexts(left, right)).toBe(left === right)
      expect(timingSafeEqualTexts(left, `${left}${right}`)).toBe(right === '')
    }),
  )
})
