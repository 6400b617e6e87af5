import type { Eventual } from '../../shared/eventual.js'

/**
 * What the lifecycle remembers: records that change by compare-and-swap on one key, and a feed of revocations. The port
 * that `memoryStore`, `sqliteStore`, `redisStore` and `postgresStore` implement.
 *
 * A store looks into neither values nor feed texts, and knows no clock: times are seconds since the epoch and come with
 * each call. It may answer at once or by a promise. What it throws, rejects with, answers late or malformed counts as an
 * outage; whether that write happened is then unknown, and whoever called finds out by reading.
 *
 * INVARIANT: each write is one atomic step, and what it says has happened survives whatever the store promises to survive.
 * A notice is in the feed no later than its write can be read, and not without it unless the process died in between.
 */
export interface Store {
  /**
   * The records of these keys, in their order, null where there is none. A record that has run out may still be found:
   * who needs to know looks at the times in its value. At most {@link MAX_KEYS_PER_GET} keys.
   */
  get(keys: readonly RecordKey[]): Eventual<readonly (StoredRecord | null)[]>

  /**
   * Makes a record of version 1 if the key has none, or one that has run out by `now`.
   *
   * @returns whether it did; of any number of calls at once exactly one is told true
   */
  insert(key: RecordKey, value: string, options: InsertOptions): Eventual<boolean>

  /** Replaces a record if it still has this version: the new one has the next. */
  cas(key: RecordKey, version: number, value: string, options: WriteOptions): Eventual<CasAnswer>

  /**
   * Replaces a record whatever its version, or makes one of version 1. A version counts these writes.
   *
   * @returns the new version: each call another one, and every one before it given out
   */
  incr(key: RecordKey, value: string, options: WriteOptions): Eventual<number>

  /**
   * Ids of the records of this kind that were inserted under this index, in an order that stays the same while nothing is
   * inserted. Ids whose record has run out may be missing or listed.
   *
   * @param after the `next` of the page before, null for the first
   * @param limit 1 to 1,000
   */
  list(
    kind: RecordKind,
    index: string,
    options: { readonly after: string | null; readonly limit: number },
  ): Eventual<ListPage>

  /**
   * Entries of the feed, oldest first as far as the store knows. Reading on with each page's cursor brings every entry at
   * least once, in whatever order their writes were committed; some come again.
   *
   * @param after the `cursor` of the page before; null for all that there is
   * @param limit 1 to 10,000
   */
  feed(options: { readonly after: string | null; readonly limit: number }): Eventual<FeedPage>

  /**
   * Forgets the records and feed entries that had run out by `now`. For a job that runs now and then; nothing depends on it.
   *
   * @returns how many it forgot, as far as the store can tell
   */
  sweep(now: number): Eventual<number>
}

/** What a record is of: a key's first half. Lower-case letters and `_`. */
export type RecordKind =
  | 'access_token' // an opaque one, by its hash
  | 'api_key'
  | 'code'
  | 'epoch'
  | 'family'
  | 'revoked_token'
  | 'signing_key'
  | 'used' // what may be used once: a proof's id

export interface RecordKey {
  readonly kind: RecordKind
  /** 1 to {@link MAX_ID_LENGTH} characters, as `isStoreText` takes them. Compared exactly. */
  readonly id: string
}

export interface StoredRecord {
  /** 1 for a new record; each replacement has the next. */
  readonly version: number
  /** At most {@link MAX_VALUE_LENGTH} characters, well-formed, without U+0000. */
  readonly value: string
}

export interface WriteOptions {
  /** Seconds since the epoch. */
  readonly now: number
  /** The first second in which the record may be forgotten; null for never. */
  readonly expiresAt: number | null
  /** What the feed says of this write, if it happens. */
  readonly notice?: Notice
}

export interface InsertOptions extends WriteOptions {
  /** Under which names `list` finds the record until this `expiresAt`. Texts like ids. */
  readonly indexes?: readonly string[]
}

/** What is to be in the feed. */
export interface Notice {
  /** At most {@link MAX_VALUE_LENGTH} characters, well-formed, without U+0000. */
  readonly text: string
  /** The first second in which the entry may be forgotten. */
  readonly until: number
}

export interface FeedEntry extends Notice {
  /** The version that the record got by the write of this notice. */
  readonly version: number
}

export type CasAnswer =
  | { readonly kind: 'swapped'; readonly version: number }
  /** Null: there is no record (any more). */
  | { readonly kind: 'conflict'; readonly current: StoredRecord | null }

export interface ListPage {
  readonly ids: readonly string[]
  /** Null if there are no more. */
  readonly next: string | null
}

export interface FeedPage {
  readonly entries: readonly FeedEntry[]
  readonly cursor: string
  /** Whether there is more to read at once. */
  readonly more: boolean
}

export const MAX_KEYS_PER_GET = 16
const MAX_ID_LENGTH = 512
export const MAX_VALUE_LENGTH = 65_536

/**
 * Whether every store can hold this text as an id and tell it from all others: 1 to {@link MAX_ID_LENGTH} UTF-16 code
 * units, no lone surrogates (which become U+FFFD in UTF-8, and two texts one) and no control characters (of which
 * PostgreSQL refuses one).
 */
export function isStoreText(text: string): boolean {
  if (text === '' || text.length > MAX_ID_LENGTH) return false
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false
    if (point >= 0xd800 && point <= 0xdfff) return false
  }
  return true
}
