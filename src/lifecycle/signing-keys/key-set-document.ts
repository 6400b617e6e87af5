import type { JwkSet } from '../../jwt/jwk-set.js'
import { sha256Base64url } from '../../runtime/sha256.js'

/** The JWK Set that verifiers get: public keys only. For `respondWithKeys`, or an answer of your own. */
export interface KeySetDocument {
  /** JSON, of the type `application/jwk-set+json`. */
  readonly body: string
  /** A strong entity tag, quoted: equal exactly for equal bodies. */
  readonly etag: string
  /** How long anyone may keep it. */
  readonly maxAgeSeconds: number
}

/** @see RFC 7517 sections 5 and 8.5.2, RFC 9110 section 8.8.3 */
export function keySetDocument({ keys }: JwkSet, maxAgeSeconds: number): KeySetDocument {
  const body = JSON.stringify({ keys })
  return Object.freeze({ body, etag: `"${sha256Base64url(body)}"`, maxAgeSeconds })
}
