import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  credentialInUrl,
  DEFAULT_REFUSED_QUERY_PARAMETERS,
} from '../../src/credential/url-credentials.js'
import { everywhere } from './a-request.js'
import { BASE62, inAnyCase, textOf } from './arbitraries.js'
import { naughtyStrings } from './vectors.js'

/** The same text with any of its characters percent-encoded, in either case of the digits. */
function encodedSomehow(text: string): fc.Arbitrary<string> {
  const choice = fc.constantFrom('plain', 'lower', 'upper')
  return fc.array(choice, { minLength: text.length, maxLength: text.length }).map((choices) =>
    [...text]
      .map((character, index) => {
        const digits = character.charCodeAt(0).toString(16).padStart(2, '0')
        if (choices[index] === 'plain') return character
        return `%${choices[index] === 'upper' ? digits.toUpperCase() : digits}`
      })
      .join(''),
  )
}

const segment = textOf(`${BASE62}-_`, 20)
const jwt = fc
  .tuple(segment, segment, fc.oneof(segment, fc.constant('')))
  .map(([header, payload, signature]) => `eyJ${header}.${payload}.${signature}`)
const name = fc.constantFrom(...DEFAULT_REFUSED_QUERY_PARAMETERS)
const secret = textOf(`${BASE62}-._~`, 30)

/** A parameter that carries a credential, and the text that has leaked. */
const planted = fc.oneof(
  name.chain((plain) =>
    fc
      .tuple(inAnyCase(plain).chain(encodedSomehow), secret)
      .chain(([spelled, text]) =>
        encodedSomehow(text).map((value) => ({ text, parameter: `${spelled}=${value}` })),
      ),
  ),
  jwt.chain((text) =>
    encodedSomehow(text).map((value) => ({ text, parameter: `redirect=${value}` })),
  ),
  secret.chain((rest) =>
    encodedSomehow(`acme_0123456789abcdef0123456789abcdef${rest}`).map((value) => ({
      text: `acme_0123456789abcdef0123456789abcdef${rest}`,
      parameter: `q=${value}`,
    })),
  ),
)

/** Parameters that carry none, broken encoding included. */
const harmless = fc.array(
  fc.string({ unit: fc.constantFrom(...'xyz0=%+?/.@:', '%4', '%zz', '%00', 'é'), maxLength: 10 }),
  { maxLength: 5 },
)

describe('credentialInUrl', () => {
  test('finds a planted credential at any position, in any encoding, behind any separator', () => {
    fc.assert(
      fc.property(
        planted,
        harmless,
        harmless,
        fc.constantFrom('&', ';'),
        fc.constantFrom('/', '', '/a/b', 'https://api.example/a', '*'),
        ({ text, parameter }, before, after, separator, path) => {
          const query = [...before, parameter, ...after].join(separator)
          expect(credentialInUrl(`${path}?${query}`, everywhere)?.text.reveal()).toBe(text)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('finds none where none was planted', () => {
    fc.assert(
      fc.property(harmless, fc.constantFrom('&', ';'), (parameters, separator) => {
        expect(credentialInUrl(`/a?${parameters.join(separator)}`, everywhere)).toBeNull()
      }),
      { numRuns: 500 },
    )
  })

  test('finds what a form decoder would hand to the application', () => {
    const query = fc.string({
      unit: fc.constantFrom(...'jwt=&%+JWT', '%6a', '%77', '%54'),
      maxLength: 16,
    })
    const locations = { refusedQueryParameters: ['jwt'], keyPrefixes: [] }
    fc.assert(
      fc.property(query, (text) => {
        // The platform's decoder as oracle: its members, with names compared without regard to case.
        const leaked = [...new URLSearchParams(`&${text}`)].find(
          ([key, value]) => key.toLowerCase() === 'jwt' && value !== '',
        )
        expect(credentialInUrl(`/?${text}`, locations)?.text.reveal()).toBe(leaked?.[1])
      }),
      { numRuns: 1000 },
    )
  })

  test('finds the userinfo of any absolute URL', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('http', 'https', 'ws'),
        fc.string({ unit: fc.constantFrom(...`${BASE62}:@%+;=&`), minLength: 1, maxLength: 12 }),
        fc.constantFrom('', '/', '/a@b', '?a=b', '#@'),
        (scheme, userinfo, rest) => {
          fc.pre(userinfo !== ':')
          const found = credentialInUrl(`${scheme}://${userinfo}@api.example${rest}`, everywhere)
          expect(found?.kind).toBe('basic')
        },
      ),
    )
  })

  test('any text at all gets an answer', () => {
    const url = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'/?#&;=%@:eyJ.4') }),
      fc.constantFrom(...naughtyStrings()),
    )
    fc.assert(
      fc.property(url, (text) => {
        const found = credentialInUrl(text, everywhere)
        if (found !== null) expect(found.text.reveal()).not.toBe('')
      }),
      { numRuns: 1000 },
    )
  })
})
