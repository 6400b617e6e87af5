import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Presented } from '../../src/credential/credential.js'
import { presentedCredential } from '../../src/credential/presented.js'
import { aRequest, authorizationOnly, everywhere } from './a-request.js'

type Details = Parameters<typeof aRequest>[0]

function presentedBy(details: Details, locations = everywhere): Presented {
  return presentedCredential(aRequest(details), locations)
}

/** The credential with its secrets laid open, so that it can be compared. */
function credentialOf(presented: Presented): unknown {
  if (presented.kind !== 'credential') return presented
  const { credential } = presented
  switch (credential.kind) {
    case 'bearer':
      return ['bearer', credential.token.reveal()]
    case 'dpop':
      return ['dpop', credential.token.reveal(), credential.proof]
    case 'basic':
      return ['basic', credential.token68.reveal()]
    case 'api-key':
      return ['api-key', credential.key.reveal()]
    case 'cookie':
      return ['cookie', credential.name, credential.value.reveal()]
  }
}

/** `problem: used kinds > leaked text`, as one line. */
function problemOf(presented: Presented): string {
  if (presented.kind !== 'problem') return presented.kind
  const leaked = presented.leaked === undefined ? '' : ` > ${presented.leaked.reveal()}`
  return `${presented.problem}: ${presented.used.join(' ')}${leaked}`
}

describe('exactly one credential', () => {
  test.each<[string, Details, readonly (string | null)[]]>([
    ['Bearer', { fields: { authorization: 'Bearer abc' } }, ['bearer', 'abc']],
    [
      'DPoP, whose proof counts with its token',
      { fields: { authorization: 'dpop abc', dpop: 'a.b.c' } },
      ['dpop', 'abc', 'a.b.c'],
    ],
    ['DPoP without its proof', { fields: { authorization: 'DPoP abc' } }, ['dpop', 'abc', null]],
    [
      'DPoP with two proofs, which no verifier takes',
      { fields: { authorization: 'DPoP abc', dpop: ['a.b.c', 'a.b.c'] } },
      ['dpop', 'abc', 'a.b.c, a.b.c'],
    ],
    [
      'Bearer beside a proof, which is about nothing here',
      { fields: { authorization: 'Bearer abc', dpop: 'a.b.c' } },
      ['bearer', 'abc'],
    ],
    ['Basic', { fields: { authorization: 'basic YTpi' } }, ['basic', 'YTpi']],
    ['ApiKey', { fields: { authorization: 'ApiKey acme_1' } }, ['api-key', 'acme_1']],
    ['an API key in its field', { fields: { 'x-api-key': 'acme_1' } }, ['api-key', 'acme_1']],
    ['an API key in another field', { fields: { 'x-machine-key': 'k' } }, ['api-key', 'k']],
    ['a cookie', { fields: { cookie: 'a=b; sid=abc' } }, ['cookie', 'sid', 'abc']],
    [
      'a cookie out of two lines',
      { fields: { cookie: ['a=b', '__Host-session=abc'] } },
      ['cookie', '__Host-session', 'abc'],
    ],
    [
      'Bearer among what is no credential',
      {
        url: '/users?page=2',
        fields: { authorization: 'Bearer abc', cookie: 'theme=dark', 'x-other': 'y' },
        form: { name: 'a' },
      },
      ['bearer', 'abc'],
    ],
  ])('%s', (_, details, expected) => {
    expect(credentialOf(presentedBy(details))).toEqual(expected)
  })

  test('places that the gate does not read are no credentials', () => {
    const fields = { authorization: 'Bearer abc', 'x-api-key': 'k', cookie: 'sid=a; sid=b' }
    expect(credentialOf(presentedBy({ fields }, authorizationOnly))).toEqual(['bearer', 'abc'])
  })

  test('its text is not in what gets printed', () => {
    for (const authorization of ['Bearer hunter2', 'Basic hunter2', 'ApiKey hunter2']) {
      expect(inspect(presentedBy({ fields: { authorization } }), { depth: 9 })).not.toContain(
        'hunter2',
      )
    }
    expect(inspect(presentedBy({ url: '/?token=hunter2' }), { depth: 9 })).not.toContain('hunter2')
  })
})

describe('nothing, or nothing we know', () => {
  test('a request without credentials presents none', () => {
    expect(presentedBy({})).toEqual({ kind: 'none' })
    expect(presentedBy({ fields: { cookie: 'a=b' }, form: {} })).toEqual({ kind: 'none' })
  })

  test.each(['Digest a="b", c="d"', 'Foo', 'Token abc', 'DPoPabc', 'Bearerabc'])(
    '%j is a scheme we do not support',
    (authorization) => {
      expect(presentedBy({ fields: { authorization } })).toEqual({ kind: 'unsupported' })
    },
  )

  test('ApiKey is unknown to a gate that reads no API keys, also when it is malformed', () => {
    const presented = (authorization: string) =>
      presentedBy({ fields: { authorization } }, authorizationOnly)
    expect(presented('ApiKey abc')).toEqual({ kind: 'unsupported' })
    expect(presented('ApiKey')).toEqual({ kind: 'unsupported' })
    expect(problemOf(presented('ApiKey a b, Bearer c'))).toBe('authorization_malformed: bearer')
  })
})

