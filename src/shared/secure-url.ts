/** Hosts that never leave the machine, as `URL.hostname` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.has(hostname) || hostname.endsWith('.localhost')
}

/**
 * A URL that may be asked or published: https, or http on a loopback host, without a user name or password. Controls
 * and white space around it are refused, which `URL` would drop: what is compared as text must be what is asked.
 *
 * @returns null for anything else
 */
export function parseSecureUrl(text: string): URL | null {
  if (text !== text.trim() || /\p{Cc}/u.test(text)) return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.username !== '' || url.password !== '') return null
  const isSecure =
    url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
  return isSecure ? url : null
}

/**
 * As {@link parseSecureUrl}, for the URL that an authorization server is known by: it has no query and no fragment.
 *
 * @see RFC 8414 section 2
 */
export function parseServerUrl(text: string): URL | null {
  return text.includes('?') || text.includes('#') ? null : parseSecureUrl(text)
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])
