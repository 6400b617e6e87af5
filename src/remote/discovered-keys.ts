import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { JwkSet, KeySource } from '../jwt/jwk-set.js'
import { timeLeft } from '../runtime/time-left.js'
import { isWithin } from '../shared/duration.js'
import { checkedOptions } from '../shared/options.js'
import { parseServerUrl } from '../shared/secure-url.js'
import type { Fetched, FetchSettings } from './fetch-document.js'
import { fetchJwkSet } from './fetch-jwk-set.js'
import { fetchMetadata } from './fetch-metadata.js'
import { type KeySourceOptions, SOURCE_OPTIONS, sourceSettings } from './source-options.js'
import { SurvivingKeys } from './surviving-keys.js'

export interface DiscoveredKeysOptions extends KeySourceOptions {
  /** The exact issuer, as its tokens and its metadata spell it: https; http only on a loopback host. No query. */
  readonly issuer: string
}

/**
 * The keys of an issuer, found through its metadata (`/.well-known/openid-configuration`, or where that is absent
 * `/.well-known/oauth-authorization-server`).
 *
 * Behaves as `remoteJwkSet` does. Metadata is kept for an hour at most, and asked for again after the keys could not be
 * fetched, for they may have moved. Metadata that cannot be had or names another issuer counts like keys that cannot be
 * had. `timeoutMilliseconds` is for an attempt as a whole, however many documents it takes.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`
 * @see RFC 8414, OpenID Connect Discovery 1.0
 */
export function discoveredKeys(options: DiscoveredKeysOptions): KeySource {
  const checked = checkedOptions('discoveredKeys', OPTIONS, options)
  const { issuer } = checked
  if (parseServerUrl(issuer) === null) {
    throw new ConfigurationError(
      'url_invalid',
      'discoveredKeys: the issuer must be an https URL (http on localhost only) without query, fragment, user name or password.',
    )
  }
  const settings = sourceSettings(checked)
  return new SurvivingKeys({ ...settings, name: issuer, fetch: fetchThrough(issuer, settings) })
}

/** Asks for the metadata where none is held that is fresh, and then for the keys. */
function fetchThrough(
  issuer: string,
  settings: FetchSettings,
): (now: number) => Promise<Fetched<JwkSet>> {
  let known: {
    readonly jwksUrl: string
    readonly at: number
    readonly freshSeconds: number
  } | null = null
  return async (now) => {
    const left = timeLeft(settings.timeoutMilliseconds)
    const inTime = (): FetchSettings => ({ ...settings, timeoutMilliseconds: left() })
    if (known === null || !isWithin(known.freshSeconds, known.at, now)) {
      const metadata = await fetchMetadata(
        issuer,
        () => ({ ...inTime(), maxAgeSeconds: METADATA_MAX_AGE_SECONDS }),
        now,
      )
      if (metadata.kind === 'failed') return metadata
      known = { ...metadata.document, at: now, freshSeconds: metadata.freshSeconds }
    }
    const keys = await fetchJwkSet(known.jwksUrl, inTime(), now)
    if (keys.kind === 'failed') known = null
    return keys
  }
}

const METADATA_MAX_AGE_SECONDS = 3_600

const OPTIONS = z.extend(SOURCE_OPTIONS, { issuer: z.string() })
