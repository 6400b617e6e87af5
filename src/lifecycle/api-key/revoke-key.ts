import { timingSafeEqualTexts } from '../../runtime/timing-safe.js'
import { raiseEpoch } from '../revocation/epochs.js'
import { noticeText } from '../revocation/notice.js'
import type { Steps } from '../store/steps.js'
import { type ApiKeySummary, hasEnded, summaryOf } from './api-key-summary.js'
import { type Change, changeKey } from './change-key.js'
import { credentialIdOf } from './stored-key.js'

export type ApiKeyRevocation =
  /** Also if it was revoked before. */
  | { readonly kind: 'revoked'; readonly record: ApiKeySummary }
  /** No key of this prefix has this id, or it ended more than a month ago. */
  | { readonly kind: 'unknown' }

/** What became of a key that somebody has found where it should not be. */
export type LeakedApiKeyRevocation =
  | { readonly kind: 'revoked'; readonly record: ApiKeySummary }
  /** It was the secret before the last rotation: that has ended, the key goes on with its new one. */
  | { readonly kind: 'overlap_ended'; readonly record: ApiKeySummary }
  /** It was a key of ours, and had ended or been revoked. */
  | { readonly kind: 'not_working'; readonly record: ApiKeySummary }
  /** Not a key of ours, whatever it looks like. Nothing has changed. */
  | { readonly kind: 'unknown' }

/**
 * Revokes a key, with both its secrets. INVARIANT: the record stays as a tombstone until the key's end, and nothing makes
 * it valid again.
 */
export function* revokeKey(prefix: string, id: string, now: number): Steps<ApiKeyRevocation> {
  const revocation = yield* changeKey(prefix, id, now, (held): Change<ApiKeyRevocation> => {
    if (held.key.revokedAt !== null) {
      return { kind: 'leave', answer: { kind: 'revoked', record: summaryOf(held, now) } }
    }
    return {
      kind: 'swap',
      next: { ...held.key, revokedAt: now },
      notice: noticeOf(prefix, id, now),
      answer: (changed) => ({ kind: 'revoked', record: summaryOf(changed, now) }),
    }
  })
  return revocation ?? { kind: 'unknown' }
}

/**
 * Ends the secret with this hash, if it is one of the key's: a text that only names somebody's id changes nothing.
 *
 * @param id of the text, which was checked offline before
 */
export function* revokeLeakedKey(
  prefix: string,
  id: string,
  hash: string,
  now: number,
): Steps<LeakedApiKeyRevocation> {
  const revocation = yield* changeKey(prefix, id, now, (held): Change<LeakedApiKeyRevocation> => {
    const { key, isRevoked } = held
    const { previous } = key
    const isCurrent = timingSafeEqualTexts(hash, key.secretHash)
    const isPrevious = timingSafeEqualTexts(hash, previous?.secretHash ?? '')
    if (!isCurrent && !isPrevious) return { kind: 'leave', answer: { kind: 'unknown' } }
    const until = isCurrent || previous === null ? key.expiresAt : previous.until
    if (isRevoked || hasEnded(until, now)) {
      return { kind: 'leave', answer: { kind: 'not_working', record: summaryOf(held, now) } }
    }
    if (isCurrent || previous === null) {
      return {
        kind: 'swap',
        next: { ...key, revokedAt: now },
        notice: noticeOf(prefix, id, now),
        answer: (changed) => ({ kind: 'revoked', record: summaryOf(changed, now) }),
      }
    }
    return {
      kind: 'swap',
      next: { ...key, previous: { ...previous, until: now } },
      answer: (changed) => ({ kind: 'overlap_ended', record: summaryOf(changed, now) }),
    }
  })
  return revocation ?? { kind: 'unknown' }
}

/** Revokes all keys that an application has now, in one write. Keys made afterwards are good. */
export function* revokeApplicationKeys(applicationId: string, now: number): Steps<number> {
  return yield* raiseEpoch('client', applicationId, { now, until: now + NOTICE_SECONDS })
}

function noticeOf(prefix: string, id: string, now: number): { text: string; until: number } {
  const text = noticeText({ kind: 'token', id: credentialIdOf(prefix, id) })
  return { text, until: now + NOTICE_SECONDS }
}

/** How long the feed tells it: for who keeps what a key was found to be, which must not be kept for longer. */
const NOTICE_SECONDS = 86_400
