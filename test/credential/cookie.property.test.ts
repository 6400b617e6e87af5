import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCookie } from '../../src/credential/cookie.js'
import { cookieName, cookieValue } from './arbitraries.js'

function read(field: string, name: string): string | null {
  const cookie = readCookie(field, name)
  return cookie.ok ? (cookie.value?.reveal() ?? null) : cookie.reason
}

/** The rule, slowly: split, trim spaces, compare names. */
function oracle(field: string, name: string): string | null {
  const values = field
    .split(';')
    .map((pair) => pair.replace(/^ */, '').replace(/ *$/, ''))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  if (values.length === 0) return null
  const [value = ''] = values
  return values.length === 1 && /^[!#-+\--:<-[\]-~]*$/.test(value) ? value : 'cookie_malformed'
}

/** What may surround a cookie: anything but its own name as a pair's beginning. */
function neighboursOf(name: string): fc.Arbitrary<readonly string[]> {
  const pair = fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      cookieValue.map((value) => `x${name}=${value}`),
      cookieValue.map((value) => `\u00a0${name}=${value}`),
      cookieValue.map((value) => `${name} =${value}`),
      fc.constantFrom('', '=', `"${name}=`, name),
    )
    .map((text) => text.replaceAll(';', ''))
    .filter((text) => !text.replace(/^ */, '').startsWith(`${name}=`))
  return fc.array(pair, { maxLength: 5 })
}

describe('readCookie', () => {
  test('agrees with the slow reading of any field', () => {
    const field = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab=; ",\t\u00a0'), maxLength: 30 }),
      fc.string({ unit: 'binary', maxLength: 30 }),
    )
    fc.assert(
      fc.property(field, fc.constantFrom('a', 'b', 'ab', 'aa'), (text, name) => {
        expect(read(text, name)).toBe(oracle(text, name))
      }),
      { numRuns: 1000 },
    )
  })

  test('is never confused by neighbours', () => {
    const scene = cookieName.chain((name) =>
      fc.tuple(fc.constant(name), cookieValue, neighboursOf(name), neighboursOf(name)),
    )
    fc.assert(
      fc.property(scene, fc.constantFrom(';', '; '), ([name, value, before, after], joint) => {
        const others = [...before, ...after].join(joint)
        expect(read([...before, `${name}=${value}`, ...after].join(joint), name)).toBe(value)
        expect(read(others, name)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  test('refuses the cookie twice, wherever the two stand and whatever they hold', () => {
    const scene = cookieName.chain((name) =>
      fc.tuple(
        fc.constant(name),
        fc.tuple(neighboursOf(name), neighboursOf(name), neighboursOf(name)),
        fc.tuple(cookieValue, cookieValue),
      ),
    )
    fc.assert(
      fc.property(scene, ([name, [before, between, after], [one, other]]) => {
        const pairs = [...before, `${name}=${one}`, ...between, `${name}=${other}`, ...after]
        expect(read(pairs.join('; '), name)).toBe('cookie_malformed')
      }),
      { numRuns: 500 },
    )
  })
})