describe('problems', () => {
  const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'

  test.each<[string, Details, string]>([
    ['an empty Authorization', { fields: { authorization: '' } }, 'authorization_malformed: '],
    ['Bearer alone', { fields: { authorization: 'Bearer ' } }, 'authorization_malformed: bearer'],
    [
      'Bearer with parameters',
      { fields: { authorization: 'Bearer realm="a"' } },
      'authorization_malformed: bearer',
    ],
    ['Basic alone', { fields: { authorization: 'Basic' } }, 'authorization_malformed: basic'],
    ['ApiKey alone', { fields: { authorization: 'ApiKey' } }, 'authorization_malformed: api-key'],
    [
      'ApiKey with more than a key has',
      { fields: { authorization: `ApiKey ${'k'.repeat(513)}` } },
      'api_key_too_large: api-key',
    ],
    [
      'two Authorization lines of one scheme',
      { fields: { authorization: ['Bearer a', 'Bearer a'] } },
      'authorization_malformed: bearer',
    ],
    [
      'two Authorization lines of two schemes',
      { fields: { authorization: ['Bearer a', 'Basic YTpi'] } },
      'authorization_malformed: bearer basic',
    ],
    [
      'two Authorization lines, one empty',
      { fields: { authorization: ['', 'Bearer a'] } },
      'authorization_malformed: bearer',
    ],
    [
      'an Authorization beyond 8 KiB',
      { fields: { authorization: `Bearer ${'a'.repeat(8192)}` } },
      'authorization_too_large: bearer',
    ],
    ['an empty API key', { fields: { 'x-api-key': '' } }, 'api_key_malformed: api-key'],
    [
      'two lines of one API-key field',
      { fields: { 'x-api-key': ['a', 'b'] } },
      'api_key_malformed: api-key',
    ],
    [
      'an API key of 513',
      { fields: { 'x-api-key': 'k'.repeat(513) } },
      'api_key_too_large: api-key',
    ],
    [
      'two API-key fields',
      { fields: { 'x-api-key': 'a', 'x-machine-key': 'a' } },
      'several_credentials: api-key',
    ],
    ['a cookie twice', { fields: { cookie: 'sid=a; sid=b' } }, 'cookie_malformed: cookie'],
    [
      'a cookie in each of two lines',
      { fields: { cookie: ['sid=a', 'sid=a'] } },
      'cookie_malformed: cookie',
    ],
    [
      'two credential cookies',
      { fields: { cookie: 'sid=a; __Host-session=b' } },
      'several_credentials: cookie',
    ],
    [
      'cookies beyond 16 KiB',
      { fields: { cookie: 'a'.repeat(16_385) } },
      'cookie_too_large: cookie',
    ],
    [
      'cookies beyond 16 KiB beside Bearer: what they hold is not known',
      { fields: { authorization: 'Bearer a', cookie: 'a'.repeat(16_385) } },
      'cookie_too_large: bearer cookie',
    ],
    [
      'Bearer and a cookie',
      { fields: { authorization: 'Bearer a', cookie: 'sid=a' } },
      'several_credentials: bearer cookie',
    ],
    [
      'a malformed Bearer and a cookie: no fallback',
      { fields: { authorization: 'Bearer a b', cookie: 'sid=a' } },
      'several_credentials: bearer cookie',
    ],
    [
      'an unknown scheme and a cookie: no fallback',
      { fields: { authorization: 'Foo a', cookie: 'sid=a' } },
      'several_credentials: cookie',
    ],
    [
      'Basic and an API key',
      { fields: { authorization: 'Basic YTpi', 'x-api-key': 'a' } },
      'several_credentials: basic api-key',
    ],
    ['a token in the body', { form: { access_token: 'a' } }, 'credential_in_body: bearer'],
    ['an empty token in the body', { form: { access_token: '' } }, 'credential_in_body: bearer'],
    [
      'a token in header and body',
      { fields: { authorization: 'Bearer a' }, form: { access_token: 'a' } },
      'several_credentials: bearer',
    ],
    ['a token in the URL', { url: '/?access_token=a' }, 'credential_in_url: bearer > a'],
    ['a JWT in the URL', { url: `/?x=${JWT}` }, `credential_in_url: bearer > ${JWT}`],
    [
      'a token in the URL and all else besides',
      {
        url: '/?api_key=k',
        fields: { authorization: ['Basic YTpi', 'Bearer b'], cookie: 'sid=c', 'x-api-key': '' },
        form: { access_token: 'd' },
      },
      'credential_in_url: basic bearer api-key cookie > k',
    ],
    ['userinfo', { url: 'https://a:b@api.example/' }, 'credential_in_url: basic'],
  ])('%s', (_, details, expected) => {
    expect(problemOf(presentedBy(details))).toBe(expected)
  })

  test('a leaked credential whose kind is not known leaves the used kinds as they are', () => {
    const locations = { ...everywhere, refusedQueryParameters: ['pin'] }
    const presented = presentedBy(
      { url: '/?pin=1', fields: { authorization: 'Bearer a' } },
      locations,
    )
    expect(problemOf(presented)).toBe('credential_in_url: bearer')
  })

  test('only a form’s own member counts', () => {
    const inherited = Object.create({ access_token: 'a' })
    expect(presentedBy({ form: inherited })).toEqual({ kind: 'none' })
    const bare = Object.assign(Object.create(null), { access_token: 'a' })
    expect(problemOf(presentedBy({ form: bare }))).toBe('credential_in_body: bearer')
  })

  test('cookies of any size are left alone by a gate that reads none', () => {
    const fields = { cookie: 'a'.repeat(65_536) }
    expect(presentedBy({ fields }, authorizationOnly)).toEqual({ kind: 'none' })
  })
})
