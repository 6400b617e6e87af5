import { Redacted } from '../shared/redacted.js'
import { fail, type Result, succeed } from '../shared/result.js'
import {
  quotedStringEnd,
  spacesEnd,
  token68End,
  tokenEnd,
  trimWhitespace,
  whitespaceEnd,
} from './field-grammar.js'

/** The most characters an `Authorization` value may have, inclusive: 8 KiB. */
export const MAX_AUTHORIZATION_LENGTH = 8_192

/** Well-formed credentials of any scheme, known or not. */
export interface Authorization {
  /** In lower case. */
  readonly scheme: string
  /** The one value behind the scheme, as Bearer, Basic and ApiKey have it; null if there is none. */
  readonly token68: Redacted | null
  /** Whether `name=value` parameters follow the scheme, as with Digest. */
  readonly hasParameters: boolean
}

/**
 * Reads the value of an `Authorization` field by its grammar, `scheme [ 1*SP ( token68 / #auth-param ) ]`.
 *
 * Several field lines arrive joined by a comma, and two credentials joined are never well-formed. Spaces and tabs
 * around the value are passed over; between scheme and value only spaces are. Bytes beyond ASCII are refused, also
 * where the grammar has room for them (`obs-text`), because their meaning is not known.
 *
 * Returns every failure; the limit is judged first. Does not check that a known scheme has what it needs (Bearer: one
 * token68), nor decode anything.
 *
 * @see RFC 9110 section 11.4
 */
export function parseAuthorization(
  fieldValue: string,
): Result<Authorization, 'authorization_malformed' | 'authorization_too_large'> {
  if (fieldValue.length > MAX_AUTHORIZATION_LENGTH) return fail('authorization_too_large')
  const text = trimWhitespace(fieldValue)
  const schemeEnd = tokenEnd(text, 0)
  if (schemeEnd === 0) return fail('authorization_malformed')
  const scheme = text.slice(0, schemeEnd).toLowerCase()
  if (schemeEnd === text.length) return succeed({ scheme, token68: null, hasParameters: false })

  const start = spacesEnd(text, schemeEnd)
  if (start === schemeEnd) return fail('authorization_malformed')
  if (token68End(text, start) === text.length) {
    return succeed({ scheme, token68: new Redacted(text.slice(start)), hasParameters: false })
  }
  const parameters = countParameters(text, start)
  return parameters === null
    ? fail('authorization_malformed')
    : succeed({ scheme, token68: null, hasParameters: parameters > 0 })
}

/** How many parameters the rest of the text lists; null if it is no list, or has a name twice (section 11.2). */
function countParameters(text: string, from: number): number | null {
  const names = new Set<string>()
  let at = from
  for (;;) {
    // An element may be empty (section 5.6.1.2), so a list can hold commas only.
    const nameEnd = tokenEnd(text, at)
    if (nameEnd > at) {
      const name = text.slice(at, nameEnd).toLowerCase()
      if (names.has(name)) return null
      names.add(name)
      const equals = whitespaceEnd(text, nameEnd)
      if (text[equals] !== '=') return null
      const value = whitespaceEnd(text, equals + 1)
      at = Math.max(tokenEnd(text, value), quotedStringEnd(text, value))
      if (at === value) return null
    }
    at = whitespaceEnd(text, at)
    if (at === text.length) return names.size
    if (text[at] !== ',') return null
    at = whitespaceEnd(text, at + 1)
  }
}
