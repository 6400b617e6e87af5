import { describe, expect, test } from 'vitest'
import {
  credentialInUrl,
  DEFAULT_REFUSED_QUERY_PARAMETERS,
} from '../../src/credential/url-credentials.js'
import { everywhere } from './a-request.js'

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'

function found(url: string, locations = everywhere): unknown {
  const credential = credentialInUrl(url, locations)
  return credential === null ? null : [credential.kind, credential.text.reveal()]
}

describe('a credential is found', () => {
  test.each([
    ['under RFC 6750’s name', '/users?access_token=abc', ['bearer', 'abc']],
    ['in any case of the name', '/users?Access_TOKEN=abc', ['bearer', 'abc']],
    ['behind other parameters', '/users?a=b&c&=d&token=abc&e=f', ['bearer', 'abc']],
    ['behind a semicolon', '/users?a=b;api_key=abc', ['api-key', 'abc']],
    ['with its name percent-encoded', '/users?%61ccess%5Ftoken=abc', ['bearer', 'abc']],
    ['with its name in two cases of hexadecimal', '/users?a%50i%4bey=abc', ['api-key', 'abc']],
    ['behind broken percent-encoding', '/users?%=%&%zz=%4&token=a%', ['bearer', 'a%']],
    ['with broken percent-encoding inside', '/users?token=%zza%4', ['bearer', '%zza%4']],
    ['with its value encoded', '/users?token=a%2Bb+c', ['bearer', 'a+b c']],
    ['with octets beyond ASCII', '/users?password=%C3%A9', ['basic', '\u00c3\u00a9']],
    ['with an equals sign in its value', '/users?token=a=b', ['bearer', 'a=b']],
    ['as a JWT under any name', `/users?x=${JWT}`, ['bearer', JWT]],
    ['as a JWT with its dots encoded', `/users?x=${JWT.replaceAll('.', '%2e')}`, ['bearer', JWT]],
    ['as a JWT with its first letter encoded', `/users?x=%65${JWT.slice(1)}`, ['bearer', JWT]],
    ['as a JWT without a name', `/users?${JWT}`, ['bearer', JWT]],
    [
      'as a JWT without signature',
      '/users?x=eyJhbGciOiJub25lIn0.e30.',
      ['bearer', 'eyJhbGciOiJub25lIn0.e30.'],
    ],
    [
      'as a key of ours under any name',
      '/users?x=acme_1234567890abcdef1234567890abcdef',
      ['api-key', 'acme_1234567890abcdef1234567890abcdef'],
    ],
    [
      'as a key of ours, encoded',
      '/users?x=%61cme%5f1234567890abcdef1234567890abcdef',
      ['api-key', 'acme_1234567890abcdef1234567890abcdef'],
    ],
    [
      'as a key of ours without a name',
      '/users?acme_1234567890abcdef1234567890abcdef',
      ['api-key', 'acme_1234567890abcdef1234567890abcdef'],
    ],
    ['in an absolute URL', 'https://api.example/users?token=abc', ['bearer', 'abc']],
    ['in a fragment', '/users#access_token=abc', ['bearer', 'abc']],
    ['in a fragment behind a query', '/users?a=b#x&token=abc', ['bearer', 'abc']],
    ['in a query without a path', '?token=abc', ['bearer', 'abc']],
    ['in the userinfo', 'https://user:pass@api.example/users', ['basic', 'user:pass']],
    ['in the userinfo, encoded', 'https://us%65r:p%40ss@api.example', ['basic', 'user:p@ss']],
    ['in the userinfo without password', 'https://abc@api.example/', ['basic', 'abc']],
    ['in the userinfo without username', 'https://:abc@api.example?a', ['basic', ':abc']],
    ['in the userinfo with two at signs', 'https://a:b@c@api.example', ['basic', 'a:b@c']],
  ])('%s', (_, url, expected) => {
    expect(found(url)).toEqual(expected)
  })

  test.each(DEFAULT_REFUSED_QUERY_PARAMETERS)('under the default name %s', (name) => {
    expect(found(`/?${name}=abc`)).toEqual([expect.any(String), 'abc'])
    expect(found(`/?${name}=`)).toBeNull()
    expect(found(`/?x${name}=abc`)).toBeNull()
  })

  test('under a name of one’s own, whose kind cannot be told', () => {
    const locations = { refusedQueryParameters: ['Geheimnis'], keyPrefixes: [] }
    expect(found('/?geheimnis=abc', { ...everywhere, ...locations })).toEqual([null, 'abc'])
    expect(found('/?token=abc', { ...everywhere, ...locations })).toBeNull()
  })

  test('at the end of a very long query', () => {
    expect(found(`/?${'a=b&'.repeat(20_000)}token=abc`)).toEqual(['bearer', 'abc'])
  })
})

describe('no credential is found', () => {
  test.each([
    ['without a query', '/users/7'],
    ['in an empty URL', ''],
    ['in an empty query', '/users?'],
    ['in ordinary parameters', '/users?page=2&sort=name;desc&q=a+b%20c'],
    ['in a refused name without value', '/users?token&access_token=&api_key=#'],
    ['in a name that only contains a refused one', '/users?page_token=abc&tokens=3'],
    ['in a refused name in the path', '/token=abc/users?a=b'],
    ['in an OAuth redirect', '/callback?code=abc&state=def'],
    ['in a signed URL', '/file?expires=1&signature=abc&sig=def'],
    ['in a value with two dots', '/users?v=1.2.3&x=ab.cd.ef'],
    [
      'in a key’s prefix that is not at the start',
      '/users?x=my_acme_1234567890abcdef1234567890abcdef',
    ],
    ['in a name that starts like a key', '/users?acme_debug=1'],
    [
      'in a value that is too short to hold a secret',
      '/users?ref=acme_summer_sale_2024_for_everybody',
    ],
    ['in an encoded URL as value', '/login?next=%2Fusers%3Ftoken%3Dabc'],
    ['in a name encoded twice', '/users?%2574oken=abc'],
    ['in an at sign behind the authority', 'https://api.example/@user:pass?a=b@c'],
    ['in an at sign of a path that looks like a URL', '/https://user:pass@host'],
    ['in an empty userinfo', 'https://@api.example/'],
    ['in a userinfo of a colon only', 'https://:@api.example/'],
    ['in an authority without scheme', 'user:pass@api.example:443'],
    ['in an asterisk', '*'],
  ])('%s', (_, url) => {
    expect(found(url)).toBeNull()
  })

  test('for a prefix that is empty', () => {
    expect(found('/?a=b', { ...everywhere, keyPrefixes: [''] })).toBeNull()
  })
})

test('the credential is not in what gets printed', () => {
  const printed = JSON.stringify(credentialInUrl('/?token=hunter2', everywhere))
  expect(printed).toContain('bearer')
  expect(printed).not.toContain('hunter2')
})

test('the default list cannot be changed by whoever reads it', () => {
  expect(Object.isFrozen(DEFAULT_REFUSED_QUERY_PARAMETERS)).toBe(true)
  expect(DEFAULT_REFUSED_QUERY_PARAMETERS).toContain('access_token')
})

test('hostile queries of 64 KiB get an answer', () => {
  for (const filler of [
    '%',
    '%4',
    '&',
    ';',
    '=',
    '+',
    '#',
    '?',
    '://',
    '@',
    'eyJ',
    'eyJ.',
    'acme',
  ]) {
    const filled = filler.repeat(Math.floor(65_536 / filler.length))
    expect(found(`/?${filled}&token=abc`)).toEqual(['bearer', 'abc'])
    expect(found(`/?x=${filled}`)).toBeNull()
  }
})
