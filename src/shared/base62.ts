import { ConfigurationError } from '../errors.js'
import { hex } from './bytes.js'

/**
 * Base62 of a fixed width, digits first, then upper and lower case: text that survives a double click, a URL and a
 * shell. A number, or a byte string of one length, has exactly one spelling of one width.
 */

/**
 * A whole number, padded with zeros on the left.
 *
 * @throws ConfigurationError `option_invalid` if it is negative, not whole, or needs more characters than that
 */
export function base62FromNumber(value: number, width: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw doesNotFit(width)
  let text = ''
  let rest = value
  while (text.length < width) {
    text = `${ALPHABET[rest % ALPHABET.length]}${text}`
    rest = Math.floor(rest / ALPHABET.length)
  }
  if (rest > 0) throw doesNotFit(width)
  return text
}

/**
 * The bytes, read as one big-endian number, padded with zeros on the left.
 *
 * Different bytes give different text, so random bytes keep all of their entropy: no remainder is taken that would
 * fold several values into one. 32 bytes need 43 characters; 11 bytes need 15 and leave a 16th zero.
 *
 * @throws ConfigurationError `option_invalid` if `width` characters cannot hold every string of that many bytes
 */
export function base62FromBytes(bytes: Uint8Array, width: number): string {
  // Judged by the length and not by the value: otherwise only some random bytes would be refused.
  if (256n ** BigInt(bytes.length) > BASE ** BigInt(width)) throw doesNotFit(width)
  return digits(BigInt(`0x0${hex(bytes)}`), width)
}

/** Whether every character from `from` (inclusive) to `end` (exclusive) is a base62 character. */
export function isBase62(text: string, from = 0, end: number = text.length): boolean {
  for (let index = from; index < end; index++) {
    if (ALPHABET_CODES[text.charCodeAt(index)] !== 1) return false
  }
  return true
}

function digits(value: bigint, width: number): string {
  let text = ''
  let rest = value
  while (text.length < width) {
    text = `${ALPHABET[Number(rest % BASE)]}${text}`
    rest /= BASE
  }
  if (rest > 0n) throw doesNotFit(width)
  return text
}

function doesNotFit(width: number): ConfigurationError {
  return new ConfigurationError('option_invalid', `The value does not fit ${width} base62 digits.`)
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ALPHABET_CODES = Uint8Array.from({ length: 128 }, (_, code) =>
  ALPHABET.includes(String.fromCharCode(code)) ? 1 : 0,
)
const BASE = 62n
