import { isLoopbackAddress, parseIpAddress } from '../shared/ip-address.js'
import { isLoopbackHost } from '../shared/secure-url.js'
import { isForwardedEncrypted, senderOf, type TrustedProxy } from './proxy.js'
import type { RequestView } from './request-view.js'

/** How it is told whether a request came encrypted. */
export interface Transport {
  /** Whose word about a client's connection is taken; null: nobody's. */
  readonly proxy: TrustedProxy | null
  /** Credentials over cleartext are taken from anywhere. */
  readonly allowsCleartext: boolean
}

/**
 * Whether a credential in this request travelled encrypted, or never left the machine.
 *
 * Of what comes from a proxy only the proxy's word counts: neither the hop from it, nor the `Host` it asks for. Where
 * the word of some addresses is taken and the platform does not say who connected, nothing counts.
 */
export function isConfidential(
  request: RequestView,
  { proxy, allowsCleartext }: Transport,
): boolean {
  if (allowsCleartext) return true
  const sender = proxy === null ? 'other' : senderOf(request, proxy)
  if (sender === 'other') return request.encrypted || isLoopback(request)
  return sender === 'proxy' && proxy !== null && isForwardedEncrypted(request, proxy)
}

/**
 * Whether the request stayed on this machine: `Host` names it, and the connection, where it is known, comes from it. The
 * name alone is written by the client; one that lies about it where the address is not known exposes only itself.
 */
function isLoopback(request: RequestView): boolean {
  if (!isLoopbackHost(hostnameOf(request))) return false
  const { remoteAddress } = request
  // The two that development meets, without parsing them.
  if (remoteAddress === null || remoteAddress === '127.0.0.1' || remoteAddress === '::1')
    return true
  const address = parseIpAddress(remoteAddress)
  return address !== null && isLoopbackAddress(address)
}

/** The host without its port; empty if that is no number. */
function hostnameOf(request: RequestView): string {
  const host = (request.field('host') ?? request.field(':authority') ?? '').toLowerCase()
  const end = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') : 0)
  if (end < 0) return host
  for (const digit of host.slice(end + 1)) if (digit < '0' || digit > '9') return ''
  return host.slice(0, end)
}
