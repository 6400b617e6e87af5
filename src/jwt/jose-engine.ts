import { compactVerify } from 'jose/jws/compact/verify'
import type { SignedText } from './compact.js'
import type { VerificationKey } from './keys.js'
import type { SignatureVerdict } from './signature-verdict.js'

/**
 * Verifies a signature with jose on WebCrypto: the engine that runs everywhere, and the reference for the native one.
 *
 * INVARIANT: as for `verifySignature`; jose is told the one algorithm of this header and nothing else. Never rejects:
 * whatever jose throws over is not a valid signature.
 */
export async function verifyWithJose(
  jws: SignedText,
  key: VerificationKey,
): Promise<SignatureVerdict> {
  if (jws.signature.length !== key.signatureBytes) return 'signature_invalid'
  const imported = await key.imported()
  if (imported === null) return 'key_unknown'
  try {
    await compactVerify(jws.text, imported, { algorithms: [jws.header.alg] })
    return 'valid'
  } catch {
    return 'signature_invalid'
  }
}
