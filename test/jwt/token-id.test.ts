import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenId } from '../../src/jwt/token-id.js'

const text = fc.string({ unit: 'binary', maxLength: 8 })

describe('tokenId', () => {
  it('knows a token with a jti by issuer and jti, whatever else it says', () => {
    expect(tokenId('i', 'j', 'a.b')).toBe(tokenId('i', 'j', 'c.d'))
    expect(tokenId('i', 'j', 'a.b')).not.toBe(tokenId('i', 'k', 'a.b'))
    expect(tokenId('i', 'j', 'a.b')).not.toBe(tokenId('h', 'j', 'a.b'))
  })

  it('knows a token without a jti by what was signed', () => {
    expect(tokenId('i', null, 'a.b')).not.toBe(tokenId('i', null, 'a.c'))
  })

  it('is 43 characters of base64url', () => {
    expect(tokenId('i', 'j', 'a.b')).toMatch(/^[\w-]{43}$/)
  })

  it('is equal for equal names only: nothing can be moved from the issuer to the jti', () => {
    const name = fc.tuple(text, fc.option(text), text)
    fc.assert(
      fc.property(name, name, (left, right) => {
        const known = ([issuer, jwtId, input]: typeof left) =>
          jwtId === null ? ['signed', input] : ['jti', issuer, jwtId]
        const isSame = JSON.stringify(known(left)) === JSON.stringify(known(right))
        expect(tokenId(...left) === tokenId(...right)).toBe(isSame)
      }),
      { numRuns: 500 },
    )
    expect(tokenId('a', 'bc', '')).not.toBe(tokenId('ab', 'c', ''))
    expect(tokenId('a","b', 'c', '')).not.toBe(tokenId('a', 'b","c', ''))
    expect(tokenId('i', '\ud800', '')).not.toBe(tokenId('i', '\ufffd', ''))
  })
})
