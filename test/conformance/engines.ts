import type { Jws } from '../../src/jwt/compact.js'
import { verifyWithJose } from '../../src/jwt/jose-engine.js'
import type { VerificationKey } from '../../src/jwt/keys.js'
import { verifyNatively } from '../../src/jwt/native-engine.js'
import type { SignatureVerdict } from '../../src/jwt/signature-verdict.js'
import { verifySignature } from '../../src/jwt/verify-signature.js'

/** One way in which this runtime can judge a signature. Each must give every verdict of every vector. */
export interface SignatureEngine {
  readonly name: string
  verify(jws: Jws, key: VerificationKey): Promise<SignatureVerdict>
}

export const ENGINES: readonly SignatureEngine[] = [
  { name: 'the library as it chooses', verify: async (jws, key) => verifySignature(jws, key) },
  { name: 'jose', verify: verifyWithJose },
  {
    name: 'the native engine',
    verify: async (jws, key) => answered(await verifyNatively(jws, key)),
  },
  {
    name: 'the native engine in the pool',
    verify: async (jws, key) => {
      const isValid = await new Promise((resolve) => {
        const native = key.native()
        if (native === null) resolve(null)
        else native.verifyInPool(jws, resolve)
      })
      return answered(isValid === null ? null : isValid === true ? 'valid' : 'signature_invalid')
    },
  },
]

/** Where this suite runs there is `node:crypto`, and it knows every algorithm: it has no excuse for not answering. */
function answered(verdict: SignatureVerdict | null): SignatureVerdict {
  if (verdict === null) throw new Error('the native engine has not answered')
  return verdict
}
