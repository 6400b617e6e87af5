import { describe, expect, test } from 'vitest'
import {
  MAX_AUTHORIZATION_LENGTH,
  parseAuthorization,
} from '../../src/credential/authorization-header.js'
import { vectors } from './vectors.js'

/** What was read, with the secret laid open so that it can be compared. */
function read(fieldValue: string): unknown {
  const parsed = parseAuthorization(fieldValue)
  if (!parsed.ok) return parsed.reason
  const { scheme, token68, hasParameters } = parsed.value
  return [scheme, token68?.reveal() ?? null, hasParameters]
}

describe('well-formed credentials', () => {
  test.each([
    ['one value', 'Bearer mF_9.B5f-4.1JqM', ['bearer', 'mF_9.B5f-4.1JqM', false]],
    ['padding', 'Negotiate YII==', ['negotiate', 'YII==', false]],
    ['a scheme alone', 'Foo', ['foo', null, false]],
    ['a value of an unknown scheme', 'Token abc', ['token', 'abc', false]],
    ['parameters', 'Digest a="b", c=d', ['digest', null, true]],
    ['a parameter whose value is empty quotes', 'Digest a=""', ['digest', null, true]],
    ['whitespace around equals signs', 'Digest a \t= "b"', ['digest', null, true]],
    ['a quoted comma and scheme', 'Digest a="x, Bearer y"', ['digest', null, true]],
    ['an escaped quote', 'Digest a="\\"", b=c', ['digest', null, true]],
    ['empty list elements', 'Digest ,, a=b ,', ['digest', null, true]],
    ['a list of empty elements', 'Digest ,', ['digest', null, false]],
    ['several spaces', 'Bearer    abc', ['bearer', 'abc', false]],
    ['spaces and tabs around all', '\t Bearer abc \t', ['bearer', 'abc', false]],
    ['odd characters in a scheme', "B!#$%&'*+-.^_`|~ abc", ["b!#$%&'*+-.^_`|~", 'abc', false]],
  ])('%s', (_, value, expected) => {
    expect(read(value)).toEqual(expected)
  })

  test('the secret is not in what gets printed', () => {
    expect(JSON.stringify(parseAuthorization('Bearer hunter2'))).not.toContain('hunter2')
  })
})

describe('malformed credentials', () => {
  test.each([
    ['nothing', ''],
    ['whitespace only', ' \t '],
    ['a comma in front', ', Bearer abc'],
    ['a tab between scheme and value', 'Bearer\tabc'],
    ['a tab behind the space', 'Bearer \tabc'],
    ['a colon behind the scheme', 'Bearer: abc'],
    ['two values', 'Bearer abc def'],
    ['padding inside', 'Bearer a=b=c'],
    ['padding alone', 'Bearer ='],
    ['two field lines', 'Bearer abc, Bearer def'],
    ['two field lines of two schemes', 'Digest a=b, Bearer abc'],
    ['two schemes', 'Foo, Bar'],
    ['a quoted value', 'Bearer "abc"'],
    ['quotes that do not end', 'Digest a="b'],
    ['an escape at the very end', 'Digest a="b\\'],
    ['an escaped control', 'Digest a="\\\u0001"'],
    ['a control in quotes', 'Digest a="\u007f"'],
    ['text right behind the quotes', 'Digest a="b"c'],
    ['a name without value', 'Digest a=b, c'],
    ['an equals sign without value', 'Digest a=, b=c'],
    ['a name twice', 'Digest a=b, A=c'],
    ['an umlaut in a value', 'Bearer abé'],
    ['an umlaut in quotes', 'Digest a="é"'],
    ['a no-break space in front', '\u00a0Bearer abc'],
    ['a no-break space as separator', 'Bearer\u00a0abc'],
    ['NUL at the end', 'Bearer abc\u0000'],
    ['a line break', 'Bearer abc\r\n'],
    ['a letter that lower-cases into ASCII', '\u212aerberos abc'],
  ])('%s', (_, value) => {
    expect(read(value)).toBe('authorization_malformed')
  })
})

describe('size', () => {
  const prefix = 'Bearer '

  test('a value of exactly 8 KiB is read', () => {
    const token = 'a'.repeat(MAX_AUTHORIZATION_LENGTH - prefix.length)
    expect(MAX_AUTHORIZATION_LENGTH).toBe(8192)
    expect(read(prefix + token)).toEqual(['bearer', token, false])
  })

  test('one character more is too large, even if it is whitespace or the rest is malformed', () => {
    const token = 'a'.repeat(MAX_AUTHORIZATION_LENGTH - prefix.length)
    expect(read(`${prefix}${token}a`)).toBe('authorization_too_large')
    expect(read(`${prefix}${token} `)).toBe('authorization_too_large')
    expect(read(','.repeat(MAX_AUTHORIZATION_LENGTH + 1))).toBe('authorization_too_large')
  })

  test('a hostile value of the full size gets an answer', () => {
    const size = MAX_AUTHORIZATION_LENGTH - 2
    const answers = new Map([
      [' ', 'object'],
      ['\t', 'object'],
      ['=', 'string'],
      [',', 'object'],
      ['"', 'string'],
      ['\\', 'string'],
      ['a=', 'string'],
      ['a="', 'string'],
      ['a ', 'string'],
      ['a=b,', 'string'],
      [', ', 'object'],
      ['a', 'object'],
    ])
    for (const [filler, expected] of answers) {
      expect([filler, typeof read(`A ${filler.repeat(size / filler.length)}`)]).toEqual([
        filler,
        expected,
      ])
    }
  })
})

describe('the HTTP authentication test cases', () => {
  interface ChallengeCase {
    readonly id: string
    readonly headers: readonly string[]
    readonly expect: 'parse' | 'invalid' | 'either'
    readonly challenges?: ReadonlyArray<{
      readonly scheme: string
      readonly params?: Readonly<Record<string, string>>
      readonly token68?: string
    }>
  }
  const cases = vectors<ChallengeCase>('http-auth-challenge/challenges.json')

  // Credentials have the grammar of one challenge; stricter only in what no transport delivers or ASCII cannot say.
  test.each(cases)('$id', ({ id, headers, challenges, expect: expected }) => {
    const value = headers.join(', ')
    if (id === 'x-emptytoken') {
      // No parameter, but a token68 by its letters: `realm` and one character of padding.
      expect(read(value)).toEqual(['basic', 'realm=', false])
      return
    }
    const isPlain = [...value].every((character) => character >= ' ' && character <= '~')
    const [only, another] = challenges ?? []
    if (expected !== 'parse' || !isPlain || !only || another || value.startsWith(',')) {
      expect(read(value)).toBe('authorization_malformed')
      return
    }
    const hasParameters = Object.keys(only.params ?? {}).length > 0
    expect(read(value)).toEqual([only.scheme, only.token68 ?? null, hasParameters])
  })
})
