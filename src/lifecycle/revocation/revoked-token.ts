import { insert, type Steps } from '../store/steps.js'
import type { RecordKey } from '../store/store.js'
import { noticeText } from './notice.js'

/**
 * Revokes one access token for the rest of its life.
 *
 * @param credentialId what its principal is known by: never the token's text
 * @param until the first second in which no verifier takes it any more
 */
export function* revokeOneToken(credentialId: string, until: number, now: number): Steps<void> {
  const notice = { text: noticeText({ kind: 'token', id: credentialId }), until }
  yield* insert(revokedTokenKey(credentialId), '', { now, expiresAt: until, notice })
}

export function revokedTokenKey(credentialId: string): RecordKey {
  return { kind: 'revoked_token', id: credentialId }
}
