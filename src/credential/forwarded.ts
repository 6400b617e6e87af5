import { quotedStringEnd, tokenEnd, whitespaceEnd } from './field-grammar.js'

/** What one proxy says of the connection that reached it. Names in lower case; quoting undone. */
export type ForwardedElement = ReadonlyMap<string, string>

/** The most characters a `Forwarded` or `X-Forwarded-*` value may have, inclusive. */
export const MAX_FORWARDED_LENGTH = 4_096

/**
 * Reads a `Forwarded` field, all lines joined: one element for each proxy, the nearest to us last.
 *
 * @returns null if the field is too long or breaks the grammar anywhere, also where a client wrote it: what stands
 *   behind a quote that does not end is not what a proxy meant. Does not judge the values.
 * @see RFC 7239 section 4
 */
export function parseForwarded(fieldValue: string): readonly ForwardedElement[] | null {
  if (fieldValue.length > MAX_FORWARDED_LENGTH) return null
  const elements: ForwardedElement[] = []
  let element = new Map<string, string>()
  let at = whitespaceEnd(fieldValue, 0)
  for (;;) {
    const nameEnd = tokenEnd(fieldValue, at)
    if (nameEnd > at) {
      const name = fieldValue.slice(at, nameEnd).toLowerCase()
      if (element.has(name) || fieldValue[nameEnd] !== '=') return null
      const value = nameEnd + 1
      at = Math.max(tokenEnd(fieldValue, value), quotedStringEnd(fieldValue, value))
      if (at === value) return null
      element.set(name, unquoted(fieldValue.slice(value, at)))
    }
    at = whitespaceEnd(fieldValue, at)
    const separator = fieldValue[at]
    if (separator !== ';' && separator !== ',' && separator !== undefined) return null
    if (separator !== ';') {
      // A list may have empty elements (RFC 9110 section 5.6.1.2): nobody wrote them.
      if (element.size > 0) elements.push(element)
      element = new Map()
    }
    if (separator === undefined) return elements
    at = whitespaceEnd(fieldValue, at + 1)
  }
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
}
