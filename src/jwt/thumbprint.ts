import { sha256Base64url } from '../runtime/sha256.js'

/**
 * The SHA-256 thumbprint of a public key: 43 characters that are equal for equal keys only, whatever else their JWK says.
 *
 * @param material what the vetting of a key has left of it: the required members and nothing else, each in its one
 *   spelling
 * @see RFC 7638 section 3
 */
export function jwkThumbprint(material: Readonly<Record<string, string>>): string {
  const members = Object.entries(material).sort(([one], [other]) => (one < other ? -1 : 1))
  return sha256Base64url(JSON.stringify(Object.fromEntries(members)))
}
