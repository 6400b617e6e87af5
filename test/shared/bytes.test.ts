import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hex, utf8Bytes, utf8Text } from '../../src/shared/bytes.js'

describe('utf8Text', () => {
  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
  ])('is null for %s', (_, bytes) => {
    expect(utf8Text(Uint8Array.from(bytes))).toBeNull()
  })

  test('keeps a byte order mark, so that a parser can refuse it', () => {
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })

  test('still reads good text after it has refused bad bytes', () => {
    expect(utf8Text(Uint8Array.of(0xe2))).toBeNull()
    expect(utf8Text(Uint8Array.of(0x61))).toBe('a')
  })

  test('reads back whatever utf8Bytes wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Text(utf8Bytes(text))).toBe(text)
      }),
    )
  })
})

test('utf8Bytes turns a lone surrogate into U+FFFD', () => {
  expect(utf8Bytes('\ud800')).toEqual(Uint8Array.of(0xef, 0xbf, 0xbd))
})

test('hex writes every byte as the platform does', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(hex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    }),
  )
})
