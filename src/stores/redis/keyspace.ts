import type { RecordKey, RecordKind } from '../../lifecycle/store/store.js'

/**
 * How everything is called in Redis. A name's part in braces, its hash tag, decides which slot of a cluster it lives in;
 * all that one write touches has the same.
 */
export interface Keyspace {
  /** 0, 1, 2 and so on: our slots, each of them one hash tag. */
  readonly slots: readonly number[]
  /** Where notices are announced, as a hint: the same for every slot. */
  readonly channel: string
  slotOf(key: RecordKey): number
  record(slot: number, key: RecordKey): string
  /** A sorted set of ids. */
  index(slot: number, kind: RecordKind, index: string): string
  /** A stream. */
  feed(slot: number): string
}

/**
 * INVARIANT: these names never change. A new version of this library that looked elsewhere would find every used code
 * unused.
 */
export function keyspace(prefix: string, count: number): Keyspace {
  const slots = Array.from({ length: count }, (_, slot) => slot)
  // The count is part of the tag: processes that disagree about it share nothing, as with another prefix, and not a part.
  const tags = slots.map((slot) => (count === 1 ? `{${prefix}}` : `{${prefix}/${count}/${slot}}`))
  const tagOf = (slot: number): string => tags[slot] ?? ''
  return Object.freeze<Keyspace>({
    slots,
    channel: `${prefix}:notices`,
    slotOf: ({ kind, id }) => (count === 1 ? 0 : fnv1a(`${kind}:${id}`) % count),
    record: (slot, { kind, id }) => `${tagOf(slot)}${kind}:${id}`,
    // No kind of record has a dash.
    index: (slot, kind, index) => `${tagOf(slot)}index-${kind}:${index}`,
    feed: (slot) => `${tagOf(slot)}feed`,
  })
}

/** FNV-1a over UTF-16 code units: spreads, and is no secret. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  // The low bits of FNV are poor, and a remainder looks at them.
  return (hash ^ (hash >>> 15)) >>> 0
}
