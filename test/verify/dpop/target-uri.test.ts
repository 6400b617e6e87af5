import { describe, expect, test } from 'vitest'
import { normalizedTargetUri, pathOfTarget } from '../../../src/verify/dpop/target-uri.js'

describe('two spellings of one target', () => {
  test.each([
    ['scheme and host in capitals', 'HTTPS://API.Example.COM/a', 'https://api.example.com/a'],
    ['the default port', 'https://api.example.com:443/a', 'https://api.example.com/a'],
    ['an empty port', 'https://api.example.com:/a', 'https://api.example.com/a'],
    ['the default port of http', 'http://localhost:80/', 'http://localhost/'],
    ['an empty path', 'https://api.example.com', 'https://api.example.com/'],
    ['a query', 'https://api.example.com/a?b=c/d', 'https://api.example.com/a'],
    ['a query without a path', 'https://api.example.com?b', 'https://api.example.com/'],
    ['a fragment', 'https://api.example.com/a#b?c', 'https://api.example.com/a'],
    ['a needless percent-encoding', 'https://a.example/%7Eme/%61', 'https://a.example/~me/a'],
    ['hexadecimal digits', 'https://a.example/a%2fb%c3', 'https://a.example/a%2Fb%C3'],
    ['dot segments', 'https://a.example/a/./b/../c', 'https://a.example/a/c'],
    ['dot segments at the end', 'https://a.example/a/b/..', 'https://a.example/a/'],
    ['encoded dot segments', 'https://a.example/a/%2e%2E/b', 'https://a.example/b'],
    ['more dots than segments', 'https://a.example/../../b', 'https://a.example/b'],
    ['what no URI holds', 'https://a.example/a|b"c', 'https://a.example/a%7Cb%22c'],
    ['an address in brackets', 'https://[::1]:443/a', 'https://[::1]/a'],
  ])('are equal: %s', (_, one, other) => {
    expect(normalizedTargetUri(one)).toBe(other)
    expect(normalizedTargetUri(other)).toBe(other)
  })
})

describe('two targets', () => {
  test.each([
    ['scheme', 'http://a.example/a'],
    ['host', 'https://b.example/a'],
    ['port', 'https://a.example:8443/a'],
    ['path', 'https://a.example/b'],
    ['case of the path', 'https://a.example/A'],
    ['slash at the end', 'https://a.example/a/'],
    ['slash twice', 'https://a.example//a'],
    ['encoded slash', 'https://a.example/%2Fa'],
    ['path parameter', 'https://a.example/a;b'],
    ['dot at the end of the host', 'https://a.example./a'],
  ])('that differ in their %s are not equal', (_, other) => {
    expect(normalizedTargetUri(other)).not.toBe(normalizedTargetUri('https://a.example/a'))
  })

  test('an encoded reserved character is not the character', () => {
    expect(normalizedTargetUri('https://a.example/a%3Fb')).toBe('https://a.example/a%3Fb')
    expect(normalizedTargetUri('https://a.example/a%2Fb')).not.toBe('https://a.example/a/b')
  })
})

test.each([
  '',
  '/a',
  'a.example/a',
  '//a.example/a',
  'https:a.example/a',
  'https:/a.example/a',
  'ftp://a.example/a',
  'https://',
  'https:///a',
  'https://user@a.example/a',
  'https://a.example:44x/a',
  'https://a.example:80:80/a',
  'https://a.example\\@b.example/a',
  'https://a b.example/a',
  'https://bücher.example/a',
  'https://to\u212ayo.example/a', // the Kelvin sign, whose lower case is a `k`
  'https://[::1/a',
  'https://a.example/a b',
  'https://a.example/a\tb',
  'https://a.example/a\n',
  'https://a.example/ä',
  'https://a.example/%',
  'https://a.example/%4',
  'https://a.example/%zz',
  ' https://a.example/a',
])('%j is no target', (text) => {
  expect(normalizedTargetUri(text)).toBeNull()
})

describe('the path of a request', () => {
  test.each([
    ['/a?b#c', '/a'],
    ['/', '/'],
    ['//b.example/a', '//b.example/a'],
    ['https://b.example/a?b', '/a'],
    ['https://b.example?b', '/'],
    ['https://b.example', '/'],
  ])('of %s is %s, whatever host it names', (target, path) => {
    expect(pathOfTarget(target)).toBe(path)
  })

  test.each(['*', '', 'api.example.com:443'])('%j has none', (target) => {
    expect(pathOfTarget(target)).toBeNull()
  })

  test.each([
    '/files/../me',
    '/files/%2e%2E/me',
    '/files/.%2e/me?a',
    '/./me',
    '/me/..',
    '/me/%2e',
    'https://api.example.com/files/../me',
  ])('of %s is none: a router takes its dots as they stand', (target) => {
    expect(pathOfTarget(target)).toBeNull()
  })

  test.each(['/...', '/.well-known/a', '/a..', '/a/..b', '/%2e%2e%2e', '/a?b=/../c'])(
    'of %s has no dot segment',
    (target) => {
      expect(pathOfTarget(target)).not.toBeNull()
    },
  )
})
