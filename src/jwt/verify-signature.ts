import type { Eventual } from '../shared/eventual.js'
import type { SignedText } from './compact.js'
import { verifyWithJose } from './jose-engine.js'
import type { VerificationKey } from './keys.js'
import { verifyNatively } from './native-engine.js'
import type { SignatureVerdict } from './signature-verdict.js'

/**
 * Verifies the signature of a token with the key that its header named: at once where this runtime can, else with a
 * promise, which never rejects.
 *
 * INVARIANT: the key was found for the algorithm of this header, and that algorithm is allowed. Judges no claim.
 */
export function verifySignature(jws: SignedText, key: VerificationKey): Eventual<SignatureVerdict> {
  // An engine that cannot say has not said no: jose, the reference, decides.
  const verdict = verifyNatively(jws, key)
  if (verdict === null) return verifyWithJose(jws, key)
  if (typeof verdict === 'string') return verdict
  return verdict.then((settled) => settled ?? verifyWithJose(jws, key))
}
