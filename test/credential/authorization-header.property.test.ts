import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAuthorization } from '../../src/credential/authorization-header.js'
import {
  credentials,
  inAnyCase,
  parameters,
  spaces,
  token,
  token68,
  whitespace,
} from './arbitraries.js'
import { naughtyStrings } from './vectors.js'

function read(fieldValue: string): unknown {
  const parsed = parseAuthorization(fieldValue)
  if (!parsed.ok) return parsed.reason
  const { scheme, token68: value, hasParameters } = parsed.value
  return { scheme, value: value?.reveal() ?? null, hasParameters }
}

describe('the grammar of Authorization', () => {
  test('what is written as scheme and value is read back, for every scheme and value', () => {
    fc.assert(
      fc.property(token, spaces, token68, (scheme, space, value) => {
        const expected = { scheme: scheme.toLowerCase(), value, hasParameters: false }
        expect(read(scheme + space + value)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('what is written as scheme and parameters is recognised, for every scheme', () => {
    fc.assert(
      fc.property(token, spaces, parameters, (scheme, space, list) => {
        const expected = { scheme: scheme.toLowerCase(), value: null, hasParameters: true }
        expect(read(scheme + space + list)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('the case of the scheme never matters', () => {
    const twoSpellings = token.chain((scheme) => fc.tuple(inAnyCase(scheme), inAnyCase(scheme)))
    fc.assert(
      fc.property(twoSpellings, token68, ([one, other], value) => {
        expect(read(`${one} ${value}`)).toEqual(read(`${other} ${value}`))
      }),
    )
  })

  test('the number of spaces behind the scheme never matters, nor whitespace around the value', () => {
    fc.assert(
      fc.property(
        token,
        fc.oneof(token68, parameters),
        spaces,
        whitespace,
        whitespace,
        (scheme, rest, space, before, after) => {
          expect(read(before + scheme + space + rest + after)).toEqual(read(`${scheme} ${rest}`))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('two well-formed values joined are malformed, as two field lines arrive', () => {
    fc.assert(
      fc.property(credentials, credentials, (first, second) => {
        expect(typeof read(first)).toBe('object')
        expect(read(`${first}, ${second}`)).toBe('authorization_malformed')
      }),
      { numRuns: 1000 },
    )
  })

  test('a control or a character beyond ASCII makes any value malformed, wherever it stands', () => {
    const intruder = fc.oneof(
      fc.integer({ min: 0, max: 0x1f }).filter((code) => code !== 0x09),
      fc.integer({ min: 0x7f, max: 0xffff }),
    )
    fc.assert(
      fc.property(credentials, intruder, fc.nat(), (value, code, position) => {
        const at = position % (value.length + 1)
        const text = value.slice(0, at) + String.fromCharCode(code) + value.slice(at)
        expect(read(text)).toBe('authorization_malformed')
      }),
      { numRuns: 1000 },
    )
  })

  test('any text at all gets an answer', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'Aa=", \t\\') }),
      fc.constantFrom(...naughtyStrings()),
    )
    fc.assert(
      fc.property(text, (value) => {
        const parsed = parseAuthorization(value)
        if (parsed.ok) expect(parsed.value.scheme).toMatch(/^[!-~]+$/)
        else expect(parsed.reason).toBe('authorization_malformed')
      }),
      { numRuns: 1000 },
    )
  })
})
