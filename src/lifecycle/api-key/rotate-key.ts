import type { Redacted } from '../../shared/redacted.js'
import { insert, type Steps } from '../store/steps.js'
import { newApiKeySecret } from './api-key.js'
import { type ApiKeySummary, hasEnded, summaryOf } from './api-key-summary.js'
import { type Change, changeKey } from './change-key.js'
import { type HeldKey, readKey } from './read-key.js'
import {
  indexOf,
  keptUntil,
  type PreviousSecret,
  recordOfRotation,
  type StoredApiKey,
} from './stored-key.js'

/** What became of a rotation. Every kind but `rotated` has changed nothing. */
export type ApiKeyRotation =
  | {
      readonly kind: 'rotated'
      /** Show it once: nobody can read it again. */
      readonly key: Redacted
      readonly record: ApiKeySummary
    }
  /** Two secrets work already, until then: say with `drop` which of them is to go. */
  | { readonly kind: 'overlapping'; readonly until: number }
  /** Somebody else has rotated the key at the same moment. */
  | { readonly kind: 'raced' }
  | { readonly kind: 'unknown' | 'revoked' | 'expired' }

export interface RotationWish {
  /** In seconds; 0: the secrets that work now end at once. */
  readonly overlap: number
  /** Which of two secrets goes at once, if two work. */
  readonly drop: 'current' | 'previous' | null
  /** In seconds, of the new secret; null for without end; undefined: as long as the one before was given. */
  readonly lifetime: number | null | undefined
}

/**
 * Gives a key a new secret. The one before goes on for the overlap.
 *
 * INVARIANT: who loses a race changes nothing, so that a secret that somebody was told works.
 */
export function* rotateKey(
  prefix: string,
  id: string,
  wish: RotationWish,
  now: number,
): Steps<ApiKeyRotation> {
  const first = yield* readKey(prefix, id)
  if (first === null) return { kind: 'unknown' }
  const obstacle = obstacleOf(first, now) ?? overlapOf(first.key, wish, now)
  if (obstacle !== null) return obstacle

  const { key, secretHash } = newApiKeySecret(prefix, id)
  const next = rotated(first.key, secretHash, wish, now)
  // Before the swap: listed under a hash that the key does not have, it is passed over; not listed, it would be lost.
  yield* insert(recordOfRotation(prefix, id, secretHash), '{}', {
    now,
    expiresAt: keptUntil(next.expiresAt),
    indexes: [indexOf(prefix, null), indexOf(prefix, next.applicationId)],
  })
  const rotation = yield* changeKey(prefix, id, now, (held): Change<ApiKeyRotation> => {
    const refusal = obstacleOf(held, now)
    if (refusal !== null) return { kind: 'leave', answer: refusal }
    if (!hasSecretsOf(held.key, first.key)) return { kind: 'leave', answer: { kind: 'raced' } }
    return {
      kind: 'swap',
      next: rotated(held.key, secretHash, wish, now),
      answer: (changed) => ({ kind: 'rotated', key, record: summaryOf(changed, now) }),
    }
  })
  return rotation ?? { kind: 'unknown' }
}

function obstacleOf({ key, isRevoked }: HeldKey, now: number): ApiKeyRotation | null {
  if (isRevoked) return { kind: 'revoked' }
  return hasEnded(key.expiresAt, now) ? { kind: 'expired' } : null
}

/**
 * With a third secret one of two that work must go, and only the caller knows which: after a lost answer the one that
 * nobody was told, after a half-done rollout perhaps the other.
 */
function overlapOf(
  { previous }: StoredApiKey,
  { overlap, drop }: RotationWish,
  now: number,
): ApiKeyRotation | null {
  if (previous === null || hasEnded(previous.until, now)) return null
  return overlap === 0 || drop !== null ? null : { kind: 'overlapping', until: previous.until }
}

function rotated(
  key: StoredApiKey,
  secretHash: string,
  { overlap, drop, lifetime }: RotationWish,
  now: number,
): StoredApiKey {
  const given = key.expiresAt === null ? null : key.expiresAt - (key.rotatedAt ?? key.createdAt)
  const seconds = lifetime === undefined ? given : lifetime
  return {
    ...key,
    secretHash,
    lastUsedAt: null,
    rotatedAt: now,
    expiresAt: seconds === null ? null : now + seconds,
    previous: overlap === 0 ? null : kept(key, drop, overlap, now),
  }
}

/** The secret that works on, for the overlap and not beyond its own end. */
function kept(
  key: StoredApiKey,
  drop: RotationWish['drop'],
  overlap: number,
  now: number,
): PreviousSecret {
  const isOverlapping = key.previous !== null && !hasEnded(key.previous.until, now)
  const { secretHash, expiresAt, lastUsedAt } =
    drop === 'current' && isOverlapping ? (key.previous ?? key) : key
  const until = Math.min(now + overlap, expiresAt ?? Number.POSITIVE_INFINITY)
  return { secretHash, until, expiresAt, lastUsedAt }
}

function hasSecretsOf(one: StoredApiKey, other: StoredApiKey): boolean {
  return (
    one.secretHash === other.secretHash &&
    one.previous?.secretHash === other.previous?.secretHash &&
    one.previous?.until === other.previous?.until
  )
}
