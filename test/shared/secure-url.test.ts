import { describe, expect, test } from 'vitest'
import { isQuotable } from '../../src/shared/quotable.js'
import { isLoopbackHost, parseSecureUrl } from '../../src/shared/secure-url.js'

describe('a secure URL', () => {
  test.each([
    'https://a.example',
    'https://a.example/x?y#z',
    'https://a.example/a b',
    'http://localhost:1',
    'http://127.0.0.1',
    'http://[::1]:2',
    'http://a.localhost',
    'HTTPS://A.EXAMPLE',
  ])('%s is one', (text) => {
    expect(parseSecureUrl(text)).toBeInstanceOf(URL)
  })

  test.each([
    '',
    'a.example',
    'http://a.example',
    'http://localhost.example',
    'http://127.0.0.1.example',
    'ftp://localhost',
    'file:///etc/passwd',
    'data:,x',
    'https://a@a.example',
    'https://:b@a.example',
    '//a.example',
    ' https://a.example',
    'https://a.example\n',
    'https://a.exa\tmple',
    'https://a.example ',
    'https://a.example/\u0000',
  ])('%j is none', (text) => {
    expect(parseSecureUrl(text)).toBeNull()
  })

  test('a loopback host is told by its whole name', () => {
    expect(isLoopbackHost('localhost')).toBe(true)
    expect(isLoopbackHost('notlocalhost')).toBe(false)
    expect(isLoopbackHost('')).toBe(false)
  })
})

describe('a quotable text', () => {
  test('is printable ASCII without what would need escaping', () => {
    for (let code = 0; code < 300; code++) {
      const allowed = code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c
      expect(isQuotable(`a${String.fromCharCode(code)}b`)).toBe(allowed)
    }
    expect(isQuotable('')).toBe(false)
  })
})
