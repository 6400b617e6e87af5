import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'

/**
 * The SHA-256 thumbprint of a public key: 43 characters that are equal for equal keys only, whatever else their JWK says.
 *
 * @param material what the vetting of a key has left of it: the required members and nothing else, each in its one
 *   spelling
 * @see RFC 7638 section 3
 */
export function jwkThumbprint(material: Readonly<Record<string, string>>): string {
  const members = Object.entries(material).sort(([one], [other]) => (one < other ? -1 : 1))
  return encodeBase64url(sha256(utf8Bytes(JSON.stringify(Object.fromEntries(members)))))
}
