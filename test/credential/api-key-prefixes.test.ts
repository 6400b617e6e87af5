import { describe, expect, expectTypeOf, test } from 'vitest'
import { formatApiKey } from '../../src/credential/api-key.js'
import { type ApiKeyPrefixes, defineApiKeyPrefixes } from '../../src/credential/api-key-prefixes.js'

const ID = 'abcdefghijklmnop'
const SECRET = 'S'.repeat(43)
const LIVE = formatApiKey({ prefix: 'acme_live', id: ID, secret: SECRET })
const TEST = formatApiKey({ prefix: 'acme_test', id: ID, secret: SECRET })
const SHORT = formatApiKey({ prefix: 'acme', id: ID, secret: SECRET })

const prefixes = defineApiKeyPrefixes(['acme', 'acme_live', 'acme_test'])

describe('check', () => {
  test.each([
    ['acme_live', LIVE],
    ['acme_test', TEST],
    ['acme', SHORT],
  ])('knows a key of %s, also beside one that begins like it', (prefix, text) => {
    expect(prefixes.check(text)).toEqual({ prefix, id: ID })
  })

  test.each([
    ['nothing', ''],
    ['a prefix alone', 'acme_live'],
    ['another prefix', LIVE.replace('acme_live', 'acme_dead')],
    ['one in upper case', LIVE.replace('acme', 'ACME')],
    ['another checksum', `${LIVE.slice(0, -1)}${LIVE.endsWith('a') ? 'b' : 'a'}`],
    ['a line feed behind', `${LIVE}\n`],
    ['a key inside of a text', `key=${LIVE}`],
    ['a million characters', `acme_live_${'a'.repeat(1_000_000)}`],
    ['a number', 7 as unknown as string],
  ])('says null of %s', (_, text) => {
    expect(prefixes.check(text)).toBeNull()
  })
})

describe('the pattern', () => {
  const find = (text: string, pattern = prefixes.pattern) => text.match(new RegExp(pattern, 'g'))

  test('is what scanners are given, to the letter', () => {
    expect(defineApiKeyPrefixes(['acme_live']).pattern).toBe(
      '\\bacme_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\\b',
    )
    expect(defineApiKeyPrefixes(['acme_live', 'acme_test']).pattern).toBe(
      '\\b(?:acme_live|acme_test)_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\\b',
    )
    expect(prefixes.patternOf('acme_test')).toBe('\\bacme_test_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}\\b')
  })

  test.each([
    ['bare', LIVE],
    ['in quotes', `{"key":"${LIVE}"}`],
    ['in an assignment', `export ACME_KEY=${LIVE};`],
    ['in a URL', `https://example.com/?k=${LIVE}&a=b`],
    ['at the end of a sentence', `It is ${LIVE}.`],
    ['in a diff', `+  key: ${LIVE}\n-  key: old`],
    ['between umlauts', `ä${LIVE}ö`],
  ])('finds a key %s', (_, text) => {
    expect(find(text)).toEqual([LIVE])
  })

  test('finds each of several', () => {
    expect(find(`${LIVE} ${SHORT},${TEST}`)).toEqual([LIVE, SHORT, TEST])
  })

  test.each([
    ['longer than a key', `${LIVE}x`],
    ['shorter than a key', LIVE.slice(0, -1)],
    ['part of a longer name', `my_${LIVE}`],
    ['the beginning of a longer name', `${LIVE}_old`],
    ['in upper case', LIVE.toUpperCase()],
  ])('does not find what is %s', (_, text) => {
    expect(find(text)).toBeNull()
  })

  test('of one kind does not find the others', () => {
    expect(find(`${SHORT} ${LIVE} ${TEST}`, prefixes.patternOf('acme'))).toEqual([SHORT])
  })

  test('has nothing that only some scanners read', () => {
    expect(prefixes.pattern).toMatch(
      /^\\b\(\?:[a-z0-9_|]+\)_\[0-9A-Za-z\]\{16\}_\[0-9A-Za-z\]\{49\}\\b$/,
    )
  })
})

describe('defineApiKeyPrefixes', () => {
  test.each([
    ['none', []],
    ['one twice', ['acme', 'acme']],
    ['one that no key has', ['Acme']],
    ['a pattern', ['a.c']],
    ['too many', Array.from({ length: 33 }, (_, index) => `acme${index}`)],
    ['a text', 'acme'],
  ])('refuses %s', (_, given) => {
    expect(() => defineApiKeyPrefixes(given as string[])).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('keeps a copy, and the names in the types', () => {
    const given = ['acme_live']
    const made = defineApiKeyPrefixes(given)
    given.push('acme_test')
    expect(made.prefixes).toEqual(['acme_live'])
    expect(made.check(TEST)).toBeNull()
    expectTypeOf(prefixes).toEqualTypeOf<ApiKeyPrefixes<'acme' | 'acme_live' | 'acme_test'>>()
    // @ts-expect-error: not one of them
    expect(() => prefixes.patternOf('other')).toThrow()
  })
})
