import { describe, expect, test } from 'vitest'
import {
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeBase64url,
} from '../../src/shared/base64.js'
import { utf8Bytes } from '../../src/shared/bytes.js'

describe('RFC 4648 section 10', () => {
  const vectors = [
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ] as const

  test.each(vectors)('%j is spelled %j and read back', (text, spelled) => {
    const bytes = utf8Bytes(text)
    expect(encodeBase64(bytes)).toBe(spelled)
    expect(decodeBase64(spelled)).toEqual({ ok: true, value: bytes })
    expect(encodeBase64url(bytes)).toBe(spelled.replaceAll('=', ''))
    expect(decodeBase64url(spelled.replaceAll('=', ''))).toEqual({ ok: true, value: bytes })
  })
})

describe('what base64 refuses', () => {
  test.each([
    ['padding missing', 'Zg'],
    ['padding too short', 'Zg='],
    ['padding too long', 'Zg==='],
    ['padding only', '===='],
    ['two characters of padding where one is due', 'Zm8=='],
    ['padding in the middle', 'Zg==Zg=='],
    ['unused bits that are not zero', 'Zh=='],
    ['the alphabet of base64url', 'Zm-_'],
    ['a line break', 'Zm9v\nYmF'],
    ['a character beyond ASCII that ends in a letter’s bits', 'Zm9\u0176'],
  ])('%s', (_, text) => {
    expect(decodeBase64(text)).toEqual({ ok: false, reason: 'not_base64' })
  })
})

describe('what base64url refuses', () => {
  test.each([
    ['padding', 'Zg=='],
    ['unused bits that are not zero', 'Zh'],
    ['a length that no bytes have', 'Zm9vY'],
    ['the alphabet of base64', 'Zm+/'],
    ['a space', 'Zm9 '],
  ])('%s', (_, text) => {
    expect(decodeBase64url(text)).toEqual({ ok: false, reason: 'not_base64url' })
  })
})
