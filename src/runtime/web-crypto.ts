import type { CryptoKey, JWK } from 'jose'

/**
 * A key for WebCrypto, not extractable. Rejects if the runtime does not support the algorithm or finds the key bad.
 *
 * @param material a JWK of key type and numbers only
 */
export function importKey(
  material: Readonly<Record<string, string>>,
  parameters: { readonly name: string; readonly hash?: string; readonly namedCurve?: string },
  purpose: 'verify' | 'sign',
): Promise<CryptoKey> {
  // `jose` and the DOM describe the same object; the vetting has checked that the members are strings.
  return crypto.subtle.importKey('jwk', material as JWK, parameters, false, [purpose])
}
