import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkedProxy, type ProxyOptions, senderOf } from '../../src/credential/proxy.js'
import { isConfidential as judge, type Transport } from '../../src/credential/transport.js'
import { aView } from '../support/views.js'

type Details = Parameters<typeof aView>[0]

const isConfidential = (details: Details, proxy: ProxyOptions | null = null): boolean =>
  judge(aView(details), transportOf(proxy))
const transportOf = (proxy: ProxyOptions | null): Transport => ({
  proxy: proxy === null ? null : checkedProxy(proxy),
  allowsCleartext: false,
})
const clear = (fields: Record<string, string>, remoteAddress?: string) => ({
  encrypted: false,
  fields,
  ...(remoteAddress === undefined ? {} : { remoteAddress }),
})

describe('without a proxy', () => {
  test('TLS that this process sees is confidential', () => {
    expect(isConfidential({})).toBe(true)
  })

  test.each([
    'x-forwarded-proto',
    'x-forwarded-protocol',
    'x-forwarded-ssl',
    'x-forwarded-scheme',
    'x_forwarded_proto',
    'x-url-scheme',
    'x-original-proto',
    'x-original-url',
    'x-rewrite-url',
    'front-end-https',
    'forwarded',
    ':scheme',
  ])('no value of %s makes it so', (name) => {
    for (const value of ['https', 'on', 'proto=https', 'https://api.example.com/']) {
      expect(isConfidential(clear({ host: 'a.example', [name]: value }))).toBe(false)
    }
  })

  test('cleartext is taken from anywhere only by its dangerous name', () => {
    const view = aView(clear({ host: 'a.example' }, '192.0.2.1'))
    expect(judge(view, { proxy: null, allowsCleartext: true })).toBe(true)
  })
})

describe('cleartext on this machine', () => {
  test.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST',
    '127.0.0.1:8080',
    '[::1]',
    '[::1]:80',
    'api.localhost:1',
  ])('to %s never left it', (host) => {
    expect(isConfidential(clear({ host }))).toBe(true)
    expect(isConfidential(clear({ host }, '127.0.0.1'))).toBe(true)
    expect(isConfidential(clear({ host }, '::ffff:127.0.0.1'))).toBe(true)
    expect(isConfidential(clear({ host }, '::1'))).toBe(true)
  })

  test.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '128.0.0.1', 'localhost', '127.1'])(
    'is not what a client at %s has reached, whatever host it names',
    (address) => {
      expect(isConfidential(clear({ host: 'localhost' }, address))).toBe(false)
      expect(isConfidential(clear({ host: '[::1]:80' }, address))).toBe(false)
    },
  )

  test.each([
    'api.example.com',
    'localhost.example.com',
    'localhost:80@evil.example',
    '127.0.0.1.example.com',
    'notlocalhost',
    '[::2]:80',
    '[::1',
    '127.0.0.2',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '[::ffff:127.0.0.1]',
    'localhost, api.example.com',
    '',
  ])('is not meant by the host %j, as DNS rebinding would have it', (host) => {
    expect(isConfidential(clear({ host }))).toBe(false)
    expect(isConfidential(clear({ host }, '127.0.0.1'))).toBe(false)
  })

  test('without a host, or in HTTP/2 terms, the authority decides', () => {
    expect(isConfidential(clear({}))).toBe(false)
    expect(isConfidential(clear({ ':authority': 'localhost' }))).toBe(true)
  })

  test('no host makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (host) => {
        expect(typeof isConfidential(clear({ host }))).toBe('boolean')
      }),
    )
  })
})

describe('behind proxies that everything comes through', () => {
  const forwarded = (proto: string, hops: number) =>
    isConfidential(clear({ host: 'a.example', 'x-forwarded-proto': proto }), { hops })

  test.each([
    ['https', 1, true],
    ['HTTPS', 1, true],
    [' https\t', 1, true],
    ['http', 1, false],
    ['http, https', 1, true],
    ['https, http', 1, false],
    ['https,', 1, false],
    ['httpsx', 1, false],
    ['https\u00a0', 1, false],
    ['https; q=1', 1, false],
    ['"https"', 1, false],
    ['', 1, false],
    ['https, http', 2, true],
    ['http, https', 2, false],
    ['https, http, http', 2, false],
    ['https', 2, false],
    ['https, http, http', 3, true],
  ])('%j behind %i: %s', (proto, hops, expected) => {
    expect(forwarded(proto, hops)).toBe(expected)
  })

  test('nothing that a client sends further left changes the judgement', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('http', 'https'),
        fc.integer({ min: 1, max: 3 }),
        (sent, edge, hops) => {
          const inside = Array<string>(hops - 1).fill('http')
          expect(forwarded([sent, edge, ...inside].join(', '), hops)).toBe(edge === 'https')
        },
      ),
    )
  })

  test('neither TLS to this process nor a host of this machine stands for their word', () => {
    const host = 'localhost:3000'
    expect(isConfidential({ fields: { host } }, { hops: 1 })).toBe(false)
    expect(isConfidential(clear({ host }, '127.0.0.1'), { hops: 1 })).toBe(false)
    expect(isConfidential({ fields: { host, 'x-forwarded-proto': 'http' } }, { hops: 1 })).toBe(
      false,
    )
  })

  test('a field that is too long is not read', () => {
    expect(forwarded(`${' '.repeat(4_091)}https`, 1)).toBe(true)
    expect(forwarded(`${' '.repeat(4_092)}https`, 1)).toBe(false)
  })
})

