import { decodeBase64, encodeBase64 } from '../shared/base64.js'
import { utf8Bytes, utf8Text } from '../shared/bytes.js'
import { Redacted } from '../shared/redacted.js'
import { fail, type Result, succeed } from '../shared/result.js'

/** What a Basic value says: who, and the password that is to prove it. Either may be empty. */
export interface BasicCredential {
  /** Without a colon. As the client typed it: neither case nor Unicode form is changed. */
  readonly username: string
  readonly password: Redacted
}

/**
 * Reads the value behind `Basic`: canonical base64 of UTF-8 text, split at its first colon.
 *
 * Refuses what could be read in two ways: other spellings of the base64, text that is not UTF-8, a byte order mark at
 * the start, and control characters. Does not check the password, nor normalise either part (RFC 8265 leaves that
 * to the client).
 *
 * @see RFC 7617 section 2
 */
export function parseBasic(token68: string): Result<BasicCredential, 'basic_malformed'> {
  const bytes = decodeBase64(token68)
  const text = bytes.ok ? utf8Text(bytes.value) : null
  if (text === null || text.startsWith(BYTE_ORDER_MARK)) return fail('basic_malformed')
  // The first one: a password may hold colons, and cutting at another would let its start pass for the whole.
  const colon = text.indexOf(':')
  if (colon < 0 || hasControl(text)) return fail('basic_malformed')
  return succeed({
    username: text.slice(0, colon),
    password: new Redacted(text.slice(colon + 1)),
  })
}

/**
 * The value to put behind `Basic `; {@link parseBasic} reads the same two parts from it.
 *
 * @returns `basic_malformed` for what has no spelling: a colon in the username, a control character, a lone surrogate,
 *   a byte order mark at the start
 */
export function formatBasic(username: string, password: string): Result<string, 'basic_malformed'> {
  const text = `${username}:${password}`
  const bytes = utf8Bytes(text)
  if (username.includes(':') || hasControl(text) || text.startsWith(BYTE_ORDER_MARK)) {
    return fail('basic_malformed')
  }
  // A lone surrogate has become U+FFFD on the way, which is another password.
  return utf8Text(bytes) === text ? succeed(encodeBase64(bytes)) : fail('basic_malformed')
}

/** C0 and DEL, which RFC 7617 forbids, and C1 (NEL among them), which RFC 8265 does: they would break up logs. */
function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}

const BYTE_ORDER_MARK = '\ufeff'
