import type { RefusalReason } from './verifier.js'

/** The verdict that the credential is at fault. */
export function refused(reason: RefusalReason): {
  readonly kind: 'refused'
  readonly reason: RefusalReason
} {
  return { kind: 'refused', reason }
}
