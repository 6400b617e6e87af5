import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Bytes } from '../../src/shared/bytes.js'
import { crc32 } from '../../src/shared/crc32.js'

describe('crc32', () => {
  test.each([
    ['', 0x00000000],
    ['a', 0xe8b7be43],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %j is the published value', (text, expected) => {
    expect(crc32(utf8Bytes(text))).toBe(expected)
  })

  test('is the checksum that gzip writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        // RFC 1952 section 2.3.1: CRC32 and ISIZE, little-endian, close the file.
        expect(crc32(bytes)).toBe(
          zlib.gzipSync(bytes).readUInt32LE(zlib.gzipSync(bytes).length - 8),
        )
      }),
      { numRuns: 100 },
    )
  })

  test('changes with every single byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 90 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, position, difference) => {
          const changed = Uint8Array.from(bytes)
          const at = position % bytes.length
          changed[at] = (bytes[at] ?? 0) ^ difference
          expect(crc32(changed)).not.toBe(crc32(bytes))
        },
      ),
      { numRuns: 500 },
    )
  })
})
