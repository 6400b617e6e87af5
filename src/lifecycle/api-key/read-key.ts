import { NO_EPOCHS } from '../../principal/lineage.js'
import type { RecentMap } from '../../shared/recent-map.js'
import {
  type CurrentEpochs,
  epochKeys,
  epochsIn,
  isOutdated,
  readEpochs,
} from '../revocation/epochs.js'
import { get, getAll, type Steps } from '../store/steps.js'
import type { ApiKeyRecord } from './api-key.js'
import { decodeKey, ownersOf, recordOfKey, type StoredApiKey } from './stored-key.js'

/** A key as it was when it was read. */
export interface HeldKey {
  readonly id: string
  readonly version: number
  readonly key: StoredApiKey
  /** By itself, with its application, or with everything. */
  readonly isRevoked: boolean
}

/**
 * Reads a key and whether it still stands, which takes two questions to the store: whose counters count is not known
 * before. Whoever reads often keeps the applications of ids in mind, which never change, and asks once.
 *
 * An id that nobody has costs the same questions as one that somebody has.
 *
 * @param applications remembers ids that nobody has too; bounded
 * @returns null if there is no such key (any more)
 */
export function* readKey(
  prefix: string,
  id: string,
  applications: RecentMap<string, string> | null = null,
): Steps<HeldKey | null> {
  const expected = applications?.get(id)
  if (expected !== undefined) {
    const owners = ownersOf(expected)
    const [record = null, ...epochs] = yield* getAll([
      recordOfKey(prefix, id),
      ...epochKeys(owners),
    ])
    if (record === null) return null
    const key = decodeKey(record)
    if (key.applicationId === expected) {
      return heldKey(id, record.version, key, epochsIn(epochs, owners))
    }
  }
  const record = yield* get(recordOfKey(prefix, id))
  const key = record === null ? null : decodeKey(record)
  const applicationId = key?.applicationId ?? NOBODY
  const epochs = yield* readEpochs(ownersOf(applicationId))
  applications?.set(id, applicationId)
  return record === null || key === null ? null : heldKey(id, record.version, key, epochs)
}

export function heldKey(
  id: string,
  version: number,
  key: StoredApiKey,
  epochs: CurrentEpochs,
): HeldKey {
  const captured = { ...NO_EPOCHS, ...key.epochs }
  const isRevoked = key.revokedAt !== null || isOutdated(captured, null, epochs)
  return { id, version, key, isRevoked }
}

/** What the verifier judges by. */
export function recordOf({ id, key, isRevoked }: HeldKey): ApiKeyRecord {
  const { applicationId, secretHash, scopes, createdAt, expiresAt, previous } = key
  return {
    id,
    applicationId,
    secretHash,
    scopes,
    createdAt,
    expiresAt,
    ...(previous === null
      ? {}
      : { previous: { secretHash: previous.secretHash, until: previous.until } }),
    ...(isRevoked ? { revoked: true } : {}),
    epochs: key.epochs,
  }
}

/** No application: ids of applications are not empty. */
const NOBODY = ''
