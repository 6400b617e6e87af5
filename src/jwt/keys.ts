import type { CryptoKey } from 'jose'
import { nodeSignatures } from '../runtime/node-signatures.js'
import { importKey } from '../runtime/web-crypto.js'
import { type Result, succeed } from '../shared/result.js'
import type { AlgorithmEntry } from './algorithms.js'
import { type KeyProblem, vetKey } from './key-vetting.js'
import { type NativeKey, nativeKey } from './native-key.js'
import { signatureLength } from './signature-length.js'

/** A vetted key that verifies signatures of exactly one algorithm. */
export interface VerificationKey {
  readonly kid: string | null
  readonly algorithm: AlgorithmEntry
  /** How long each of its signatures is, in bytes. */
  readonly signatureBytes: number
  /** The key for jose, or null if this runtime cannot import it. Imported once, when first asked for. Never rejects. */
  imported(): Promise<CryptoKey | null>
  /** The key for the native engine, or null if this runtime has none for it. Imported once, when first asked for. */
  native(): NativeKey | null
}

/**
 * A key to verify with, from a JWK. Returns why the key is refused; never throws.
 *
 * @param allowed the algorithms that the verifier allows; the key gets bound to one of them
 */
export function verificationKey(
  jwk: unknown,
  allowed: readonly AlgorithmEntry[],
): Result<VerificationKey, KeyProblem> {
  const vetted = vetKey(jwk, allowed, 'verify')
  if (!vetted.ok) return vetted
  const { kid, algorithm, material } = vetted.value
  let pending: Promise<CryptoKey | null> | null = null
  const imported = (): Promise<CryptoKey | null> => {
    pending ??= importKey(material, algorithm.webCrypto, 'verify').catch(() => null)
    return pending
  }
  let own: NativeKey | null | undefined
  const native = (): NativeKey | null => {
    if (own === undefined) {
      const crypto = nodeSignatures()
      own = crypto === null ? null : nativeKey(crypto, algorithm, material)
    }
    return own
  }
  const signatureBytes = signatureLength(algorithm, material)
  return succeed({ kid, algorithm, signatureBytes, imported, native })
}
