import { Redacted } from '../shared/redacted.js'
import { fail, type Result, succeed } from '../shared/result.js'

/** The most characters an API key may have, inclusive, whatever its format. */
export const MAX_API_KEY_LENGTH = 512

/**
 * Takes the value of a field that carries an API key, such as `X-API-Key`.
 *
 * A key is visible ASCII without comma and quotes. Several field lines arrive joined by a comma and a space, so they
 * are no key. Empty is malformed: a client that sends the field means to send a key. The limit is judged first.
 *
 * Does not check the key's own format: `parseApiKey` does.
 */
export function readApiKeyField(
  fieldValue: string,
): Result<Redacted, 'api_key_malformed' | 'api_key_too_large'> {
  if (fieldValue.length > MAX_API_KEY_LENGTH) return fail('api_key_too_large')
  if (fieldValue === '') return fail('api_key_malformed')
  for (let index = 0; index < fieldValue.length; index++) {
    const code = fieldValue.charCodeAt(index)
    if (code <= 0x20 || code >= 0x7f) return fail('api_key_malformed')
    if (code === COMMA || code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      return fail('api_key_malformed')
    }
  }
  return succeed(new Redacted(fieldValue))
}

const COMMA = 0x2c
const DOUBLE_QUOTE = 0x22
const SINGLE_QUOTE = 0x27
