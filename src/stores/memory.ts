import type {
  FeedEntry,
  RecordKey,
  Store,
  StoredRecord,
  WriteOptions,
} from '../lifecycle/store/store.js'
import { positionOf } from './cursor.js'

/**
 * A store in the memory of this process: the reference that every other one is compared with. For tests, and for one
 * process that may forget everything when it ends: refresh tokens and API keys end with it.
 *
 * Has no bound of its own; `sweep` forgets what has run out.
 */
export function memoryStore(): Store {
  const rows = new Map<string, Row>()
  const indexes = new Map<string, Set<string>>()
  let feed: SequencedEntry[] = []
  let sequence = 0

  const put = (name: string, version: number, value: string, options: WriteOptions): void => {
    rows.set(name, { version, value, expiresAt: options.expiresAt })
    if (options.notice === undefined) return
    sequence += 1
    const { text, until } = options.notice
    feed.push({ sequence, entry: Object.freeze({ text, until, version }) })
  }

  return Object.freeze<Store>({
    get: (keys) => keys.map((key) => recordOf(rows.get(nameOf(key)))),

    insert(key, value, options) {
      const name = nameOf(key)
      const held = rows.get(name)
      if (held !== undefined && !hasRunOut(held.expiresAt, options.now)) return false
      put(name, 1, value, options)
      for (const index of options.indexes ?? []) {
        const listed = `${key.kind}\n${index}`
        const ids = indexes.get(listed)
        if (ids === undefined) indexes.set(listed, new Set([key.id]))
        else ids.add(key.id)
      }
      return true
    },

    cas(key, version, value, options) {
      const name = nameOf(key)
      const held = rows.get(name)
      if (held?.version !== version) return { kind: 'conflict', current: recordOf(held) }
      put(name, version + 1, value, options)
      return { kind: 'swapped', version: version + 1 }
    },

    incr(key, value, options) {
      const name = nameOf(key)
      const version = (rows.get(name)?.version ?? 0) + 1
      put(name, version, value, options)
      return version
    },

    list(kind, index, { after, limit }) {
      const sorted = [...(indexes.get(`${kind}\n${index}`) ?? [])].sort()
      const rest = after === null ? sorted : sorted.filter((id) => id > after)
      const ids = rest.slice(0, limit)
      return { ids, next: rest.length > limit ? (ids.at(-1) ?? null) : null }
    },

    feed({ after, limit }) {
      const seen = positionOf(after, sequence)
      const start = firstAfter(feed, seen)
      const page = feed.slice(start, start + limit)
      return {
        entries: page.map(({ entry }) => entry),
        cursor: String(page.at(-1)?.sequence ?? seen),
        more: start + limit < feed.length,
      }
    },

    sweep(now) {
      let forgotten = 0
      for (const [name, row] of rows) {
        if (!hasRunOut(row.expiresAt, now)) continue
        rows.delete(name)
        forgotten += 1
      }
      for (const [listed, ids] of indexes) {
        const kind = listed.slice(0, listed.indexOf('\n'))
        for (const id of ids) if (!rows.has(`${kind}\n${id}`)) ids.delete(id)
        if (ids.size === 0) indexes.delete(listed)
      }
      const standing = feed.filter(({ entry }) => !hasRunOut(entry.until, now))
      forgotten += feed.length - standing.length
      feed = standing
      return forgotten
    },
  })
}

interface Row extends StoredRecord {
  readonly expiresAt: number | null
}

interface SequencedEntry {
  readonly sequence: number
  readonly entry: FeedEntry
}

/** Ids have no line breaks, so that no two keys have one name. */
function nameOf({ kind, id }: RecordKey): string {
  return `${kind}\n${id}`
}

function recordOf(row: Row | undefined): StoredRecord | null {
  return row === undefined ? null : { version: row.version, value: row.value }
}

/** Where the first entry with a higher number stands: they ascend, and whoever has read all of many asks often. */
function firstAfter(feed: readonly SequencedEntry[], sequence: number): number {
  let [low, high] = [0, feed.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((feed[middle]?.sequence ?? 0) > sequence) high = middle
    else low = middle + 1
  }
  return low
}

function hasRunOut(until: number | null, now: number): boolean {
  return until !== null && until <= now
}
