import { describe, expect, test } from 'vitest'
import {
  MAX_COOKIE_FIELD_LENGTH,
  MAX_COOKIE_VALUE_LENGTH,
  readCookie,
} from '../../src/credential/cookie.js'
import { naughtyStrings, vectors } from './vectors.js'

function read(field: string, name = 'sid'): string | null {
  const cookie = readCookie(field, name)
  return cookie.ok ? (cookie.value?.reveal() ?? null) : cookie.reason
}

describe('a cookie is found', () => {
  test.each([
    ['alone', 'sid=abc', 'abc'],
    ['first', 'sid=abc; b=c', 'abc'],
    ['last', 'b=c; sid=abc', 'abc'],
    ['without a space behind the semicolon', 'b=c;sid=abc;d=e', 'abc'],
    ['with several spaces around', '   b=c;   sid=abc   ;d=e', 'abc'],
    ['with an equals sign in its value', 'sid=a=b==', 'a=b=='],
    ['with an empty value', 'sid=; b=c', ''],
    [
      'with all characters a value may hold',
      "sid=!#$%&'()*+-./:<=>?@[]^_`{|}~",
      "!#$%&'()*+-./:<=>?@[]^_`{|}~",
    ],
    ['between garbage', ';;=;x;"sid=no;sid=abc; \u0000é,\\', 'abc'],
  ])('%s', (_, field, expected) => {
    expect(read(field)).toBe(expected)
  })

  test('by a name with a prefix', () => {
    expect(read('__Host-sid=abc; sid=def', '__Host-sid')).toBe('abc')
  })
})

describe('a cookie is not there', () => {
  test.each([
    ['in an empty field', ''],
    ['when only semicolons are', ';;; ;'],
    ['when the case differs', 'SID=abc; Sid=abc'],
    ['when its name ends another', 'xsid=abc; __Host-sid=abc'],
    ['when its name begins another', 'sidx=abc; sid.sig=abc'],
    ['when it has no equals sign', 'sid; sid'],
    ['when a space stands before the equals sign', 'sid =abc'],
    ['when its text is in another value', 'b="sid=abc"; c=sid=abc'],
    ['when the name is quoted', '"sid"=abc'],
    ['when the name is percent-encoded', '%73id=abc'],
    ['when a no-break space stands in front', '\u00a0sid=abc'],
    ['when a tab stands in front', 'b=c;\tsid=abc'],
    ['when a byte order mark stands in front', '\ufeffsid=abc'],
    ['when a line break stands in front', 'b=c;\r\nsid=abc'],
    ['when a no-break space ends the name', 'sid\u00a0=abc'],
  ])('%s', (_, field) => {
    expect(read(field)).toBeNull()
  })
})

describe('a cookie is malformed', () => {
  test.each([
    ['twice', 'sid=abc; sid=def'],
    ['twice with one value', 'sid=abc; sid=abc'],
    ['twice, once empty', 'sid=; sid=abc'],
    ['twice, with others in between', 'sid=abc; b=c; sid=def'],
    ['quoted', 'sid="abc"'],
    ['with one quote', 'sid=a"bc'],
    ['with a comma', 'sid=abc,def'],
    ['with a backslash', 'sid=a\\bc'],
    ['with a space inside', 'sid=a bc'],
    ['with a space in front', 'sid= abc'],
    ['with a tab behind', 'sid=abc\t; b=c'],
    ['with a control', 'sid=a\u0001'],
    ['with DEL', 'sid=a\u007f'],
    ['with a no-break space behind', 'sid=abc\u00a0'],
    ['with a letter beyond ASCII', 'sid=é'],
  ])('%s', (_, field) => {
    expect(read(field)).toBe('cookie_malformed')
  })
})

describe('size', () => {
  const longest = 'a'.repeat(MAX_COOKIE_VALUE_LENGTH)

  test('a value of 8 KiB is read, one character more is too large', () => {
    expect(MAX_COOKIE_VALUE_LENGTH).toBe(8192)
    expect(read(`b=c; sid=${longest}`)).toBe(longest)
    expect(read(`b=c; sid=${longest}a`)).toBe('cookie_too_large')
    expect(read(`sid=b; c=${longest}a`)).toBe('b')
  })

  test('a field of 16 KiB is read, one character more is too large', () => {
    const cookie = 'sid=abc; b='
    const field = cookie + 'c'.repeat(MAX_COOKIE_FIELD_LENGTH - cookie.length)
    expect(MAX_COOKIE_FIELD_LENGTH).toBe(16_384)
    expect(read(field)).toBe('abc')
    expect(read(`${field}c`)).toBe('cookie_too_large')
  })

  test('hostile fields of the full size get an answer', () => {
    for (const filler of [';', ' ', '=', 's', 'sid', 'sid ', ';sid', '; s', '"']) {
      const cookie = ';sid=abc'
      const room = MAX_COOKIE_FIELD_LENGTH - cookie.length
      expect(read(filler.repeat(Math.floor(room / filler.length)) + cookie)).toBe('abc')
    }
    expect(read('sid=;'.repeat(3_000))).toBe('cookie_malformed')
  })
})

describe('what browsers send', () => {
  interface CookieCase {
    readonly test: string
    readonly sent: ReadonlyArray<{ readonly name: string; readonly value: string }>
  }
  const cases = vectors<CookieCase>('http-state-cookies/parser.json').filter(
    ({ sent }) => sent.length > 0,
  )

  test.each(cases)('$test', ({ sent }) => {
    const field = sent
      .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
      .join('; ')
    for (const { name, value } of sent) {
      if (name === '') continue
      const isAlone = sent.filter((other) => other.name === name).length === 1
      const isStrict = /^[!#-+\--:<-[\]-~]*$/.test(value)
      expect([name, read(field, name)]).toEqual([
        name,
        isAlone && isStrict ? value : 'cookie_malformed',
      ])
    }
  })

  test('there are such cases', () => {
    expect(cases.length).toBeGreaterThan(100)
  })
})

test('no naughty neighbour hides or alters a cookie, and none is taken for it', () => {
  for (const naughty of naughtyStrings()) {
    const neighbour = naughty.replaceAll(';', '')
    expect(read(`${neighbour}=x; sid=abc; y=${neighbour}`)).toBe('abc')
    expect(read(`${neighbour}=x; b=c; y=${neighbour}`)).toBeNull()
  }
})
