import type { Jws } from '../../src/jwt/compact.js'
import type { VerificationKey } from '../../src/jwt/keys.js'
import { type SignatureVerdict, verifySignature } from '../../src/jwt/verify-signature.js'

/** One way in which this runtime can judge a signature. Each must give every verdict of every vector. */
export interface SignatureEngine {
  readonly name: string
  verify(jws: Jws, key: VerificationKey): SignatureVerdict | Promise<SignatureVerdict>
}

export const ENGINES: readonly SignatureEngine[] = [{ name: 'jose', verify: verifySignature }]
