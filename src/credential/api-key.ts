import { ConfigurationError } from '../errors.js'
import { base62FromNumber, isBase62 } from '../shared/base62.js'
import { utf8Bytes } from '../shared/bytes.js'
import { crc32 } from '../shared/crc32.js'
import { fail, type Result, succeed } from '../shared/result.js'

/**
 * The format of this library's API keys: `<prefix>_<id>_<secret><checksum>`.
 *
 * The prefix says whose key it is, so that scanners find a leaked one; the id finds the record without the secret;
 * the checksum refuses a mistyped or made-up key without asking the store.
 */

/** Base62 characters of an id: room for 11 random bytes (`base62FromBytes`). */
export const API_KEY_ID_LENGTH = 16
/** Base62 characters of a secret: the fewest that hold 256 bits, 32 random bytes. */
export const API_KEY_SECRET_LENGTH = 43

/** Base62 characters that hold any CRC-32. */
export const CHECKSUM_LENGTH = 6

/** What a key says of itself. Its secret stays in the key's text. */
export interface ParsedApiKey<Prefix extends string = string> {
  readonly prefix: Prefix
  readonly id: string
}

/**
 * Reads a key that should start with this prefix.
 *
 * Keys of one prefix have one length, so that no key of `acme` is one of `acme_live`. Does not check that the key
 * exists: the checksum is public arithmetic, not a proof.
 *
 * @param prefix one that {@link isApiKeyPrefix} accepts
 */
export function parseApiKey<Prefix extends string>(
  text: string,
  prefix: Prefix,
): Result<ParsedApiKey<Prefix>, 'api_key_malformed' | 'api_key_checksum'> {
  const idStart = prefix.length + 1
  const idEnd = idStart + API_KEY_ID_LENGTH
  const checksumStart = idEnd + 1 + API_KEY_SECRET_LENGTH
  if (
    text.length !== checksumStart + CHECKSUM_LENGTH ||
    !text.startsWith(`${prefix}_`) ||
    text[idEnd] !== '_' ||
    !isBase62(text, idStart, idEnd) ||
    !isBase62(text, idEnd + 1)
  ) {
    return fail('api_key_malformed')
  }
  if (checksum(text.slice(0, checksumStart)) !== text.slice(checksumStart)) {
    return fail('api_key_checksum')
  }
  return succeed({ prefix, id: text.slice(idStart, idEnd) })
}

/**
 * Puts a key together and appends its checksum. The text is a secret: show it once, keep a hash.
 *
 * @throws ConfigurationError `option_invalid` for a part that {@link parseApiKey} would not read back
 */
export function formatApiKey(parts: {
  readonly prefix: string
  /** {@link API_KEY_ID_LENGTH} base62 characters. */
  readonly id: string
  /** {@link API_KEY_SECRET_LENGTH} base62 characters from a cryptographic random source. */
  readonly secret: string
}): string {
  if (
    !isApiKeyPrefix(parts.prefix) ||
    parts.id.length !== API_KEY_ID_LENGTH ||
    !isBase62(parts.id) ||
    parts.secret.length !== API_KEY_SECRET_LENGTH ||
    !isBase62(parts.secret)
  ) {
    throw new ConfigurationError(
      'option_invalid',
      'An API key needs a prefix like acme_live, an id of 16 and a secret of 43 base62 characters.',
    )
  }
  const text = `${parts.prefix}_${parts.id}_${parts.secret}`
  return text + checksum(text)
}

/**
 * Whether keys may have this prefix: 2 to 16 of `a-z`, `0-9` and `_`, a letter first, `_` only between two others.
 */
export function isApiKeyPrefix(text: string): boolean {
  if (text.length < 2 || text.length > 16 || text.endsWith('_') || text.includes('__')) return false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const isLetter = code >= 0x61 && code <= 0x7a
    const isInner = (code >= 0x30 && code <= 0x39) || code === 0x5f
    if (!isLetter && (index === 0 || !isInner)) return false
  }
  return true
}

function checksum(text: string): string {
  return base62FromNumber(crc32(utf8Bytes(text)), CHECKSUM_LENGTH)
}
