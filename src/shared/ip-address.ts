/** The bytes of an IP address: 4 for IPv4, 16 for IPv6. An IPv4 address inside IPv6 (`::ffff:a.b.c.d`) has 4. */
export type IpAddress = readonly number[]

/** Addresses that begin with the same bits. */
export interface IpRange {
  readonly address: IpAddress
  /** How many bits count, from the first. */
  readonly bits: number
}

/**
 * Reads an address as standards and sockets write it, into a form in which one address is one value.
 *
 * @returns null for anything else: other bases, leading zeros, fewer than four parts, zones, ports, brackets, spaces
 * @see RFC 4291 section 2.2
 */
export function parseIpAddress(text: string): IpAddress | null {
  if (text.length > LONGEST_ADDRESS) return null
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/**
 * Reads an address, which stands for itself, or a range like `10.0.0.0/8`.
 *
 * @returns null for anything else; also for a range that is not spelled by its first address, because it is a slip that
 *   may mean something smaller, and for one of no bits, which is everybody
 */
export function parseIpRange(text: string): IpRange | null {
  const slash = text.indexOf('/')
  const written = slash < 0 ? text : text.slice(0, slash)
  const address = parseIpAddress(written)
  if (address === null) return null
  const size = address.length * 8
  if (slash < 0) return { address, bits: size }
  const prefix = parseDecimal(text.slice(slash + 1), 128)
  if (prefix === null) return null
  const bits = address.length === 4 && written.includes(':') ? prefix - MAPPED_BITS : prefix
  if (bits < 1 || bits > size) return null
  return address.every((byte, index) => (byte & ~maskOf(bits, index)) === 0)
    ? { address, bits }
    : null
}

/** Whether the address lies in the range; an IPv4 address never lies in a range of IPv6, nor the reverse. */
export function isInRange(address: IpAddress, range: IpRange): boolean {
  if (address.length !== range.address.length) return false
  return range.address.every((byte, index) => {
    const mask = maskOf(range.bits, index)
    return (byte & mask) === ((address[index] ?? 0) & mask)
  })
}

/** Whether this is an address of the machine itself: `127.0.0.0/8` or `::1`. */
export function isLoopbackAddress(address: IpAddress): boolean {
  return LOOPBACK.some((range) => isInRange(address, range))
}

function parseIpv4(text: string): IpAddress | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes: number[] = []
  for (const part of parts) {
    const byte = parseDecimal(part, 255)
    if (byte === null) return null
    bytes.push(byte)
  }
  return bytes
}

function parseIpv6(text: string): IpAddress | null {
  const gap = text.indexOf('::')
  const head = groupsOf(gap < 0 ? text : text.slice(0, gap), gap < 0)
  const tail = gap < 0 ? [] : groupsOf(text.slice(gap + 2), true)
  if (head === null || tail === null) return null
  const missing = 16 - head.length - tail.length
  // `::` stands for one group of zeros at least.
  if (gap < 0 ? missing !== 0 : missing < 2) return null
  const bytes = [...head, ...new Array<number>(missing).fill(0), ...tail]
  const isMapped = MAPPED_PREFIX.every((byte, index) => bytes[index] === byte)
  return isMapped ? bytes.slice(MAPPED_PREFIX.length) : bytes
}

/** The bytes of groups between colons; the last of an address may be written like an IPv4 address. */
function groupsOf(text: string, isLast: boolean): number[] | null {
  if (text === '') return []
  const groups = text.split(':')
  const bytes: number[] = []
  for (const [index, group] of groups.entries()) {
    const dotted = isLast && index === groups.length - 1 ? parseIpv4(group) : null
    if (dotted === null && !isHexGroup(group)) return null
    const value = Number.parseInt(group, 16)
    bytes.push(...(dotted ?? [value >> 8, value & 0xff]))
  }
  return bytes
}

function isHexGroup(text: string): boolean {
  if (text === '' || text.length > 4) return false
  for (const digit of text) if (!HEX_DIGITS.includes(digit)) return false
  return true
}

/** A decimal number without sign, leading zeros or anything else, up to `most`. */
function parseDecimal(text: string, most: number): number | null {
  if (text === '' || text.length > 3 || (text.length > 1 && text.startsWith('0'))) return null
  for (const digit of text) if (digit < '0' || digit > '9') return null
  const value = Number(text)
  return value <= most ? value : null
}

/** The bits of the byte at `index` that belong to the first `bits` of an address. */
function maskOf(bits: number, index: number): number {
  const inByte = Math.min(8, Math.max(0, bits - index * 8))
  return (0xff << (8 - inByte)) & 0xff
}

/** `0000:0000:0000:0000:0000:0000:255.255.255.255` */
const LONGEST_ADDRESS = 45
const HEX_DIGITS = '0123456789abcdefABCDEF'
const MAPPED_PREFIX: readonly number[] = [...new Array<number>(10).fill(0), 0xff, 0xff]
const MAPPED_BITS = 96
const LOOPBACK: readonly IpRange[] = [
  { address: [127, 0, 0, 0], bits: 8 },
  { address: [...new Array<number>(15).fill(0), 1], bits: 128 },
]
