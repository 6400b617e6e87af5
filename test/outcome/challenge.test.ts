import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import {
  assertChallengeOffer,
  assertQuotable,
  composeChallenges,
} from '../../src/outcome/challenge.js'

const BEARER = { scheme: 'Bearer', parameters: {} }
const BASIC = { scheme: 'Basic', parameters: { realm: 'ops', charset: 'UTF-8' } }

describe('composing challenges', () => {
  test('without an error every scheme is offered bare, with the scope on Bearer only', () => {
    expect(composeChallenges([BEARER, BASIC], { realm: 'api', scope: 'a:read' })).toEqual([
      {
        scheme: 'Bearer',
        parameters: [
          ['realm', 'api'],
          ['scope', 'a:read'],
        ],
      },
      {
        scheme: 'Basic',
        parameters: [
          ['realm', 'ops'],
          ['charset', 'UTF-8'],
        ],
      },
    ])
  })

  test('the error, its description and its parameters sit on the scheme that was used', () => {
    const [bearer, basic] = composeChallenges([BEARER, BASIC], {
      realm: 'api',
      used: [BASIC],
      error: 'invalid_token',
      errorDescription: 'no',
      parameters: { max_age: '5' },
    })
    expect(bearer?.parameters).toEqual([['realm', 'api']])
    expect(basic?.parameters).toEqual([
      ['realm', 'ops'],
      ['charset', 'UTF-8'],
      ['error', 'invalid_token'],
      ['error_description', 'no'],
      ['max_age', '5'],
    ])
  })

  test('two verifiers with one offer share a challenge, two cookies have one each', () => {
    const cookie = (name: string) => ({ scheme: 'Cookie', parameters: { 'cookie-name': name } })
    const offers = [BEARER, BEARER, cookie('a'), cookie('b')]
    expect(composeChallenges(offers, { realm: 'api' }).map(({ scheme }) => scheme)).toEqual([
      'Bearer',
      'Cookie',
      'Cookie',
    ])
  })

  test('of two offers of one scheme, the error sits on the one that was used', () => {
    const cookie = (name: string) => ({ scheme: 'Cookie', parameters: { 'cookie-name': name } })
    const [a, b] = composeChallenges([cookie('a'), cookie('b')], {
      realm: 'api',
      used: [cookie('b')],
      error: 'invalid_token',
    })
    expect(new Map(a?.parameters).has('error')).toBe(false)
    expect(new Map(b?.parameters).get('error')).toBe('invalid_token')
  })

  test('an empty scope is left out', () => {
    const [bearer] = composeChallenges([BEARER], { realm: 'api', scope: '' })
    expect(bearer?.parameters).toEqual([['realm', 'api']])
  })
})

describe('checking an offer', () => {
  test.each([
    ['a scheme with a space', { scheme: 'Bear er', parameters: {} }],
    ['an empty scheme', { scheme: '', parameters: {} }],
    ['a parameter name with a quote', { scheme: 'Bearer', parameters: { 'a"b': 'c' } }],
    ['a value with a quote', { scheme: 'Bearer', parameters: { realm: 'a"b' } }],
    ['a value with a backslash', { scheme: 'Bearer', parameters: { realm: 'a\\b' } }],
    [
      'a value with a line break',
      { scheme: 'Bearer', parameters: { realm: 'a\r\nSet-Cookie: b' } },
    ],
    ['a value outside ASCII', { scheme: 'Bearer', parameters: { realm: 'é' } }],
    ['an empty value', { scheme: 'Bearer', parameters: { realm: '' } }],
  ])('%s is refused', (_, offer) => {
    expect(() => assertChallengeOffer(offer)).toThrow(ConfigurationError)
  })

  test('a value may have 256 characters and no more', () => {
    expect(() => assertQuotable('realm', 'a'.repeat(256))).not.toThrow()
    expect(() => assertQuotable('realm', 'a'.repeat(257))).toThrow(ConfigurationError)
  })
})
