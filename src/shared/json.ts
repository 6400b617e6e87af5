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
 * nested or longer than the limits. Linear in time; never throws; does not recurse.
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
  if (text === null || !isUnambiguous(text, limits.maxDepth ?? MAX_DEPTH)) return fail('not_json')
  try {
    return succeed(JSON.parse(text))
  } catch {
    return fail('not_json')
  }
}

/** Whether a parsed value is an object, which is neither an array nor null. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Looks for what `JSON.parse` lets pass: duplicate names, infinite numbers, depth. It relies on `JSON.parse` to refuse
 * every text that is not JSON, so on such a text its answer does not matter; it only must end.
 */
function isUnambiguous(text: string, maxDepth: number): boolean {
  /** The names seen in each open object, innermost last; null stands for an open array. */
  const open: (Set<string> | null)[] = []
  let nameExpected = false
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (nameExpected && names) {
        const name = memberName(text.slice(at, end))
        if (name === null || names.has(name)) return false
        names.add(name)
      }
      nameExpected = false
      at = end
    } else if (code === MINUS || isDigit(code)) {
      const end = endOfNumber(text, at)
      if (!Number.isFinite(Number(text.slice(at, end)))) return false
      at = end
    } else {
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        if (open.length >= maxDepth) return false
        open.push(code === OPEN_OBJECT ? new Set() : null)
        nameExpected = code === OPEN_OBJECT
      } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
        open.pop()
        nameExpected = false
      } else if (code === COMMA) nameExpected = true
      at++
    }
  }
  return true
}

/** The index behind the closing quote, or behind the text if there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    at += code === BACKSLASH ? 2 : 1
  }
  return text.length
}

/** The name that a quoted string spells: `"\u0061lg"` is `alg`. */
function memberName(quoted: string): string | null {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return null
  }
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && isInNumber(text.charCodeAt(at))) at++
  return at
}

function isInNumber(code: number): boolean {
  return isDigit(code) || code === POINT || code === MINUS || code === PLUS || (code | 0x20) === E
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

const MAX_DEPTH = 16
const MAX_BYTES = 262_144

const QUOTE = 0x22
const PLUS = 0x2b
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const E = 0x65
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
