import { describe, expect, test } from 'vitest'
import { formatApiKey, isApiKeyPrefix, parseApiKey } from '../../src/credential/api-key.js'

const id = '0123456789ABCDEF'
const secret = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const key = formatApiKey({ prefix: 'acme', id, secret })

describe('an API key', () => {
  test('has its parts in the open and its checksum at the end', () => {
    // CRC-32 of all that stands before it, computed with zlib and base62, by another program.
    expect(key).toBe(`acme_${id}_${secret}1iJ6AJ`)
    expect(parseApiKey(key, 'acme')).toEqual({ ok: true, value: { prefix: 'acme', id } })
  })

  test('of one prefix is no key of a prefix that it starts with', () => {
    const live = formatApiKey({ prefix: 'acme_live', id, secret })
    expect(parseApiKey(live, 'acme_live').ok).toBe(true)
    expect(parseApiKey(live, 'acme')).toEqual({ ok: false, reason: 'api_key_malformed' })
    expect(parseApiKey(key, 'acme_live')).toEqual({ ok: false, reason: 'api_key_malformed' })
  })

  test.each([
    ['nothing', ''],
    ['the prefix alone', 'acme_'],
    ['another prefix of that length', key.replace('acme', 'acne')],
    ['the prefix in upper case', key.replace('acme', 'ACME')],
    ['one character too few', key.slice(0, -1)],
    ['one character too many', `${key}0`],
    ['a space in front', ` ${key.slice(0, -1)}`],
    ['no separator behind the prefix', key.replace('acme_', 'acmeX')],
    ['no separator behind the id', key.replace(`${id}_`, `${id}X`)],
    ['a hyphen in the id', key.replace('0123', '0-23')],
    ['a hyphen in the secret', key.replace('abcd', 'a-cd')],
    ['a hyphen in the checksum', `${key.slice(0, -1)}-`],
    ['64 KiB', key.repeat(900)],
  ])('is malformed: %s', (_, text) => {
    expect(parseApiKey(text, 'acme')).toEqual({ ok: false, reason: 'api_key_malformed' })
  })

  test('with a made-up checksum is refused as such', () => {
    const made = `${key.slice(0, -6)}000000`
    expect(parseApiKey(made, 'acme')).toEqual({ ok: false, reason: 'api_key_checksum' })
  })
})

describe('formatApiKey', () => {
  test.each([
    ['a prefix in upper case', { prefix: 'Acme', id, secret }],
    ['a short id', { prefix: 'acme', id: id.slice(1), secret }],
    ['an id with an underscore', { prefix: 'acme', id: `_${id.slice(1)}`, secret }],
    ['a short secret', { prefix: 'acme', id, secret: secret.slice(1) }],
    ['a secret in base64url', { prefix: 'acme', id, secret: `-${secret.slice(1)}` }],
  ])('refuses %s, and does not print the secret', (_, parts) => {
    expect(() => formatApiKey(parts)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    expect(() => formatApiKey(parts)).not.toThrow(parts.secret)
  })
})

describe('isApiKeyPrefix', () => {
  test.each(['ab', 'acme', 'acme_live', 'a_b_c', 'a1', 'abcdefghijklmnop'])('takes %j', (text) => {
    expect(isApiKeyPrefix(text)).toBe(true)
  })

  test.each([
    '',
    'a',
    'abcdefghijklmnopq',
    '1a',
    '_a',
    'a_',
    'a__b',
    'Acme',
    'acmE',
    'ac-me',
    'ac me',
    'acmé',
    'ac{e',
    'ac`e',
  ])('refuses %j', (text) => {
    expect(isApiKeyPrefix(text)).toBe(false)
  })
})
