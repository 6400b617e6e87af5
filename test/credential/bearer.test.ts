import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasJwtShape } from '../../src/credential/bearer.js'
import { BASE62, TOKEN68, textOf } from './arbitraries.js'

describe('hasJwtShape', () => {
  test.each([
    ['a signed token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', true],
    ['a token without signature', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', true],
    ['the shortest', 'eyJ.a.', true],
    ['an opaque token with two dots', 'mF_9.B5f-4.1JqM', false],
    ['two segments', 'eyJhbGci.eyJzdWIi', false],
    ['four segments', 'eyJhbGci.eyJzdWIi.c2ln.c2ln', false],
    ['five segments, as encrypted tokens have', 'eyJhbGci.a.b.c.d', false],
    ['an empty payload', 'eyJhbGci..c2ln', false],
    ['a segment that is not base64url', 'eyJhbGci.eyJz+WIi.c2ln', false],
    ['padding', 'eyJhbGci.eyJzdWIi.c2ln=', false],
    ['text in front', ' eyJhbGci.eyJzdWIi.c2ln', false],
    ['a character beyond ASCII', 'eyJhbGci.eyJzdWIi.\u0161', false],
    ['nothing', '', false],
  ])('of %s', (_, text, expected) => {
    expect(hasJwtShape(text)).toBe(expected)
  })

  test('a header whose first name begins with a letter is recognised, whatever else it holds', () => {
    const name = textOf(BASE62).filter((text) => text >= 'A')
    fc.assert(
      fc.property(name, fc.dictionary(name, fc.string()), (first, members) => {
        const header = JSON.stringify({ [first]: 'x', ...members })
        const segment = Buffer.from(header).toString('base64url')
        expect(hasJwtShape(`${segment}.${segment}.c2ln`)).toBe(true)
      }),
    )
  })

  test('agrees with a split at the dots', () => {
    const text = fc.oneof(textOf('eyJab-_.'), textOf(`${TOKEN68}=`)).map((rest) => `eyJ${rest}`)
    fc.assert(
      fc.property(text, (candidate) => {
        const segments = candidate.split('.')
        const expected =
          segments.length === 3 &&
          segments[1] !== '' &&
          segments.every((one) => /^[A-Za-z0-9_-]*$/.test(one))
        expect(hasJwtShape(candidate)).toBe(expected)
      }),
      { numRuns: 1000 },
    )
  })
})
