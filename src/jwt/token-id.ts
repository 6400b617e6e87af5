import { sha256Base64url } from '../runtime/sha256.js'

/**
 * What a verified token is known by for revocation, replay and single use: 43 characters that are equal for equal
 * tokens only.
 *
 * Made from issuer and `jti`; without a `jti`, from what was signed. INVARIANT: never from the token's text or its
 * signature: an ECDSA signature has a valid twin, so a token known by it could come back under another name.
 */
export function tokenId(issuer: string, jwtId: string | null, signingInput: string): string {
  // The list's JSON has one reading: no issuer that ends like another's `jti` begins can collide with it.
  const name = jwtId === null ? ['signed', signingInput] : ['jti', issuer, jwtId]
  return sha256Base64url(JSON.stringify(name))
}
