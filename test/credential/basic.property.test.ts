import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBasic, parseBasic } from '../../src/credential/basic.js'
import { token68 } from './arbitraries.js'
import { naughtyStrings } from './vectors.js'

/** Written without our code, so that both directions are judged against the platform. */
function spelled(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

function read(value: string): unknown {
  const parsed = parseBasic(value)
  return parsed.ok ? [parsed.value.username, parsed.value.password.reveal()] : parsed.reason
}

const CONTROL = /\p{Cc}/u
const part = fc
  .oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...naughtyStrings()))
  .filter((text) => !CONTROL.test(text) && !text.startsWith('\ufeff'))
const username = part.map((text) => text.replaceAll(':', ''))

describe('Basic', () => {
  test('what is written is read back: any username without colon, any password', () => {
    fc.assert(
      fc.property(username, part, (user, password) => {
        fc.pre(!user.startsWith('\ufeff'))
        const written = formatBasic(user, password)
        expect(written).toEqual({ ok: true, value: spelled(`${user}:${password}`) })
        expect(written.ok && read(written.value)).toEqual([user, password])
      }),
      { numRuns: 1000 },
    )
  })

  test('the first colon splits, however many the password holds', () => {
    const parts = fc.array(username, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(username, parts, (user, passwordParts) => {
        fc.pre(!user.startsWith('\ufeff'))
        const password = passwordParts.join(':')
        expect(read(spelled(`${user}:${password}`))).toEqual([user, password])
      }),
    )
  })

  test('a control character in either part is refused, in writing and in reading', () => {
    const control = fc
      .oneof(fc.integer({ min: 0, max: 0x1f }), fc.integer({ min: 0x7f, max: 0x9f }))
      .map((code) => String.fromCharCode(code))
    fc.assert(
      fc.property(username, part, control, fc.nat(), (user, password, character, position) => {
        const text = `${user}:${password}`
        const at = position % (text.length + 1)
        const broken = text.slice(0, at) + character + text.slice(at)
        expect(read(spelled(broken))).toBe('basic_malformed')
        expect(formatBasic(`${user}${character}`, password).ok).toBe(false)
        expect(formatBasic(user, `${password}${character}`).ok).toBe(false)
      }),
    )
  })

  test('any value of the header’s grammar gets an answer, and only its canonical text is read', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          token68,
          fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
        ),
        (value) => {
          const parsed = parseBasic(value)
          if (!parsed.ok) {
            expect(parsed.reason).toBe('basic_malformed')
            return
          }
          const { username: user, password } = parsed.value
          expect(spelled(`${user}:${password.reveal()}`)).toBe(value)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['a byte order mark in front', '\ufeffuser:password'],
    ['only a byte order mark', '\ufeff'],
    ['no colon', 'user'],
    ['nothing', ''],
    ['NEL, a line break of C1', 'us\u0085er:password'],
  ])('%s is malformed', (_, text) => {
    expect(read(spelled(text))).toBe('basic_malformed')
  })

  test.each([
    ['a colon in the username', 'a:b', 'c'],
    ['a byte order mark in front', '\ufeffa', 'b'],
    ['a lone surrogate in the username', '\ud800', 'b'],
    ['a lone surrogate in the password', 'a', '\udfff'],
  ])('%s has no spelling', (_, user, password) => {
    expect(formatBasic(user, password)).toEqual({ ok: false, reason: 'basic_malformed' })
  })

  test('both parts may be empty', () => {
    expect(read(spelled(':'))).toEqual(['', ''])
    expect(formatBasic('', '')).toEqual({ ok: true, value: 'Og==' })
  })

  test('the two Unicode forms of one letter stay two passwords', () => {
    const composed = spelled('u:\u00e9')
    const decomposed = spelled('u:e\u0301')
    expect(read(composed)).not.toEqual(read(decomposed))
  })

  test('the password is not in what gets printed', () => {
    expect(JSON.stringify(parseBasic(spelled('user:hunter2')))).not.toContain('hunter2')
  })
})
