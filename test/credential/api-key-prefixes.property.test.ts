import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatApiKey, isApiKeyPrefix } from '../../src/credential/api-key.js'
import { defineApiKeyPrefixes } from '../../src/credential/api-key-prefixes.js'
import { base62FromBytes } from '../../src/shared/base62.js'
import { BASE62, textOf } from './arbitraries.js'

const prefix = textOf('abz09_', 16).filter(isApiKeyPrefix)
/** Prefixes that begin like each other more often than not. */
const registry = fc
  .uniqueArray(fc.oneof(prefix, textOf('a_', 6).filter(isApiKeyPrefix)), {
    minLength: 1,
    maxLength: 8,
  })
  .map((list) => defineApiKeyPrefixes(list))
const parts = fc.record({
  id: fc.uint8Array({ minLength: 11, maxLength: 11 }).map((bytes) => base62FromBytes(bytes, 16)),
  secret: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => base62FromBytes(bytes, 43)),
})
const keys = fc
  .record({ registry, parts, pick: fc.nat() })
  .map(({ registry: known, parts: made, pick }) => {
    const chosen = known.prefixes[pick % known.prefixes.length] ?? ''
    return { known, prefix: chosen, id: made.id, text: formatApiKey({ prefix: chosen, ...made }) }
  })

describe('of any prefixes', () => {
  test('each key is known as one of its own prefix', () => {
    fc.assert(
      fc.property(keys, ({ known, prefix: of, id, text }) => {
        expect(known.check(text)).toEqual({ prefix: of, id })
      }),
      { numRuns: 500 },
    )
  })

  test('the pattern finds exactly the key, whatever is around it that is no part of a word', () => {
    const around = fc.string({ unit: 'binary' }).filter((text) => !/\w/.test(text))
    fc.assert(
      fc.property(keys, around, around, ({ known, prefix: of, text }, before, after) => {
        for (const pattern of [known.pattern, known.patternOf(of)]) {
          expect((before + text + after).match(new RegExp(pattern, 'g'))).toEqual([text])
        }
      }),
      { numRuns: 500 },
    )
  })

  test('the pattern finds no key with a character more or less, and none in a longer word', () => {
    const word = fc.constantFrom(...BASE62, '_')
    fc.assert(
      fc.property(keys, word, fc.nat(), ({ prefix: of, text }, character, position) => {
        const alone = new RegExp(defineApiKeyPrefixes([of]).pattern)
        const at = of.length + 1 + (position % (text.length - of.length - 1))
        expect(alone.test(text.slice(0, at) + text.slice(at + 1))).toBe(false)
        expect(alone.test(text.slice(0, at) + character + text.slice(at))).toBe(false)
        expect(alone.test(character + text)).toBe(false)
        expect(alone.test(text + character)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('a key with one character changed is none', () => {
    const other = fc.oneof(
      fc.constantFrom(...BASE62, '_'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    fc.assert(
      fc.property(keys, fc.nat(), other, ({ known, text }, position, character) => {
        const at = position % text.length
        fc.pre(text[at] !== character)
        expect(known.check(text.slice(0, at) + character + text.slice(at + 1))).toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  test('any text at all is judged, and none is taken for a key', () => {
    fc.assert(
      fc.property(registry, fc.string({ unit: 'binary', maxLength: 200 }), (known, text) => {
        expect(known.check(text)).toBeNull()
      }),
    )
  })
})
