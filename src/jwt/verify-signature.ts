import { compactVerify } from 'jose/jws/compact/verify'
import type { Jws } from './compact.js'
import type { VerificationKey } from './keys.js'

/** What a signature says. A key that this runtime cannot import is as good as unknown. */
export type SignatureVerdict = 'valid' | 'signature_invalid' | 'key_unknown'

/**
 * Verifies the signature of a token with the key that its header named.
 *
 * INVARIANT: the key was found for the algorithm of this header, and that algorithm is allowed; jose is told this one
 * algorithm and nothing else. Judges no claim. Never rejects: whatever jose throws over is not a valid signature.
 */
export async function verifySignature(
  jws: Pick<Jws, 'header' | 'text'>,
  key: VerificationKey,
): Promise<SignatureVerdict> {
  const imported = await key.imported()
  if (imported === null) return 'key_unknown'
  try {
    await compactVerify(jws.text, imported, { algorithms: [jws.header.alg] })
    return 'valid'
  } catch {
    return 'signature_invalid'
  }
}
