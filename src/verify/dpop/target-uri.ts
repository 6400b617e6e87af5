/**
 * An http or https URI without its query and fragment, in the one spelling that all its equivalent spellings share; null
 * for a text that is none.
 *
 * Syntax-based normalisation: scheme and host in lower case, percent-encodings in upper case and only where they are
 * needed, no dot segments. Scheme-based: no default port, and `/` for an empty path. Everything else tells two URIs apart,
 * a slash at the end and the case of the path included. A visible ASCII character that no URI holds, such as `|`, counts
 * as its percent-encoding: clients send some of them, and a backslash so stays what it is. Refused: user names and
 * passwords, spaces, controls, and whatever is not ASCII.
 *
 * @see RFC 3986 sections 6.2.2 and 6.2.3, RFC 9449 section 4.3
 */
export function normalizedTargetUri(text: string): string | null {
  const schemeEnd = text.indexOf('://')
  const scheme = text.slice(0, Math.max(schemeEnd, 0)).toLowerCase()
  const defaultPort = DEFAULT_PORTS.get(scheme)
  if (defaultPort === undefined) return null
  const rest = withoutQuery(text.slice(schemeEnd + 3))
  const slash = rest.indexOf('/')
  const authority = normalizedAuthority(slash < 0 ? rest : rest.slice(0, slash), defaultPort)
  const path = normalizedPath(slash < 0 ? '/' : rest.slice(slash))
  return authority === null || path === null ? null : `${scheme}://${authority}${path}`
}

/**
 * The path of a request's target as it was received: of `/a?b` or of `http://any.example/a?b`. The host that an absolute
 * target names is passed over, for the client chose it. Null for a target without a path (`*`), and for a path with dot
 * segments: routers take them as they stand, so a proof for `/me` would open a route for `/files/../me`. Clients remove
 * them before they send.
 */
export function pathOfTarget(target: string): string | null {
  const path = receivedPath(target)
  return path === null || DOT_SEGMENT.test(path) ? null : path
}

function receivedPath(target: string): string | null {
  if (target.startsWith('/')) return withoutQuery(target)
  const schemeEnd = target.indexOf('://')
  if (schemeEnd < 0) return null
  const rest = withoutQuery(target.slice(schemeEnd + 3))
  const slash = rest.indexOf('/')
  return slash < 0 ? '/' : rest.slice(slash)
}

function withoutQuery(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '?' || text[at] === '#') return text.slice(0, at)
  }
  return text
}

function normalizedAuthority(authority: string, defaultPort: string): string | null {
  // Matched before it is put in lower case: the Kelvin sign would become a `k`.
  const [, spelt, port = ''] = AUTHORITY.exec(authority) ?? []
  if (spelt === undefined) return null
  const host = spelt.toLowerCase()
  const isDefault = port === '' || port === defaultPort
  return isDefault ? host : `${host}:${port}`
}

function normalizedPath(path: string): string | null {
  let plain = ''
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code <= 0x20 || code >= 0x7f) return null
    if (code === PERCENT) {
      const octet = HEX_PAIR.test(path.slice(at + 1, at + 3))
        ? Number.parseInt(path.slice(at + 1, at + 3), 16)
        : -1
      if (octet < 0) return null
      plain += encoded(octet)
      at += 2
    } else {
      plain += IN_PATH.test(path.charAt(at)) ? path.charAt(at) : encoded(code)
    }
  }
  return withoutDotSegments(plain)
}

/** An octet that was, or has to be, percent-encoded. */
function encoded(octet: number): string {
  const character = String.fromCharCode(octet)
  return UNRESERVED.test(character)
    ? character
    : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
}

/** RFC 3986 section 5.2.4, for a path that begins with a slash. */
function withoutDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    // What ends in a dot segment names a directory.
    if (isLast && (segment === '.' || segment === '..')) kept.push('')
  }
  return `/${kept.join('/')}`
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['https', '443'],
  ['http', '80'],
])

/** A registered name, an IPv4 address or an IPv6 address in brackets, and a port. Linear. */
const AUTHORITY = /^([A-Za-z0-9._~!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]*))?$/
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i
const HEX_PAIR = /^[0-9A-Fa-f]{2}$/
const UNRESERVED = /^[A-Za-z0-9._~-]$/
/** Slashes, and the characters of a segment that stand for themselves (RFC 3986 section 3.3). */
const IN_PATH = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]$/
const PERCENT = 0x25
