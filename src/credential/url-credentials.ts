import { Redacted } from '../shared/redacted.js'
import { hasJwtShape } from './bearer.js'
import type { CredentialKind, CredentialLocations } from './credential.js'

/** A credential that was found in a URL, where logs, histories and referrers keep it. */
export interface UrlCredential {
  /** What it would have been elsewhere; null if that cannot be told. */
  readonly kind: CredentialKind | null
  /** Its text with percent-encoding undone; octets beyond ASCII stand as one character each. */
  readonly text: Redacted
}

/**
 * Finds the first credential in a request's URL, so that the request can be refused and the credential reported.
 *
 * Taken for one: the userinfo of an absolute URL; a parameter with a refused name and any value; a parameter whose
 * value looks like a JWT, or starts like one of our API keys and is long enough to be one, whatever its name. Names and values are percent-decoded
 * once, as a server would; broken percent-encoding stands for itself. `&`, `;` and `#` all end a parameter: whoever
 * logs the URL does not care which of them the server knows.
 *
 * The whole URL is read, in linear time and without a limit of its own: a limit would be a place to hide behind, and
 * the transport has set one already. Does not look into the path, nor into a URL that is encoded in a value.
 *
 * @see RFC 6750 section 5.3, RFC 9110 section 4.2.4
 */
export function credentialInUrl(
  url: string,
  locations: Pick<CredentialLocations, 'refusedQueryParameters' | 'keyPrefixes'>,
): UrlCredential | null {
  return inUserinfo(url) ?? inQuery(url, locations)
}

function inUserinfo(url: string): UrlCredential | null {
  // What nearly every request has is a path.
  if (url.startsWith('/')) return null
  const scheme = indexOfAny(url, ':/?#', 0)
  if (!url.startsWith('://', scheme)) return null
  const authority = url.slice(scheme + 3, indexOfAny(url, '/?#', scheme + 3))
  const userinfo = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0))
  return userinfo === '' || userinfo === ':'
    ? null
    : { kind: 'basic', text: new Redacted(decoded(userinfo)) }
}

function inQuery(
  url: string,
  locations: Pick<CredentialLocations, 'refusedQueryParameters' | 'keyPrefixes'>,
): UrlCredential | null {
  if (!url.includes('?') && !url.includes('#')) return null
  let start = indexOfAny(url, '?#', 0) + 1
  let equals = -1
  for (let at = start; at <= url.length; at++) {
    const code = at === url.length ? AMPERSAND : url.charCodeAt(at)
    if (code === EQUALS_SIGN && equals < 0) equals = at
    if (code !== AMPERSAND && code !== SEMICOLON && code !== HASH) continue
    // A parameter without `=` is judged by its text: a token may stand there bare.
    const name = equals < 0 ? '' : formDecoded(url.slice(start, equals))
    const value = formDecoded(url.slice(equals < 0 ? start : equals + 1, at))
    const found = value === '' ? null : inParameter(name, value, locations)
    if (found !== null) return found
    start = at + 1
    equals = -1
  }
  return null
}

function inParameter(
  name: string,
  value: string,
  locations: Pick<CredentialLocations, 'refusedQueryParameters' | 'keyPrefixes'>,
): UrlCredential | null {
  if (hasJwtShape(value)) return { kind: 'bearer', text: new Redacted(value) }
  for (const prefix of locations.keyPrefixes) {
    if (value.length >= prefix.length + SECRET_LENGTH && value.startsWith(prefix)) {
      return { kind: 'api-key', text: new Redacted(value) }
    }
  }
  // Some servers read `token[]=...` as a list of tokens.
  const lowerCase = (name.endsWith('[]') ? name.slice(0, -2) : name).toLowerCase()
  for (const refused of locations.refusedQueryParameters) {
    if (refused.length === lowerCase.length && refused.toLowerCase() === lowerCase) {
      return { kind: REFUSED.get(lowerCase) ?? null, text: new Redacted(value) }
    }
  }
  return null
}

/** The first index, from `from` on, of one of these characters; the text's length if there is none. */
function indexOfAny(text: string, characters: string, from: number): number {
  for (let at = from; at < text.length; at++) if (characters.includes(text.charAt(at))) return at
  return text.length
}

/** As forms are decoded: `+` is a space, too. */
function formDecoded(text: string): string {
  return decoded(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

function decoded(text: string): string {
  if (!text.includes('%')) return text
  let plain = ''
  for (let at = 0; at < text.length; at++) {
    const high = text[at] === '%' ? hexValue(text.charCodeAt(at + 1)) : -1
    const low = high < 0 ? -1 : hexValue(text.charCodeAt(at + 2))
    if (low < 0) {
      plain += text.charAt(at)
    } else {
      plain += String.fromCharCode(high * 16 + low)
      at += 2
    }
  }
  return plain
}

/** The value of a hexadecimal digit; -1 for any other character and for NaN, the end of the text. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** What follows the prefix of a key holds a secret, so it is at least this long; `?ref=acme_summer` is no key. */
const SECRET_LENGTH = 32

const AMPERSAND = 0x26
const SEMICOLON = 0x3b
const HASH = 0x23
const EQUALS_SIGN = 0x3d

/**
 * Refused names, each with the kind whose challenge then carries the error.
 *
 * Listed is what has no honest use in the query of an API call: the names of RFC 6750 and OAuth's token responses, the
 * usual spellings of an API key, and secrets that RFC 6749 section 2.3.1 keeps out of URLs. Not listed are names that
 * protocols put there by design: `code` and `state` (redirects), `sig`, `signature`, `expires` (signed URLs), and
 * words with many other meanings (`key`, `auth`, `session`). `token` is listed although links in e-mails use it:
 * such a link is no API call, and a route that takes one can have a list of its own.
 */
const REFUSED: ReadonlyMap<string, CredentialKind> = new Map([
  ['access_token', 'bearer'],
  ['id_token', 'bearer'],
  ['refresh_token', 'bearer'],
  ['token', 'bearer'],
  ['jwt', 'bearer'],
  ['bearer', 'bearer'],
  ['authorization', 'bearer'],
  ['api_key', 'api-key'],
  ['apikey', 'api-key'],
  ['api-key', 'api-key'],
  ['x-api-key', 'api-key'],
  ['password', 'basic'],
  ['client_secret', 'basic'],
])

/** Query parameters that are taken for a credential unless the gate is told otherwise, in lower case. */
export const DEFAULT_REFUSED_QUERY_PARAMETERS: readonly string[] = Object.freeze([
  ...REFUSED.keys(),
])
