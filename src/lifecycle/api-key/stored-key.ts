import * as z from 'zod/mini'
import { API_KEY_ID_LENGTH } from '../../credential/api-key.js'
import { isTime } from '../../runtime/clock.js'
import { isBase62 } from '../../shared/base62.js'
import type { EpochOwners } from '../revocation/epochs.js'
import { isStoreText, type RecordKey, type StoredRecord } from '../store/store.js'

/** An API key as it stands in the store: nothing in it could be used as a key. Times are in seconds since the epoch. */
export interface StoredApiKey {
  readonly applicationId: string
  /** What people call it. */
  readonly name: string | null
  readonly scopes: readonly string[]
  readonly secretHash: string
  /** When the current secret was last seen in use, within the interval of `lastUsedEvery`. */
  readonly lastUsedAt: number | null
  readonly createdAt: number
  readonly rotatedAt: number | null
  /** The end of the current secret, and so of the key. */
  readonly expiresAt: number | null
  /** The secret before. INVARIANT: there is one at most, so that no more than two secrets of a key work. */
  readonly previous: PreviousSecret | null
  readonly revokedAt: number | null
  /** What the counters said before the key was made. */
  readonly epochs: { readonly everything: number; readonly client: number }
}

export interface PreviousSecret {
  readonly secretHash: string
  /** The end of the overlap, never later than `expiresAt`. */
  readonly until: number
  /** When it would have ended without a rotation. */
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

export function recordOfKey(prefix: string, id: string): RecordKey {
  return { kind: 'api_key', id: `${prefix}:${id}` }
}

/**
 * The record by which `list` finds a rotated key. The index holds a record for as long as it was told when the record was
 * inserted, and a rotation makes the key live longer.
 */
export function recordOfRotation(prefix: string, id: string, secretHash: string): RecordKey {
  return { kind: 'api_key', id: `${prefix}:${id}:${secretHash}` }
}

/** The key's id and, if this is one of {@link recordOfRotation}, the hash in a listed record's id. */
export function partsOfListed(
  prefix: string,
  listed: string,
): { readonly id: string; readonly secretHash: string | null } {
  const [id = '', secretHash = null] = listed.slice(prefix.length + 1).split(':')
  return { id, secretHash }
}

/** Where all keys of a prefix are listed, or those of one application. */
export function indexOf(prefix: string, applicationId: string | null): string {
  return applicationId === null ? prefix : `${prefix}:${applicationId}`
}

/** Whose counters revoke an application's keys: those that revoke its tokens, if it is a client too. */
export function ownersOf(applicationId: string): EpochOwners {
  return { tenant: null, client: applicationId, subject: null, session: null }
}

/** What the principal of a key is known by to whoever revokes it. */
export function credentialIdOf(prefix: string, id: string): string {
  return `api-key:${prefix}:${id}`
}

/** When the record may be forgotten: a month after the key's end, so that who still uses it is told that it has ended. */
export function keptUntil(expiresAt: number | null): number | null {
  return expiresAt === null ? null : expiresAt + KEPT_AFTER_END
}

/** Whether a key can have this id; any other text need not be looked up. */
export function isKeyId(text: unknown): text is string {
  return typeof text === 'string' && text.length === API_KEY_ID_LENGTH && isBase62(text)
}

/** Whether an application can have this id, and a store hold it. */
export function isApplicationId(text: string): boolean {
  return text.length <= 256 && isStoreText(text)
}

export function encodeKey(key: StoredApiKey): string {
  return JSON.stringify(key)
}

/** Throws if this is no key's record, which makes the store unavailable. */
export function decodeKey({ value }: StoredRecord): StoredApiKey {
  return z.parse(STORED, JSON.parse(value))
}

const KEPT_AFTER_END = 30 * 86_400

const TIME = /* @__PURE__ */ z.number().check(/* @__PURE__ */ z.refine(isTime))
const COUNT = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.minimum(0))

const STORED: z.ZodMiniType<StoredApiKey> = /* @__PURE__ */ z.object({
  applicationId: z.string(),
  name: z.nullable(z.string()),
  scopes: z.array(z.string()),
  secretHash: z.string(),
  lastUsedAt: z.nullable(TIME),
  createdAt: TIME,
  rotatedAt: z.nullable(TIME),
  expiresAt: z.nullable(TIME),
  previous: z.nullable(
    z.object({
      secretHash: z.string(),
      until: TIME,
      expiresAt: z.nullable(TIME),
      lastUsedAt: z.nullable(TIME),
    }),
  ),
  revokedAt: z.nullable(TIME),
  epochs: z.object({ everything: COUNT, client: COUNT }),
})
