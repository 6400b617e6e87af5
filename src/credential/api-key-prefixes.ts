import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { checkedOptions } from '../shared/options.js'
import {
  API_KEY_ID_LENGTH,
  API_KEY_SECRET_LENGTH,
  CHECKSUM_LENGTH,
  isApiKeyPrefix,
  type ParsedApiKey,
  parseApiKey,
} from './api-key.js'

/** The kinds of API keys that an organisation gives out, declared once. Immutable. */
export interface ApiKeyPrefixes<Prefix extends string = string> {
  readonly prefixes: readonly Prefix[]
  /**
   * The source of a regular expression that finds all of these keys in a text, for secret scanners: without flags, look-around or
   * captures, as RE2, Hyperscan, PCRE and JavaScript read it, in linear time. What it finds has the form of a key; `check` also
   * looks at the checksum.
   */
  readonly pattern: string
  /** The same for one kind. */
  patternOf(prefix: Prefix): string
  /**
   * Whether a text is well-formed as one of these keys, checksum included, and of which kind. Asks nobody, and takes no
   * longer for a long text. That the key exists, or ever did, is not known by that.
   */
  check(text: string): ParsedApiKey<Prefix> | null
}

/**
 * Declares the prefixes of API keys: one for each kind, such as `acme_live` and `acme_test`. One may begin like another:
 * keys of both are told apart by their lengths.
 *
 * ```ts
 * const prefixes = defineApiKeyPrefixes(['acme_live', 'acme_test'])
 * prefixes.pattern // for the scanner
 * prefixes.check(text)?.prefix // 'acme_live'
 * ```
 *
 * @param prefixes 1 to 32, each 2 to 16 of `a-z`, `0-9` and `_`, none twice
 * @throws ConfigurationError `option_invalid`
 */
export function defineApiKeyPrefixes<const Prefix extends string>(
  prefixes: readonly Prefix[],
): ApiKeyPrefixes<Prefix> {
  checkedOptions('defineApiKeyPrefixes', PREFIXES, prefixes)
  const known = Object.freeze([...prefixes])
  return Object.freeze<ApiKeyPrefixes<Prefix>>({
    prefixes: known,
    pattern: patternOf(known),
    patternOf(prefix) {
      if (known.includes(prefix)) return patternOf([prefix])
      throw new ConfigurationError('option_invalid', 'patternOf: not one of the prefixes.')
    },
    check(text) {
      if (typeof text !== 'string' || text.length > MAX_LENGTH) return null
      // A key says by its length how long its prefix is, so that no text can be a key of two.
      const length = text.length - LENGTH_AFTER_PREFIX
      const prefix = known.find((each) => each.length === length && text.startsWith(each))
      if (prefix === undefined) return null
      const parsed = parseApiKey(text, prefix)
      return parsed.ok ? parsed.value : null
    },
  })
}

/**
 * Prefixes have nothing that would have to be escaped. A word boundary on both sides: what is longer than a key, or part of
 * a longer name, is none.
 */
function patternOf(prefixes: readonly string[]): string {
  const [first = '', ...others] = prefixes
  const start = others.length === 0 ? first : `(?:${prefixes.join('|')})`
  const rest = API_KEY_SECRET_LENGTH + CHECKSUM_LENGTH
  return `\\b${start}_[0-9A-Za-z]{${API_KEY_ID_LENGTH}}_[0-9A-Za-z]{${rest}}\\b`
}

const LENGTH_AFTER_PREFIX = 1 + API_KEY_ID_LENGTH + 1 + API_KEY_SECRET_LENGTH + CHECKSUM_LENGTH
const MAX_LENGTH = 16 + LENGTH_AFTER_PREFIX

const PREFIXES = /* @__PURE__ */ z.array(z.string().check(z.refine(isApiKeyPrefix))).check(
  z.minLength(1),
  z.maxLength(32),
  z.refine((prefixes) => new Set(prefixes).size === prefixes.length),
)
