import { fail, type Result, succeed } from './result.js'

/**
 * Canonical base64 and base64url (RFC 4648 sections 3.5, 4, 5): every byte string has exactly one spelling, and every
 * other spelling is refused. A token whose text could be varied without changing its meaning would slip past any
 * deny list or replay store keyed by that text.
 */

/** The bytes spelled by unpadded base64url; refused if padded, spaced, or with unused bits that are not zero. */
export function decodeBase64url(text: string): Result<Uint8Array<ArrayBuffer>, 'not_base64url'> {
  const bytes = decode(text, VALUES_URL)
  return bytes === null ? fail('not_base64url') : succeed(bytes)
}

/** Unpadded base64url. */
export function encodeBase64url(bytes: Uint8Array): string {
  return encode(bytes, ALPHABET_URL)
}

/** The bytes spelled by base64 with its padding; refused if the padding is missing or anything is not canonical. */
export function decodeBase64(text: string): Result<Uint8Array<ArrayBuffer>, 'not_base64'> {
  if (text.length % 4 !== 0) return fail('not_base64')
  let end = text.length
  if (text.endsWith('==')) end -= 2
  else if (text.endsWith('=')) end -= 1
  const bytes = decode(text.slice(0, end), VALUES_STANDARD)
  // INVARIANT: with the length a multiple of 4, the padding count fits the tail that `decode` accepts.
  return bytes === null ? fail('not_base64') : succeed(bytes)
}

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, ALPHABET_STANDARD)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

function decode(text: string, values: Int8Array): Uint8Array<ArrayBuffer> | null {
  const tail = text.length % 4
  if (tail === 1) return null
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let at = 0
  let bits = 0
  let held = 0
  for (let index = 0; index < text.length; index++) {
    const value = values[text.charCodeAt(index)] ?? -1
    if (value < 0) return null
    held = (held << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
      held &= (1 << bits) - 1
    }
  }
  // The unused low bits of the last character must be zero, or several texts would spell the same bytes.
  return held === 0 ? bytes : null
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text += alphabet[(held >> bits) & 0x3f]
      held &= (1 << bits) - 1
    }
  }
  if (bits > 0) text += alphabet[(held << (6 - bits)) & 0x3f]
  return text
}

function valuesOf(alphabet: string): Int8Array {
  const values = new Int8Array(128).fill(-1)
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value
  return values
}

const LETTERS_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const ALPHABET_STANDARD = `${LETTERS_DIGITS}+/`
const ALPHABET_URL = `${LETTERS_DIGITS}-_`
const VALUES_STANDARD = valuesOf(ALPHABET_STANDARD)
const VALUES_URL = valuesOf(ALPHABET_URL)
