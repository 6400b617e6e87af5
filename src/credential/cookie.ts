import { Redacted } from '../shared/redacted.js'
import { fail, type Result, succeed } from '../shared/result.js'

/** The most characters a `Cookie` field may have to be read, inclusive: 16 KiB. */
export const MAX_COOKIE_FIELD_LENGTH = 16_384
/** The most characters the value of a credential's cookie may have, inclusive: 8 KiB. */
export const MAX_COOKIE_VALUE_LENGTH = 8_192

/**
 * Reads one cookie out of a `Cookie` field, or null if it is not there.
 *
 * The name is compared exactly; only spaces around a pair are passed over, so that no other character can make a
 * neighbour look like this cookie. The cookie twice is malformed: a sibling domain may have planted one of the two,
 * and nothing tells which. Its value is what RFC 6265 lets a server set, without quotes, and may be empty. All other
 * cookies may be garbage.
 *
 * @see RFC 6265 section 4.1.1 and 4.2.1
 */
export function readCookie(
  field: string,
  name: string,
): Result<Redacted | null, 'cookie_malformed' | 'cookie_too_large'> {
  if (field.length > MAX_COOKIE_FIELD_LENGTH) return fail('cookie_too_large')
  let value: string | null = null
  for (let start = 0; start < field.length; ) {
    const semicolon = field.indexOf(';', start)
    const end = semicolon < 0 ? field.length : semicolon
    while (field[start] === ' ') start++
    if (field.startsWith(name, start) && field[start + name.length] === '=') {
      if (value !== null) return fail('cookie_malformed')
      value = withoutSpaces(field, start + name.length + 1, end)
    }
    start = end + 1
  }
  if (value === null) return succeed(null)
  if (value.length > MAX_COOKIE_VALUE_LENGTH) return fail('cookie_too_large')
  return isCookieValue(value) ? succeed(new Redacted(value)) : fail('cookie_malformed')
}

function withoutSpaces(field: string, start: number, pairEnd: number): string {
  let end = pairEnd
  while (end > start && field[end - 1] === ' ') end--
  return field.slice(start, end)
}

/** `*cookie-octet`: visible ASCII without `"`, comma, semicolon and backslash. */
function isCookieValue(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code <= 0x20 || code >= 0x7f || NOT_IN_VALUES.has(code)) return false
  }
  return true
}

const NOT_IN_VALUES: ReadonlySet<number> = new Set([0x22, 0x2c, 0x3b, 0x5c])
