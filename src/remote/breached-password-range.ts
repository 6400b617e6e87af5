import { sha1 } from '@noble/hashes/legacy.js'
import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { BreachedPasswords } from '../lifecycle/password/password-policy.js'
import { hex, utf8Bytes, utf8Text } from '../shared/bytes.js'
import { checkedOptions, functionOption, TEXT, wholeNumber } from '../shared/options.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import { exchange } from './exchange.js'

export interface BreachedPasswordRangeOptions {
  /**
   * What the first five digits of a hash are put behind: https, or http on a loopback host, ending in `/`. By default that
   * of Have I Been Pwned; several mirrors can be run at home.
   */
  readonly endpoint?: string
  /** For one question: 1,500 by default, 1 to 60,000. Below the policy's own, which counts as well. */
  readonly timeoutMilliseconds?: number
  /** Instead of the platform's `fetch`, to go through a proxy or to add telemetry. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * A list of leaked passwords that is asked by range: only the first 20 bits of the SHA-1 of a password leave the process,
 * which some 2,000 leaked ones share, and answers are padded, so that their length tells nothing.
 *
 * Asks once for each new password and keeps nothing. Its `isBreached` rejects when the list does not answer as it should.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`
 * @see https://haveibeenpwned.com/API/v3#PwnedPasswords
 */
export function breachedPasswordRange(
  options: BreachedPasswordRangeOptions = {},
): BreachedPasswords {
  const checked = checkedOptions('breachedPasswordRange', OPTIONS, options)
  const { endpoint = HAVE_I_BEEN_PWNED, timeoutMilliseconds = 1_500, fetch } = checked
  if (parseSecureUrl(endpoint) === null || !endpoint.endsWith('/')) {
    throw new ConfigurationError(
      'url_invalid',
      "breachedPasswordRange: endpoint must be an https URL (http only for localhost) that ends in '/'.",
    )
  }
  return Object.freeze({
    async isBreached(password: string) {
      const digest = hex(sha1(utf8Bytes(password.normalize('NFC')))).toUpperCase()
      const [prefix, suffix] = [digest.slice(0, PREFIX_DIGITS), digest.slice(PREFIX_DIGITS)]
      const url = `${endpoint}${prefix}`
      const request = { url, accept: ['text/plain'], fields: { 'add-padding': 'true' } }
      const answer = await exchange(request, { timeoutMilliseconds, maxBytes: MAX_BYTES }, fetch)
      if (answer.kind === 'failed') throw answer.cause
      return countIn(answer.bytes, suffix) > 0
    },
  })
}

/** How often this one of the range has leaked; 0 for one that is not there, and for padding. */
function countIn(bytes: Uint8Array, suffix: string): number {
  const lines = (utf8Text(bytes) ?? '').trimEnd().split(/\r?\n/)
  // All of them, also behind a hit: half an answer, or a page of something else, is none.
  if (!lines.every((line) => LINE.test(line))) throw new Error('The answer is no range of hashes.')
  const line = lines.find((found) => found.startsWith(suffix)) ?? ''
  return Number(line.slice(suffix.length + 1))
}

const HAVE_I_BEEN_PWNED = 'https://api.pwnedpasswords.com/range/'
const PREFIX_DIGITS = 5
const LINE = /^[0-9A-F]{35}:[0-9]{1,10}$/
/** A padded range has up to some 1,000 lines, of less than 50 bytes. */
const MAX_BYTES = 262_144

const OPTIONS = /* @__PURE__ */ z.strictObject({
  endpoint: z.optional(TEXT),
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
  fetch: z.optional(functionOption<typeof globalThis.fetch>()),
})
