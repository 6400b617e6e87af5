import type { HeldKey } from './read-key.js'

/** What may be shown of a key: nothing that it could be guessed, found or used by but its id. Times are in seconds since the epoch. */
export interface ApiKeySummary {
  /** The part of the key that is no secret. It stays the same when the key is rotated. */
  readonly id: string
  readonly applicationId: string
  readonly name: string | null
  readonly scopes: readonly string[]
  /** Revoked comes before expired. */
  readonly state: 'active' | 'expired' | 'revoked'
  readonly createdAt: number
  readonly rotatedAt: number | null
  /** Null: it never ends by itself. */
  readonly expiresAt: number | null
  /** When this key was revoked; null also if it was revoked with its application. */
  readonly revokedAt: number | null
  /** Roughly: see `lastUsedEvery`. Null if it was not used, as far as that is known. */
  readonly lastUsedAt: number | null
  /** The secret before the last rotation, while it still works. */
  readonly previous: { readonly until: number; readonly lastUsedAt: number | null } | null
}

export function summaryOf({ id, key, isRevoked }: HeldKey, now: number): ApiKeySummary {
  const { applicationId, name, scopes, createdAt, rotatedAt, expiresAt, revokedAt } = key
  const state = isRevoked ? 'revoked' : hasEnded(expiresAt, now) ? 'expired' : 'active'
  const previous =
    state === 'active' && key.previous !== null && !hasEnded(key.previous.until, now)
      ? { until: key.previous.until, lastUsedAt: key.previous.lastUsedAt }
      : null
  const lastUsedAt = latest(key.lastUsedAt, key.previous?.lastUsedAt ?? null)
  return Object.freeze({
    id,
    applicationId,
    name,
    scopes,
    state,
    createdAt,
    rotatedAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    previous,
  })
}

export function hasEnded(until: number | null, now: number): boolean {
  return until !== null && !(now < until)
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
