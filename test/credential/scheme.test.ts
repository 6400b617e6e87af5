import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_AUTHORIZATION_LENGTH } from '../../src/credential/authorization-header.js'
import { kindOfScheme, kindsNamedIn } from '../../src/credential/scheme.js'
import { inAnyCase, ourScheme, token68 } from './arbitraries.js'

describe('kindOfScheme', () => {
  test.each([
    ['bearer', 'bearer'],
    ['basic', 'basic'],
    ['apikey', 'api-key'],
    ['digest', null],
    ['constructor', null],
    ['', null],
  ])('of %j is %j', (scheme, kind) => {
    expect(kindOfScheme(scheme)).toBe(kind)
  })
})

describe('kindsNamedIn', () => {
  test.each([
    ['one malformed value', 'Bearer a b', ['bearer']],
    ['two lines of one scheme', 'Bearer a, Bearer b', ['bearer']],
    ['two lines of two schemes', 'Basic YTpi, bearer b', ['basic', 'bearer']],
    ['all three', 'apikey x,Basic y,\tBEARER z', ['api-key', 'basic', 'bearer']],
    ['a tab behind the scheme', 'Bearer\tabc', ['bearer']],
    ['a colon behind the scheme', 'Bearer: abc', ['bearer']],
    ['empty lines in between', ',, Basic x', ['basic']],
    ['a scheme glued to its value', 'Bearerabc', []],
    ['a scheme that is not at a start', 'Token Bearer', []],
    ['nothing', '', []],
    ['commas only', ',,,', []],
  ])('%s', (_, value, kinds) => {
    expect(kindsNamedIn(value)).toEqual(kinds)
  })

  test('looks no further than the size limit', () => {
    const filler = ','.repeat(MAX_AUTHORIZATION_LENGTH - 'Bearer'.length)
    expect(kindsNamedIn(`${filler}Bearer x`)).toEqual(['bearer'])
    expect(kindsNamedIn(`${filler},Bearer x`)).toEqual([])
  })

  test('finds the scheme of each of several joined lines', () => {
    const line = ourScheme.chain((scheme) =>
      fc
        .tuple(inAnyCase(scheme), token68)
        .map(([spelled, value]) => ({ scheme, text: `${spelled} ${value}` })),
    )
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const expected = new Set(lines.map(({ scheme }) => kindOfScheme(scheme)))
        expect(kindsNamedIn(lines.map(({ text }) => text).join(', '))).toEqual([...expected])
      }),
    )
  })
})
