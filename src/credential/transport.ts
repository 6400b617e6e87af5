import { isLoopbackHost } from '../shared/secure-url.js'
import type { RequestView } from './request-view.js'

/**
 * Where TLS ends.
 * - `here`: this process sees TLS itself.
 * - `proxy`: a proxy in front of this process ends TLS and sets `X-Forwarded-Proto`; its last value counts. Only say
 *   so if clients cannot reach this process around the proxy.
 * - `dangerouslyNone`: credentials over cleartext are taken.
 */
export type TlsEnd = 'here' | 'proxy' | 'dangerouslyNone'

/**
 * Whether a credential in this request travelled encrypted, or never left the machine.
 *
 * Loopback is told by the host's name, which the client writes: a client that lies here exposes only itself.
 */
export function isConfidential(request: RequestView, tls: TlsEnd): boolean {
  if (tls === 'dangerouslyNone') return true
  const forwarded = tls === 'proxy' ? request.field('x-forwarded-proto') : null
  // Where the proxy speaks, neither the hop from it nor its Host says how the client came.
  if (forwarded !== null) {
    const last = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim()
    return last.toLowerCase() === 'https'
  }
  return (tls === 'here' && request.encrypted) || isLoopback(request)
}

function isLoopback(request: RequestView): boolean {
  const host = (request.field('host') ?? request.field(':authority') ?? '').toLowerCase()
  const end = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') : 0)
  const name = end < 0 ? host : host.slice(0, end)
  for (const digit of end < 0 ? '' : host.slice(end + 1))
    if (digit < '0' || digit > '9') return false
  return isLoopbackHost(name)
}
