import { type JwkSet, parseJwkSet } from '../jwt/jwk-set.js'
import { holdsUsableKey } from '../jwt/keyring.js'
import { fail, type Result } from '../shared/result.js'
import { type Fetched, type FetchSettings, fetchDocument } from './fetch-document.js'

/**
 * Fetches a JWK Set once. Never rejects.
 *
 * A set without a single key that anybody could verify with is a failure: that is an issuer in trouble, not one that
 * has withdrawn its keys, and the keys that are held keep serving. Takes nothing from a token.
 */
export function fetchJwkSet(
  url: string,
  settings: FetchSettings,
  now: number,
): Promise<Fetched<JwkSet>> {
  return fetchDocument({ url, accept: MEDIA_TYPES }, settings, now, (bytes) =>
    readJwkSet(bytes, settings.maxBytes),
  )
}

function readJwkSet(bytes: Uint8Array, maxBytes: number): Result<JwkSet, string> {
  const set = parseJwkSet(bytes, maxBytes)
  if (!set.ok) return fail('the body is not a JWK Set')
  return holdsUsableKey(set.value) ? set : fail('the JWK Set holds no usable key')
}

/** @see RFC 7517 section 8.5.2; most issuers send plain JSON. */
const MEDIA_TYPES = ['application/jwk-set+json', 'application/json']
