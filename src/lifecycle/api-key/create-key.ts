import type { Redacted } from '../../shared/redacted.js'
import { readEpochs } from '../revocation/epochs.js'
import { insert, type Steps } from '../store/steps.js'
import { newApiKeyId, newApiKeySecret } from './api-key.js'
import { type ApiKeySummary, summaryOf } from './api-key-summary.js'
import {
  encodeKey,
  indexOf,
  keptUntil,
  ownersOf,
  recordOfKey,
  type StoredApiKey,
} from './stored-key.js'

export interface CreatedApiKey {
  readonly kind: 'created'
  /** Show it once: nobody can read it again. */
  readonly key: Redacted
  readonly record: ApiKeySummary
}

/** What a new key is to be. */
export interface KeyWish {
  readonly applicationId: string
  readonly name: string | null
  readonly scopes: readonly string[]
  /** In seconds; null for without end. */
  readonly lifetime: number | null
}

/** Makes a key and keeps its record. INVARIANT: the record is in the store before anybody has the secret. */
export function* createKey(
  prefix: string,
  { applicationId, name, scopes, lifetime }: KeyWish,
  now: number,
): Steps<CreatedApiKey> {
  const { counts } = yield* readEpochs(ownersOf(applicationId))
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const id = newApiKeyId()
    const { key, secretHash } = newApiKeySecret(prefix, id)
    const stored: StoredApiKey = {
      applicationId,
      name,
      scopes,
      secretHash,
      lastUsedAt: null,
      createdAt: now,
      rotatedAt: null,
      expiresAt: lifetime === null ? null : now + lifetime,
      previous: null,
      revokedAt: null,
      epochs: { everything: counts.everything, client: counts.client },
    }
    const isNew = yield* insert(recordOfKey(prefix, id), encodeKey(stored), {
      now,
      expiresAt: keptUntil(stored.expiresAt),
      indexes: [indexOf(prefix, null), indexOf(prefix, applicationId)],
    })
    if (isNew) {
      const held = { id, version: 1, key: stored, isRevoked: false }
      return { kind: 'created', key, record: summaryOf(held, now) }
    }
  }
  throw new Error('The store has every id that was tried.')
}

/** Ids have 88 random bits: a second attempt is already a broken store. */
const MAX_ATTEMPTS = 3
