import { nodeEventLoop } from '../runtime/event-loop.js'
import type { Eventual } from '../shared/eventual.js'
import type { SignedText } from './compact.js'
import type { VerificationKey } from './keys.js'
import { createPoolPolicy, type PoolPolicy } from './pool-policy.js'
import type { SignatureVerdict } from './signature-verdict.js'

/** What the native engine says of a signature; null if it cannot say, because of this runtime or of this key. */
export type NativeVerdict = Exclude<SignatureVerdict, 'key_unknown'> | null

/**
 * Verifies a signature with the crypto of the runtime itself: HMAC and RSA at once, elliptic curves at once or in the
 * thread pool, as the policy of the pool decides.
 *
 * INVARIANT: never looser than jose. It gets the same strictly parsed token and the same vetted key, and answers
 * `valid` only if the signature has the exact length for its algorithm and the runtime has found it good. Never throws
 * or rejects.
 */
export function verifyNatively(jws: SignedText, key: VerificationKey): Eventual<NativeVerdict> {
  const native = key.native()
  if (native === null) return null
  if (native.isQuick) return verdict(native.verify(jws))
  pool ??= createPoolPolicy(nodeEventLoop())
  const isValid = pool.run({
    here: () => native.verify(jws),
    inPool: (done) => native.verifyInPool(jws, done),
  })
  return isValid instanceof Promise ? isValid.then(verdict) : verdict(isValid)
}

function verdict(isValid: boolean | null): NativeVerdict {
  if (isValid === null) return null
  return isValid ? 'valid' : 'signature_invalid'
}

/** One for the process, as the pool is. */
let pool: PoolPolicy | null = null
