import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_FORWARDED_LENGTH, parseForwarded } from '../../src/credential/forwarded.js'

const read = (field: string) =>
  parseForwarded(field)?.map((element) => Object.fromEntries(element)) ?? null

describe('a Forwarded field', () => {
  test.each([
    ['for="_gazonk"', [{ for: '_gazonk' }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: '[2001:db8:cafe::17]:4711' }]],
    [
      'for=192.0.2.60;proto=http;by=203.0.113.43',
      [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }],
    ],
    ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
    ['for=unknown;PROTO="https"', [{ for: 'unknown', proto: 'https' }]],
    ['proto="ht\\tps"', [{ proto: 'https' }]],
    ['x="a, b; c=d";proto=https', [{ x: 'a, b; c=d', proto: 'https' }]],
    [' , proto=https ,, ;; , ;proto=http; ', [{ proto: 'https' }, { proto: 'http' }]],
    ['proto=a ; for=b', [{ proto: 'a', for: 'b' }]],
    ['', []],
  ])('%s', (field, elements) => {
    expect(read(field)).toEqual(elements)
  })

  test.each([
    'proto',
    'proto=',
    '=https',
    'proto =https',
    'proto= https',
    'proto=https for=a',
    'proto=https;proto=http',
    'proto=https;PROTO=http',
    'for=[::1]',
    'for=192.0.2.1:80',
    'proto="https',
    'proto="https"x',
    'proto=https;x="',
    'x=", proto=https',
    'proto="htt\u00e9ps"',
    'proto=https\0',
    'proto=https\u00a0',
  ])('%j is malformed as a whole', (field) => {
    expect(read(field)).toBeNull()
  })

  test('may have 4,096 characters and not one more', () => {
    const field = `x=${'a'.repeat(MAX_FORWARDED_LENGTH - 2)}`
    expect(read(field)).toHaveLength(1)
    expect(read(`${field}a`)).toBeNull()
  })

  test('a client that writes before a proxy never changes what the proxy wrote', () => {
    const written = fc.constantFrom(
      'for=192.0.2.1;proto=http',
      'for="[2001:db8::1]:80";by="[::1]";proto=http',
      'proto="http";for="_a,b;proto=https"',
    )
    const sent = fc.array(
      fc.constantFrom('"', '\\', ',', ';', '=', 'proto', 'https', 'for', ' ', 'proto=https', 'x="'),
      { maxLength: 10 },
    )
    fc.assert(
      fc.property(sent, written, (parts, proxy) => {
        const elements = read(`${parts.join('')}, ${proxy}`)
        if (elements !== null) expect(elements.at(-1)?.['proto']).toBe('http')
      }),
      { numRuns: 5_000 },
    )
  })

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        read(text)
      }),
    )
  })
})
