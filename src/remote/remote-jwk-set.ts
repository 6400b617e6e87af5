import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { KeySource } from '../jwt/jwk-set.js'
import { checkedOptions } from '../shared/options.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import { fetchJwkSet } from './fetch-jwk-set.js'
import { type KeySourceOptions, SOURCE_OPTIONS, sourceSettings } from './source-options.js'
import { SurvivingKeys } from './surviving-keys.js'

export interface RemoteJwkSetOptions extends KeySourceOptions {
  /** The issuer's `jwks_uri`: https; http only on `localhost`, `127.0.0.1` and `[::1]`. No user name or password. */
  readonly url: string
}

/**
 * The keys that an issuer publishes at a URL.
 *
 * They are fetched when first needed, by one request however many wait for it. While requests come they are renewed in
 * the background, before they are as old as the issuer's cache fields say within `minAge` and `maxAge`. A token with a
 * key that is not among them causes another fetch; such tokens can be forged at will, so at most one per `cooldown`. A
 * key that the issuer withdraws is refused from the next fetch on.
 *
 * After a failure the issuer is left alone, for the cooldown at first and longer each time. The last good keys serve on
 * until they are `staleIfError` beyond their age; then, and for keys that nobody has seen, the answer is `unavailable`.
 * A document without a usable key is a failure. Never rejects.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`
 * @see RFC 7517 section 5, RFC 8725 section 3.10, RFC 9111
 */
export function remoteJwkSet(options: RemoteJwkSetOptions): KeySource {
  const checked = checkedOptions('remoteJwkSet', OPTIONS, options)
  const settings = sourceSettings(checked)
  const url = parseSecureUrl(checked.url)
  if (url === null) {
    throw new ConfigurationError(
      'url_invalid',
      'remoteJwkSet: the URL must be https (http on localhost only) and hold no user name or password.',
    )
  }
  return new SurvivingKeys({
    ...settings,
    // A query may hold a key of ours.
    name: `${url.origin}${url.pathname}`,
    fetch: (now) => fetchJwkSet(url.href, settings, now),
  })
}

const OPTIONS = z.extend(SOURCE_OPTIONS, { url: z.string() })
