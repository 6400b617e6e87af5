import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from '../../src/shared/base64.js'

const forms = [
  { name: 'base64' as const, encode: encodeBase64, decode: decodeBase64 },
  { name: 'base64url' as const, encode: encodeBase64url, decode: decodeBase64url },
]
const someBytes = fc.uint8Array({ maxLength: 70 })
const nearlyEncoded = fc.string({
  unit: fc.constantFrom(...'AQgwZ01289az+/-_= \n\u0141'),
  maxLength: 24,
})

describe.each(forms)('$name', ({ name, encode, decode }) => {
  test('spells every byte string as the platform does, and reads it back', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const text = encode(bytes)
        expect(text).toBe(Buffer.from(bytes).toString(name))
        expect(decode(text)).toEqual({ ok: true, value: bytes })
      }),
      { numRuns: 500 },
    )
  })

  test('accepts a text if and only if encoding its bytes gives that text again', () => {
    fc.assert(
      fc.property(nearlyEncoded, (text) => {
        // The platform reads anything; only one spelling survives the way back.
        const canonical = Buffer.from(text, name).toString(name) === text
        expect(decode(text).ok).toBe(canonical)
      }),
      { numRuns: 1000 },
    )
  })

  test('never gives the same bytes for a text with one character changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 70 }),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        (bytes, position, other) => {
          const text = encode(bytes)
          const at = position % text.length
          fc.pre(text[at] !== other)
          const read = decode(text.slice(0, at) + other + text.slice(at + 1))
          if (read.ok) expect(read.value).not.toEqual(bytes)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
