import type { RefusalReason, RefusedCredential } from './verifier.js'

/** The verdict that the credential is at fault; `claim` names the claim that is, never its value. */
export function refused(reason: RefusalReason, claim?: string): RefusedCredential {
  return claim === undefined ? { kind: 'refused', reason } : { kind: 'refused', reason, claim }
}

/** Whether the credential was good once and its time is over: the one fault that a client is told. */
export function isExpiry(reason: RefusalReason): boolean {
  return reason === 'token_expired' || reason === 'api_key_expired'
}
