import { type JwkSet, parseJwkSet } from '../jwt/jwk-set.js'
import { type ExchangeLimits, exchange } from './exchange.js'

/**
 * Fetches a JWK Set once. Rejects if it cannot be had: no answer within the limits, or a body that is not a key set.
 *
 * Takes nothing from a token: the URL is the configuration's.
 */
export async function fetchJwkSet(
  url: string,
  fetch: typeof globalThis.fetch,
  limits: ExchangeLimits,
): Promise<JwkSet> {
  const answer = await exchange({ url, accept: MEDIA_TYPES }, limits, fetch)
  if (answer.kind === 'failed') throw answer.cause
  const set = parseJwkSet(answer.bytes, limits.maxBytes)
  if (!set.ok) throw new Error('the body is not a JWK Set')
  // An issuer without keys is an issuer in trouble: keys that are held keep serving.
  if (set.value.keys.length === 0) throw new Error('the JWK Set holds no keys')
  return set.value
}

/** @see RFC 7517 section 8.5.2; most issuers send plain JSON. */
const MEDIA_TYPES = ['application/jwk-set+json', 'application/json']
