import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatApiKey, isApiKeyPrefix, parseApiKey } from '../../src/credential/api-key.js'
import { readApiKeyField } from '../../src/credential/api-key-field.js'
import { base62FromBytes } from '../../src/shared/base62.js'
import { BASE62, textOf } from './arbitraries.js'

const prefix = textOf('abz09_', 16).filter(isApiKeyPrefix)
const parts = fc.record({
  prefix,
  id: fc.uint8Array({ minLength: 11, maxLength: 11 }).map((bytes) => base62FromBytes(bytes, 16)),
  secret: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => base62FromBytes(bytes, 43)),
})

describe('API keys', () => {
  test('what is put together is read back', () => {
    fc.assert(
      fc.property(parts, (made) => {
        const expected = { prefix: made.prefix, id: made.id }
        expect(parseApiKey(formatApiKey(made), made.prefix)).toEqual({ ok: true, value: expected })
      }),
      { numRuns: 500 },
    )
  })

  test('every key fits the field that carries it', () => {
    fc.assert(
      fc.property(parts, (made) => {
        expect(readApiKeyField(formatApiKey(made)).ok).toBe(true)
      }),
    )
  })

  test('any one character changed is refused without asking a store', () => {
    const other = fc.oneof(
      fc.constantFrom(...BASE62, '_'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    fc.assert(
      fc.property(parts, fc.nat(), other, (made, position, character) => {
        const key = formatApiKey(made)
        const at = position % key.length
        fc.pre(key[at] !== character)
        expect(parseApiKey(key.slice(0, at) + character + key.slice(at + 1), made.prefix).ok).toBe(
          false,
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('two neighbouring characters swapped are refused', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (made, position) => {
        const key = formatApiKey(made)
        const at = position % (key.length - 1)
        fc.pre(key[at] !== key[at + 1])
        const swapped = `${key.slice(0, at)}${key[at + 1]}${key[at]}${key.slice(at + 2)}`
        expect(parseApiKey(swapped, made.prefix).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('a character dropped or added anywhere is refused', () => {
    fc.assert(
      fc.property(parts, fc.nat(), fc.constantFrom(...BASE62), (made, position, character) => {
        const key = formatApiKey(made)
        const at = position % key.length
        expect(parseApiKey(key.slice(0, at) + key.slice(at + 1), made.prefix).ok).toBe(false)
        expect(parseApiKey(key.slice(0, at) + character + key.slice(at), made.prefix).ok).toBe(
          false,
        )
      }),
    )
  })

  test('a key is never read under another prefix', () => {
    fc.assert(
      fc.property(parts, prefix, (made, other) => {
        fc.pre(made.prefix !== other)
        expect(parseApiKey(formatApiKey(made), other).ok).toBe(false)
      }),
    )
  })
})
