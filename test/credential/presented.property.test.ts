import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presentedCredential } from '../../src/credential/presented.js'
import { aRequest, authorizationOnly, everywhere } from './a-request.js'
import {
  BASE62,
  cookieValue,
  credentials,
  inAnyCase,
  ourScheme,
  spaces,
  TOKEN68,
  textOf,
  token68,
} from './arbitraries.js'
import { naughtyStrings } from './vectors.js'

/** The places a request can carry a credential in, each filled with something well-formed. */
const places = fc.record(
  {
    authorization: credentials,
    'x-api-key': textOf(BASE62),
    'x-machine-key': textOf(BASE62),
    '__Host-session': cookieValue,
    sid: cookieValue,
    query: textOf(BASE62),
    form: textOf(BASE62),
  },
  { requiredKeys: [] },
)

function requestWith(filled: typeof places extends fc.Arbitrary<infer Shape> ? Shape : never) {
  const { authorization, query, form } = filled
  const cookies = (['__Host-session', 'sid'] as const)
    .filter((name) => filled[name] !== undefined)
    .map((name) => `${name}=${filled[name]}`)
  const fields = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(filled['x-api-key'] === undefined ? {} : { 'x-api-key': filled['x-api-key'] }),
    ...(filled['x-machine-key'] === undefined ? {} : { 'x-machine-key': filled['x-machine-key'] }),
    ...(cookies.length === 0 ? {} : { cookie: ['theme=dark', ...cookies] }),
  }
  return aRequest({
    fields,
    url: query === undefined ? '/a?b=c' : `/a?b=c&access_token=${query}`,
    ...(form === undefined ? {} : { form: { access_token: form } }),
  })
}

describe('one credential or none', () => {
  test('no combination of two or more places is ever a credential', () => {
    fc.assert(
      fc.property(places, (filled) => {
        const count = Object.keys(filled).length
        const presented = presentedCredential(requestWith(filled), everywhere)
        if (count === 0) expect(presented).toEqual({ kind: 'none' })
        if (count < 2) return
        expect(presented).toMatchObject({
          kind: 'problem',
          problem: filled.query === undefined ? 'several_credentials' : 'credential_in_url',
        })
      }),
      { numRuns: 1000 },
    )
  })

  test('one place alone is a credential, if it is a place for credentials', () => {
    const one = fc.constantFrom(
      'authorization',
      'x-api-key',
      'x-machine-key',
      'sid',
      'query',
      'form',
    )
    fc.assert(
      fc.property(one, ourScheme, textOf(BASE62), (place, scheme, value) => {
        const filled = { [place]: place === 'authorization' ? `${scheme} ${value}` : value }
        const presented = presentedCredential(requestWith(filled), everywhere)
        const refused = place === 'query' || place === 'form'
        expect(presented.kind).toBe(refused ? 'problem' : 'credential')
      }),
    )
  })

  test('two lines of one field are never a credential, whatever they hold', () => {
    const field = fc.constantFrom('authorization', 'x-api-key', 'x-machine-key')
    const line = fc.oneof(credentials, fc.string(), fc.constant(''), token68)
    fc.assert(
      fc.property(field, line, line, (name, one, other) => {
        const request = aRequest({ fields: { [name]: [one, other] } })
        expect(presentedCredential(request, everywhere).kind).not.toBe('credential')
      }),
      { numRuns: 1000 },
    )
  })

  test('a single line is judged the same, whether it came as a list or as a text', () => {
    fc.assert(
      fc.property(fc.oneof(credentials, fc.string()), (line) => {
        const asList = aRequest({ fields: { authorization: [line] } })
        const asText = aRequest({ fields: { authorization: line } })
        expect(presentedCredential(asList, everywhere)).toEqual(
          presentedCredential(asText, everywhere),
        )
      }),
    )
  })
})

describe('Authorization', () => {
  const header = ourScheme.chain((scheme) => fc.tuple(inAnyCase(scheme), spaces, token68))

  test('every spelling of our schemes with one value is a credential of that value', () => {
    fc.assert(
      fc.property(header, ([scheme, space, value]) => {
        const request = aRequest({ fields: { authorization: scheme + space + value } })
        const presented = presentedCredential(request, everywhere)
        if (presented.kind !== 'credential') throw new Error(JSON.stringify(presented))
        const { credential } = presented
        const secret =
          credential.kind === 'bearer'
            ? credential.token
            : credential.kind === 'basic'
              ? credential.token68
              : credential.kind === 'api-key'
                ? credential.key
                : null
        expect(secret?.reveal()).toBe(value)
      }),
      { numRuns: 500 },
    )
  })

  test('a character outside the grammar, inserted anywhere, leaves no credential', () => {
    const intruder = fc
      .oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        fc.constantFrom(...',"\'\\:;()[]{}<>@?\u00a0\u0000\r\n\u007f'),
      )
      .filter((character) => !`${TOKEN68}= \t`.includes(character))
    fc.assert(
      fc.property(header, intruder, fc.nat(), ([scheme, space, value], character, position) => {
        const text = scheme + space + value
        const at = position % (text.length + 1)
        const authorization = text.slice(0, at) + character + text.slice(at)
        const request = aRequest({ fields: { authorization } })
        expect(presentedCredential(request, everywhere).kind).not.toBe('credential')
      }),
      { numRuns: 1000 },
    )
  })

  test('a tab inserted anywhere inside leaves no credential', () => {
    fc.assert(
      fc.property(header, fc.nat(), ([scheme, space, value], position) => {
        const text = scheme + space + value
        const at = 1 + (position % (text.length - 1))
        const authorization = `${text.slice(0, at)}\t${text.slice(at)}`
        const request = aRequest({ fields: { authorization } })
        expect(presentedCredential(request, everywhere).kind).not.toBe('credential')
      }),
    )
  })
})

test('whatever a client sends gets an answer', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...naughtyStrings()),
    credentials,
    fc.constantFrom(',', '=', ' ', '%', ';', '"', 'a').map((filler) => filler.repeat(65_536)),
  )
  const locations = fc.constantFrom(everywhere, authorizationOnly)
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('authorization', 'cookie', 'x-api-key'), text),
      text,
      locations,
      (fields, url, where) => {
        const { kind } = presentedCredential(aRequest({ fields, url }), where)
        expect(['none', 'credential', 'unsupported', 'problem']).toContain(kind)
      },
    ),
    { numRuns: 300 },
  )
})
