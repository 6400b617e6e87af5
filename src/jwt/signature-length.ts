import { decodeBase64url } from '../shared/base64.js'
import type { AlgorithmEntry } from './algorithms.js'
import { coordinateBytes } from './curve-points.js'

/**
 * The one length in bytes that a signature by this key has. Asked before any engine is: WebCrypto takes an RSA-PSS
 * signature without its leading zero byte, which would be another spelling of the same token.
 *
 * @param material the members that make the key, as `vetKey` has judged them
 * @see RFC 7518 sections 3.2 to 3.5, RFC 8037 section 3.1, RFC 8017 section 8.1.2
 */
export function signatureLength(
  { family, curve, hashBytes }: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): number {
  switch (family) {
    case 'hmac':
      return hashBytes
    case 'rsa': {
      const modulus = decodeBase64url(material['n'] ?? '')
      return modulus.ok ? modulus.value.length : 0
    }
    case 'ec':
      return 2 * (coordinateBytes(curve ?? '') ?? 0)
    case 'okp':
      return 64
  }
}
