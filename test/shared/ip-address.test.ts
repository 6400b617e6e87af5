import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isInRange,
  isLoopbackAddress,
  parseIpAddress,
  parseIpRange,
} from '../../src/shared/ip-address.js'

const inRange = (address: string, range: string): boolean => {
  const [parsedAddress, parsedRange] = [parseIpAddress(address), parseIpRange(range)]
  if (parsedAddress === null || parsedRange === null) throw new Error(`${address} ${range}`)
  return isInRange(parsedAddress, parsedRange)
}

describe('one address is one value, however it is spelled', () => {
  test.each([
    ['::1', '0:0:0:0:0:0:0:1'],
    ['2001:db8::a', '2001:0DB8:0:0::A'],
    ['2001:db8::', '2001:db8:0:0:0:0:0:0'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:a00:1', '10.0.0.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('%s and %s', (one, other) => {
    expect(parseIpAddress(one)).not.toBeNull()
    expect(parseIpAddress(one)).toEqual(parseIpAddress(other))
  })

  test('an IPv4 address is not the IPv6 address of the same bits', () => {
    expect(parseIpAddress('::10.0.0.1')).not.toEqual(parseIpAddress('10.0.0.1'))
  })
})

describe('what is no address', () => {
  test.each([
    '',
    '10.0.0',
    '10.0.0.0.1',
    '10.0.0.256',
    '010.0.0.1',
    '0x0a.0.0.1',
    '167772161',
    '10.0.0.1 ',
    ' 10.0.0.1',
    '10.0.0.1\0',
    '10.0.0.1:80',
    '+10.0.0.1',
    '1e1.0.0.1',
    '１０.0.0.1',
    '[::1]',
    '::1%lo',
    '::1::',
    ':::',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    '::g',
    '::10.0.0.256',
    '::10.0.0.1:1',
    '10.0.0.1::',
    'localhost',
    '1'.repeat(100_000),
    ':'.repeat(100_000),
  ])('%j', (text) => {
    expect(parseIpAddress(text)).toBeNull()
  })

  test('is what Node says too, but for zones', () => {
    const pieces = fc.constantFrom(
      '::',
      ':',
      '.',
      '0',
      '1',
      '10',
      '255',
      '256',
      'f',
      'ffff',
      '::ffff:',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        expect(parseIpAddress(text) !== null).toBe(isIPv4(text) || isIPv6(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('ranges', () => {
  test.each([
    ['10.0.0.0', '10.0.0.0/8', true],
    ['10.255.255.255', '10.0.0.0/8', true],
    ['9.255.255.255', '10.0.0.0/8', false],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['172.31.255.255', '172.16.0.0/12', true],
    ['172.32.0.0', '172.16.0.0/12', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.2', '192.0.2.1', false],
    ['192.0.2.1', '192.0.2.0/31', true],
    ['192.0.2.2', '192.0.2.0/31', false],
    ['fd00::1', 'fc00::/7', true],
    ['fe00::1', 'fc00::/7', false],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32', true],
    ['2001:db9::', '2001:db8::/32', false],
    ['0.0.0.1', '::/8', false],
    ['::1', '0.0.0.0/1', false],
  ])('%s in %s: %s', (address, range, expected) => {
    expect(inRange(address, range)).toBe(expected)
  })

  test.each([
    '10.1.0.0/8', // a slip for 10.1.0.0/16
    '0.0.0.0/0',
    '::/0',
    '::ffff:0:0/96',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fc00::/129',
    '::ffff:10.0.0.0/8',
    '10.*',
    '',
  ])('%j is none', (text) => {
    expect(parseIpRange(text)).toBeNull()
  })

  test('loopback is 127.0.0.0/8 and ::1', () => {
    const isLoopback = (text: string) => isLoopbackAddress(parseIpAddress(text) ?? [])
    expect(['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual(
      Array(4).fill(true),
    )
    expect(['126.255.255.255', '128.0.0.0', '::2', '::', 'x'].map(isLoopback)).toEqual(
      Array(5).fill(false),
    )
  })
})
