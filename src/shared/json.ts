import { utf8Text } from './bytes.js'
import { fail, type Result, succeed } from './result.js'

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [member: string]: JsonValue
}

export interface JsonLimits {
  /** How deep arrays and objects may nest, inclusive; 16 by default. `[[1]]` is two deep. */
  readonly maxDepth?: number
  /** Inclusive; 262,144 by default. */
  readonly maxBytes?: number
}

/**
 * The value that these bytes spell in JSON, if every reader must read the same one from them.
 *
 * Refused besides what RFC 8259 refuses: bytes that are not well-formed UTF-8, a byte order mark, a member name that
 * occurs twice in one object (compared after its escapes are resolved), a number too large to be finite, and what is
 * nested or longer than the limits. Linear in time; never throws; recurses no deeper than that limit.
 *
 * A member named `__proto__` becomes an ordinary own member and changes no prototype; code that copies members one by
 * one must copy into an object without a prototype.
 *
 * @see RFC 8259 sections 4 and 8.1, RFC 7515 section 4
 */
export function parseStrictJson(
  bytes: Uint8Array,
  limits: JsonLimits = {},
): Result<JsonValue, 'not_json'> {
  if (bytes.length > (limits.maxBytes ?? MAX_BYTES)) return fail('not_json')
  const text = utf8Text(bytes)
  const spelt = text === null ? null : spelledMembers(text, limits.maxDepth ?? MAX_DEPTH)
  if (text === null || spelt === null) return fail('not_json')
  try {
    const value: JsonValue = JSON.parse(text)
    // Of two members with one name `JSON.parse` drops the first, and all that is inside it: then some are missing.
    return members(value) === spelt ? succeed(value) : fail('not_json')
  } catch {
    return fail('not_json')
  }
}

/** Whether a parsed value is an object, which is neither an array nor null. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * How many members the objects of a JSON text have together, or null if the text is nested too deep. It relies on
 * `JSON.parse` to refuse every text that is not JSON: on such a text its answer does not matter, it only must end.
 */
function spelledMembers(text: string, maxDepth: number): number | null {
  let count = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = closingQuote(text, at)
        break
      case COLON:
        count += 1
        break
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1
        if (depth > maxDepth) return null
        break
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1
        break
    }
  }
  return count
}

/** Where a string ends that begins with the quote at `start`, or the end of the text. */
function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    // Backslashes in front of a quote escape each other in pairs; one that is left over escapes the quote.
    if ((end - before) % 2 === 1) return end
    end = text.indexOf('"', end + 1)
  }
  return text.length
}

/** How many members the objects in a value have together, or NaN if one of its numbers is not finite. */
function members(value: JsonValue): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) count += members(item)
    return count
  }
  for (const member of Object.values(value)) count += 1 + members(member)
  return count
}

const MAX_DEPTH = 16
const MAX_BYTES = 262_144

const QUOTE = 0x22
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