describe('of the two fields only the configured one is read', () => {
  const both = (xForwarded: string, rfc7239: string) =>
    clear({ host: 'a.example', 'x-forwarded-proto': xForwarded, forwarded: rfc7239 })

  test('X-Forwarded-Proto by default', () => {
    expect(isConfidential(both('https', 'proto=http'), { hops: 1 })).toBe(true)
    expect(isConfidential(both('http', 'proto=https'), { hops: 1 })).toBe(false)
  })

  test('Forwarded where it is named', () => {
    const proxy = { hops: 1, field: 'forwarded' } as const
    expect(isConfidential(both('http', 'for=192.0.2.1;proto=HTTPS'), proxy)).toBe(true)
    expect(isConfidential(both('https', 'for=192.0.2.1;proto=http'), proxy)).toBe(false)
    expect(isConfidential(both('https', 'for=192.0.2.1'), proxy)).toBe(false)
    expect(isConfidential(both('https', ''), proxy)).toBe(false)
  })

  test('a hop is one element, and a field that is malformed anywhere says nothing', () => {
    const through = (forwarded: string, hops: number) =>
      isConfidential(clear({ forwarded }), { hops, field: 'forwarded' })
    expect(through('for=_a;proto=https, for="[::1]:80";proto=http', 2)).toBe(true)
    expect(through('proto=https, for=_a;proto=http', 1)).toBe(false)
    expect(through('proto=https', 2)).toBe(false)
    expect(through('x=", proto=https', 1)).toBe(false)
    expect(through('junk, proto=https', 1)).toBe(false)
  })
})

describe('behind proxies that are known by their addresses', () => {
  const proxy: ProxyOptions = { addresses: ['10.0.0.0/8', '::1'] }
  const https = { host: 'a.example', 'x-forwarded-proto': 'https' }

  test.each(['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '::1'])('%s is believed', (from) => {
    expect(isConfidential(clear(https, from), proxy)).toBe(true)
    expect(isConfidential({ ...clear({}, from), encrypted: true }, proxy)).toBe(false)
    expect(senderOf(aView(clear({}, from)), checkedProxy(proxy))).toBe('proxy')
  })

  test.each(['11.0.0.0', '9.255.255.255', '192.0.2.1', '::2', '::10.0.0.1', '127.0.0.1'])(
    '%s is not: it is judged as though there were no proxy',
    (from) => {
      expect(isConfidential(clear(https, from), proxy)).toBe(false)
      expect(isConfidential({ ...clear({}, from), encrypted: true }, proxy)).toBe(true)
      expect(senderOf(aView(clear(https, from)), checkedProxy(proxy))).toBe('other')
    },
  )

  test('this machine still needs no TLS', () => {
    expect(isConfidential(clear({ host: 'localhost' }, '127.0.0.1'), proxy)).toBe(true)
  })

  test.each([
    undefined,
    '',
    'unix:',
    '10.0.0.1 ',
    '010.0.0.1',
    '10.1',
    '0xa000001',
    'fe80::1%eth0',
  ])('where the other end is not told as an address (%j), nothing counts', (from) => {
    expect(isConfidential(clear(https, from), proxy)).toBe(false)
    expect(isConfidential(clear({ host: 'localhost' }, from), proxy)).toBe(false)
    const view = { ...clear(https, from), encrypted: true }
    expect(isConfidential(view, proxy)).toBe(false)
    expect(senderOf(aView(view), checkedProxy(proxy))).toBe('unknown')
  })

  test('several are counted as well', () => {
    const two = { ...proxy, hops: 2 }
    const from = (protocols: string) => clear({ 'x-forwarded-proto': protocols }, '10.0.0.1')
    expect(isConfidential(from('http, https, http'), two)).toBe(true)
    expect(isConfidential(from('https, http, https'), two)).toBe(false)
  })
})

test('with hops alone every request comes from a proxy', () => {
  expect(senderOf(aView(), checkedProxy({ hops: 1 }))).toBe('proxy')
})

describe('a proxy setting', () => {
  test.each([
    {},
    { field: 'forwarded' },
    { hops: 0 },
    { hops: 11 },
    { hops: 1.5 },
    { hops: '1' },
    { hops: Number.NaN },
    { addresses: [] },
    { addresses: '10.0.0.1' },
    { addresses: ['10.1.0.0/8'] },
    { addresses: ['0.0.0.0/0'] },
    { addresses: ['::/0'] },
    { addresses: ['localhost'] },
    { addresses: ['10.0.0.1:80'] },
    { addresses: [10] },
    { hops: 1, field: 'x-forwarded' },
    { hops: 1, trust: true },
    { hops: 1, clientCertificateField: '' },
    { hops: 1, clientCertificateField: 'client cert' },
    { hops: 1, clientCertificateField: 'Authorization' },
    { hops: 1, clientCertificateField: 'X-Forwarded-Proto' },
    true,
    1,
    'loopback',
  ])('%j does not start', (options) => {
    expect(() => checkedProxy(options)).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringMatching(/^proxy/) }),
    )
  })
})
