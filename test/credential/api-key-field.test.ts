import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_API_KEY_LENGTH, readApiKeyField } from '../../src/credential/api-key-field.js'

function read(fieldValue: string): string {
  const key = readApiKeyField(fieldValue)
  return key.ok ? key.value.reveal() : key.reason
}

describe('readApiKeyField', () => {
  test.each(['sk_live_a1b2c3', 'a', '!#$%&()*+-./:;<=>?@[]^_`{|}~', 'YWJj=='])(
    'takes %j',
    (key) => {
      expect(read(key)).toBe(key)
    },
  )

  test.each([
    ['empty', ''],
    ['two field lines', 'key1, key2'],
    ['two field lines, one empty', 'key1, '],
    ['a comma', 'key1,key2'],
    ['a space', 'key 1'],
    ['a space in front', ' key'],
    ['a tab behind', 'key\t'],
    ['double quotes', '"key"'],
    ['single quotes', "'key'"],
    ['a control', 'key\u0000'],
    ['DEL', 'key\u007f'],
    ['a no-break space', 'key\u00a0'],
    ['a letter beyond ASCII', 'kéy'],
  ])('%s is malformed', (_, value) => {
    expect(read(value)).toBe('api_key_malformed')
  })

  test('512 characters are taken, 513 are too large, whatever they are', () => {
    const longest = 'k'.repeat(MAX_API_KEY_LENGTH)
    expect(MAX_API_KEY_LENGTH).toBe(512)
    expect(read(longest)).toBe(longest)
    expect(read(`${longest}k`)).toBe('api_key_too_large')
    expect(read(' '.repeat(65_536))).toBe('api_key_too_large')
  })

  test('no two values joined as field lines are ever a key', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 100 }), (one, other) => {
        expect(read(`${one}, ${other}`)).toBe('api_key_malformed')
      }),
    )
  })

  test('a key is taken as it is or not at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (value) => {
        const visible = [...value].every(
          (one) => one > ' ' && one < '\u007f' && !`,"'`.includes(one),
        )
        expect(read(value)).toBe(visible ? value : 'api_key_malformed')
      }),
      { numRuns: 500 },
    )
  })
})
