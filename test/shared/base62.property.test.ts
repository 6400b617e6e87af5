import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base62FromBytes, base62FromNumber, isBase62 } from '../../src/shared/base62.js'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The number a text spells, digit by digit. */
function numberSpelledBy(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 62n + BigInt(ALPHABET.indexOf(digit))
  return value
}

describe('base62FromNumber', () => {
  test('has the asked width and spells the number', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 9, max: 20 }), (value, width) => {
        const text = base62FromNumber(value, width)
        expect(text).toHaveLength(width)
        expect(isBase62(text)).toBe(true)
        expect(numberSpelledBy(text)).toBe(BigInt(value))
      }),
    )
  })

  test('takes the largest number of a width and refuses the next', () => {
    expect(base62FromNumber(62 ** 2 - 1, 2)).toBe('zz')
    expect(() => base62FromNumber(62 ** 2, 2)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses %d', (value) => {
    expect(() => base62FromNumber(value, 30)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('six characters hold every 32-bit checksum', () => {
    expect(base62FromNumber(0xffffffff, 6)).toHaveLength(6)
    expect(base62FromNumber(0, 6)).toBe('000000')
  })
})

describe('base62FromBytes', () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })

  test('spells the bytes as one big-endian number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
        const text = base62FromBytes(bytes, 43)
        expect(text).toHaveLength(43)
        let value = 0n
        for (const byte of bytes) value = value * 256n + BigInt(byte)
        expect(numberSpelledBy(text)).toBe(value)
      }),
    )
  })

  test('keeps all the entropy: two secrets never share a spelling', () => {
    fc.assert(
      fc.property(
        secret,
        fc.nat({ max: 31 }),
        fc.integer({ min: 1, max: 255 }),
        (one, at, bits) => {
          const other = Uint8Array.from(one)
          other[at] = (one[at] ?? 0) ^ bits
          expect(base62FromBytes(other, 43)).not.toBe(base62FromBytes(one, 43))
        },
      ),
    )
  })

  test('43 characters hold 32 bytes, the largest included, and 42 are refused whatever the bytes', () => {
    expect(base62FromBytes(new Uint8Array(32).fill(255), 43)).toHaveLength(43)
    expect(() => base62FromBytes(new Uint8Array(32), 42)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})

describe('isBase62', () => {
  test('is true of the alphabet and of nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...ALPHABET, '_', '-', '\u0130') }), (text) => {
        expect(isBase62(text)).toBe([...text].every((character) => ALPHABET.includes(character)))
      }),
    )
    expect(isBase62(ALPHABET)).toBe(true)
  })

  test('looks at the given part only', () => {
    expect(isBase62('_ab_', 1, 3)).toBe(true)
    expect(isBase62('_ab_', 1)).toBe(false)
    expect(isBase62('_ab_', 0, 3)).toBe(false)
  })
})
