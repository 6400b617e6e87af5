/**
 * The kind of token that a `typ` names, in one spelling: lower case, without the `application/` that may be left out;
 * null if it is no media type. `at+jwt`, `AT+JWT` and `application/at+jwt` are one kind.
 *
 * @see RFC 7515 section 4.1.9
 */
export function tokenKind(typ: string): string | null {
  // ASCII only, so that no other character folds to a letter of the expected kind.
  for (let at = 0; at < typ.length; at++) {
    const code = typ.charCodeAt(at)
    if (code <= SPACE || code >= DELETE) return null
  }
  const kind = typ.toLowerCase()
  const bare = kind.startsWith(PREFIX) ? kind.slice(PREFIX.length) : kind
  // With another slash in it, it is a media type of another tree and the prefix was never left out.
  return bare === '' || bare.includes('/') ? null : bare
}

const PREFIX = 'application/'
const SPACE = 0x20
const DELETE = 0x7f

/** The kind of a JWT access token. @see RFC 9068 section 2.1 */
export const ACCESS_TOKEN = 'at+jwt'
