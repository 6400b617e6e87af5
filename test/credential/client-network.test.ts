import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientNetwork } from '../../src/credential/client-network.js'
import { checkedProxy, type ProxyOptions } from '../../src/credential/proxy.js'
import { aView } from '../support/views.js'

const networkOf = (
  remoteAddress: string | undefined,
  proxy: ProxyOptions | null = null,
  fields: Readonly<Record<string, string>> = {},
): string =>
  clientNetwork(
    aView(remoteAddress === undefined ? { fields } : { fields, remoteAddress }),
    proxy === null ? null : checkedProxy(proxy),
  )

describe('without a proxy, the network of a request', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:0DB8::1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each([undefined, '', 'localhost', 'fe80::1%eth0', '192.0.2', '192.0.2.1:80'])(
    'cannot be told of %j',
    (address) => {
      expect(networkOf(address)).toBe('unknown')
    },
  )

  it('is the same for all addresses of one /64, and another for its neighbours', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16))
    const groups = (length: number) =>
      fc.array(group, { minLength: length, maxLength: length }).map((all) => all.join(':'))
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), groups(4), (one, other, first, second) => {
        fc.pre(!one.startsWith('0:0:0:0') && !other.startsWith('0:0:0:0'))
        expect(networkOf(`${one}:${first}`)).toBe(networkOf(`${one}:${second}`))
        expect(networkOf(`${one}:${first}`) === networkOf(`${other}:${first}`)).toBe(one === other)
      }),
    )
  })

  it('is never what a field says', () => {
    const fields = {
      'x-forwarded-for': '198.51.100.1',
      forwarded: 'for=198.51.100.1',
      'x-real-ip': '198.51.100.1',
      'client-ip': '198.51.100.1',
      'true-client-ip': '198.51.100.1',
      'cf-connecting-ip': '198.51.100.1',
    }
    expect(networkOf('192.0.2.1', null, fields)).toBe('192.0.2.1')
    // Nor of a proxy that is believed about TLS alone.
    expect(networkOf('10.0.0.1', { addresses: ['10.0.0.0/8'] }, fields)).toBe('unknown')
    expect(networkOf('192.0.2.1', { addresses: ['10.0.0.0/8'] }, fields)).toBe('192.0.2.1')
  })
})

describe('behind a proxy, the network of a request', () => {
  const xff = { clientAddressField: 'x-forwarded-for' } as const

  it.each([
    ['198.51.100.1', 1, '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1', 1, '198.51.100.1'],
    ['6.6.6.6,198.51.100.1,10.0.0.2', 2, '198.51.100.1'],
    ['198.51.100.1:4711', 1, '198.51.100.1'],
    ['[2001:db8:0:1::5]:4711', 1, '2001:db8:0:1::/64'],
    ['2001:db8:0:1::5', 1, '2001:db8:0:1::/64'],
    ['198.51.100.1', 2, 'unknown'],
    ['198.51.100.1, ', 1, 'unknown'],
    ['unknown', 1, 'unknown'],
    ['', 1, 'unknown'],
    ['[', 1, 'unknown'],
    ['[]', 1, 'unknown'],
    [`${'6.6.6.6, '.repeat(600)}198.51.100.1`, 1, 'unknown'],
  ])('of X-Forwarded-For: %s with %i hops is %s', (value, hops, network) => {
    expect(networkOf('10.0.0.1', { ...xff, hops }, { 'x-forwarded-for': value })).toBe(network)
  })

  it.each([
    ['for=198.51.100.1;proto=https', 1, '198.51.100.1'],
    ['for="[2001:db8:0:1::5]:4711"', 1, '2001:db8:0:1::/64'],
    ['for=6.6.6.6, For="198.51.100.1:80", for=10.0.0.2', 2, '198.51.100.1'],
    ['for=_hidden', 1, 'unknown'],
    ['for=unknown', 1, 'unknown'],
    ['proto=https', 1, 'unknown'],
    ['for="6.6.6.6, for=198.51.100.1', 1, 'unknown'],
  ])('of Forwarded: %s with %i hops is %s', (forwarded, hops, network) => {
    const proxy = { clientAddressField: 'forwarded', hops } as const
    expect(networkOf('10.0.0.1', proxy, { forwarded })).toBe(network)
  })

  it('is the connection’s where somebody else connects, whatever the field says', () => {
    const proxy = { ...xff, addresses: ['10.0.0.0/8'] }
    const fields = { 'x-forwarded-for': '6.6.6.6' }
    expect(networkOf('192.0.2.1', proxy, fields)).toBe('192.0.2.1')
    expect(networkOf('10.1.2.3', proxy, fields)).toBe('6.6.6.6')
    expect(networkOf(undefined, proxy, fields)).toBe('unknown')
  })

  it('is not changed by anything that the client wrote before the proxies', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (written, hops) => {
          const proxies = ['198.51.100.1', '10.0.0.2', '10.0.0.3'].slice(0, hops)
          const value = [...written, ...proxies].join(', ')
          expect(networkOf('10.0.0.1', { ...xff, hops }, { 'x-forwarded-for': value })).toBe(
            '198.51.100.1',
          )
        },
      ),
    )
  })

  it('is read from no other field', () => {
    expect(() => checkedProxy({ hops: 1, clientAddressField: 'x-real-ip' })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})
