import type { DpopProofProblem } from '../jwt/dpop-proof.js'

/** Why a token that is genuine may not be used by who sent it. */
export type BindingRefusal =
  | 'confirmation_unsupported' // it is bound in a way that this verifier cannot check
  | 'token_unbound' // it is bound to nothing, where it has to be
  | 'token_downgraded' // it is bound to a DPoP key, and was sent without the DPoP scheme
  | 'key_mismatch' // the proof is by another key than the token's
  | 'certificate_missing'
  | 'certificate_mismatch'

/** Why a DPoP proof was refused, answered `invalid_dpop_proof`. One code per rule, in the order of the rules. */
export type ProofRefusal =
  | 'proof_missing' // the DPoP scheme without a DPoP field
  | DpopProofProblem['reason']
  | 'proof_method'
  | 'proof_target'
  | 'proof_token' // made for another access token, or for none
  | 'proof_expired' // made too long ago
  | 'proof_from_future'
  | 'proof_signature'
  | 'proof_replayed'

/** Why a DPoP proof needs another nonce, answered `use_dpop_nonce`. */
export type NonceRefusal = 'nonce_missing' | 'nonce_stale'

export function isProofRefusal(reason: string): reason is ProofRefusal {
  return Object.hasOwn(PROOF_REFUSALS, reason)
}

export function isNonceRefusal(reason: string): reason is NonceRefusal {
  return Object.hasOwn(NONCE_REFUSALS, reason)
}

/** Complete by its type. */
const PROOF_REFUSALS: Readonly<Record<ProofRefusal, true>> = {
  proof_missing: true,
  proof_malformed: true,
  proof_type: true,
  proof_algorithm: true,
  proof_key: true,
  proof_claim: true,
  proof_method: true,
  proof_target: true,
  proof_token: true,
  proof_expired: true,
  proof_from_future: true,
  proof_signature: true,
  proof_replayed: true,
}

const NONCE_REFUSALS: Readonly<Record<NonceRefusal, true>> = {
  nonce_missing: true,
  nonce_stale: true,
}
