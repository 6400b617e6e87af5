import { type IpAddress, parseIpAddress } from '../shared/ip-address.js'
import { trimWhitespace } from './field-grammar.js'
import { MAX_FORWARDED_LENGTH, parseForwarded } from './forwarded.js'
import { senderOf, type TrustedProxy } from './proxy.js'
import type { RequestView } from './request-view.js'

/**
 * The network that a request comes from, for counting: an IPv4 address, or the first 64 bits of an IPv6 address
 * (`2001:db8:0:1::/64`), because whoever has one address of those has all of them. `unknown` if it cannot be told: where
 * the platform does not say who connected, or a trusted proxy does not say it for whom.
 *
 * It is the other end of the connection, or, for a request from a trusted proxy, what the proxy's field says of it.
 * INVARIANT: nothing that a client has written is looked at.
 */
export function clientNetwork(request: RequestView, proxy: TrustedProxy | null): string {
  const sender = proxy === null ? 'other' : senderOf(request, proxy)
  const text =
    sender === 'other'
      ? request.remoteAddress
      : sender === 'proxy' && proxy !== null
        ? forwardedAddress(request, proxy)
        : null
  const address = text === null ? null : parseIpAddress(text)
  return address === null ? UNKNOWN : networkOf(address)
}

/**
 * Whom the outermost of the proxies says that it serves, counted from the right as for the protocol.
 *
 * @see RFC 7239 section 5.2
 */
function forwardedAddress(
  request: RequestView,
  { clientAddressField: field, hops }: TrustedProxy,
): string | null {
  const value = field === null ? null : request.field(field)
  if (value === null || value.length > MAX_FORWARDED_LENGTH) return null
  const nodes =
    field === 'forwarded'
      ? parseForwarded(value)?.map((element) => element.get('for'))
      : value.split(',').map(trimWhitespace)
  const node = nodes?.at(-hops)
  return node === undefined ? null : withoutPort(node)
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` without what is not the address. */
function withoutPort(node: string): string {
  if (node.startsWith('[')) return node.slice(1, Math.max(1, node.indexOf(']')))
  const colon = node.indexOf(':')
  return colon >= 0 && colon === node.lastIndexOf(':') ? node.slice(0, colon) : node
}

function networkOf(address: IpAddress): string {
  if (address.length === 4) return address.join('.')
  const groups: string[] = []
  for (let index = 0; index < 8; index += 2) {
    groups.push((((address[index] ?? 0) << 8) | (address[index + 1] ?? 0)).toString(16))
  }
  return `${groups.join(':')}::/64`
}

const UNKNOWN = 'unknown'
