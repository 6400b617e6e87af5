import { decodeBase64 } from '../shared/base64.js'
import { senderOf, type TrustedProxy } from './proxy.js'
import type { RequestView } from './request-view.js'

/**
 * The certificate in DER that the client has proved to hold; null if it has shown none, or nobody who is believed says so.
 *
 * It is the connection's, or, for a request from a trusted proxy, what the proxy's field says: the certificate of that
 * connection would be the proxy's own. Does not ask who vouches for it.
 *
 * @see RFC 9440 section 2
 */
export function clientCertificateOf(
  request: RequestView,
  proxy: TrustedProxy | null,
): Uint8Array | null {
  const sender = proxy === null ? 'other' : senderOf(request, proxy)
  if (sender === 'other') return request.clientCertificate?.() ?? null
  const name = sender === 'proxy' ? (proxy?.clientCertificateField ?? null) : null
  const value = name === null ? null : request.field(name)
  return value === null ? null : parseClientCertificate(value)
}

/**
 * Reads a certificate as proxies write it: bytes between colons (`Client-Cert`, RFC 9440), or PEM with its line ends
 * percent-encoded (`$ssl_client_escaped_cert` of nginx). Of a chain in PEM it is the first, which is the client's.
 *
 * @returns null for anything else, also for a field that came twice, and one beyond 16,384 characters
 */
export function parseClientCertificate(fieldValue: string): Uint8Array | null {
  if (fieldValue.length > MAX_LENGTH) return null
  const text = fieldValue.startsWith(':') ? betweenColons(fieldValue) : inPem(fieldValue)
  const bytes = text === null || text === '' ? null : decodeBase64(text)
  return bytes?.ok === true ? bytes.value : null
}

function betweenColons(fieldValue: string): string | null {
  return fieldValue.length > 1 && fieldValue.endsWith(':') ? fieldValue.slice(1, -1) : null
}

function inPem(fieldValue: string): string | null {
  const pem = unescaped(fieldValue)
  // Lines of one field come joined by a comma, which PEM does not hold: the first may be what the client wrote itself.
  if (pem === null || !pem.startsWith(BEGIN) || pem.includes(',')) return null
  const end = pem.indexOf(END)
  return end < 0 ? null : pem.slice(BEGIN.length, end).replace(/[\r\n]/g, '')
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

const MAX_LENGTH = 16_384
const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'
