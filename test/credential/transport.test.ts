import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isConfidential } from '../../src/credential/transport.js'
import { aView } from '../support/views.js'

const clear = (fields: Record<string, string>) => aView({ encrypted: false, fields })

describe('whether a credential travelled encrypted', () => {
  test('TLS that this process sees is confidential', () => {
    expect(isConfidential(aView(), 'here')).toBe(true)
  })

  test('behind a proxy only its word counts: neither the hop from it nor the host it asks for', () => {
    const fields = { host: 'localhost:3000', 'x-forwarded-proto': 'http' }
    expect(isConfidential(aView({ fields }), 'proxy')).toBe(false)
    expect(isConfidential(clear(fields), 'proxy')).toBe(false)
    expect(isConfidential(aView({ fields: { host: 'api.example.com' } }), 'proxy')).toBe(false)
    expect(isConfidential(clear({ host: 'localhost:3000' }), 'proxy')).toBe(true)
  })

  test.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    '127.0.0.1:8080',
    '[::1]',
    '[::1]:80',
    'api.localhost:1',
  ])('cleartext to %s never left the machine', (host) => {
    expect(isConfidential(clear({ host }), 'here')).toBe(true)
  })

  test.each([
    'api.example.com',
    'localhost.example.com',
    'localhost:80@evil.example',
    '127.0.0.1.example.com',
    'notlocalhost',
    '[::2]:80',
    '[::1',
    '127.0.0.2',
    '',
  ])('cleartext to %s is not confidential', (host) => {
    expect(isConfidential(clear({ host }), 'here')).toBe(false)
  })

  test('without a host, or in HTTP/2 terms, the authority decides', () => {
    expect(isConfidential(clear({}), 'here')).toBe(false)
    expect(isConfidential(clear({ ':authority': 'localhost' }), 'here')).toBe(true)
  })

  test('a proxy is believed only if it is configured, and only its last word', () => {
    const forwarded = (proto: string) => clear({ host: 'a.example', 'x-forwarded-proto': proto })
    expect(isConfidential(forwarded('https'), 'here')).toBe(false)
    expect(isConfidential(forwarded('https'), 'proxy')).toBe(true)
    expect(isConfidential(forwarded('http, HTTPS'), 'proxy')).toBe(true)
    expect(isConfidential(forwarded('https, http'), 'proxy')).toBe(false)
    expect(isConfidential(forwarded('httpsx'), 'proxy')).toBe(false)
    expect(isConfidential(clear({ host: 'a.example' }), 'proxy')).toBe(false)
  })

  test('cleartext is taken from anywhere only by its dangerous name', () => {
    expect(isConfidential(clear({ host: 'a.example' }), 'dangerouslyNone')).toBe(true)
  })

  test('no host makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (host) => {
        expect(typeof isConfidential(clear({ host }), 'here')).toBe('boolean')
      }),
    )
  })
})
