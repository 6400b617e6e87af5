/**
 * Where a reader of the feed is. A sequence would not do: of two transactions the one with the lower number may commit later,
 * and who has read beyond it would never see it. So each entry bears the id of its transaction, and a reader remembers the
 * snapshot of its last reading: what that could not see is new, and nothing else.
 */
export interface FeedPlace {
  /** What has been read: everything that this snapshot sees. */
  readonly seen: string
  /** In the middle of a reading: what will have been read at its end, and the entry that was read last. */
  readonly underWay: {
    readonly snapshot: string
    readonly xid: string
    readonly seq: string
  } | null
}

/** Sees nothing: no transaction has an id below 1. */
export const START: FeedPlace = { seen: '1:1:', underWay: null }

export function cursorOf({ seen, underWay }: FeedPlace): string {
  return underWay === null ? seen : [seen, underWay.snapshot, underWay.xid, underWay.seq].join('/')
}

/** The start for a cursor of another store. */
export function placeOf(cursor: string | null): FeedPlace {
  const [seen = '', snapshot = '', xid = '', seq = '', ...rest] = cursor?.split('/') ?? []
  if (!SNAPSHOT.test(seen) || rest.length > 0) return START
  if (cursor === seen) return { seen, underWay: null }
  if (!SNAPSHOT.test(snapshot) || !NUMBER.test(xid) || !NUMBER.test(seq)) return START
  return { seen, underWay: { snapshot, xid, seq } }
}

/** A `pg_snapshot` as a text: the lowest id under way, the first one not given out, and those under way between them. */
const SNAPSHOT = /^[1-9]\d{0,18}:[1-9]\d{0,18}:[\d,]*$/
const NUMBER = /^\d{1,18}$/
