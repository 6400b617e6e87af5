import type { FeedEntry, FeedPage } from '../../lifecycle/store/store.js'
import { nonsense } from './replies.js'

/** Where a reader is in each slot's stream: the id of the last entry that it has read, `-` for none. */
export type Positions = readonly string[]

/** The positions that a cursor stands for. One that is not ours, or of another number of slots, starts over. */
export function readPositions(cursor: string | null, slots: number): Positions {
  const positions = cursor === null ? [] : cursor.split(',')
  const known = positions.length === slots && positions.every((position) => POSITION.test(position))
  return known ? positions : Array.from({ length: slots }, () => '-')
}

/**
 * One page out of what each slot's stream answered, ids and entries: the oldest, by the clocks of the servers that they
 * live on.
 */
export function feedPage(
  replies: readonly (readonly (readonly [id: string, text: string])[])[],
  from: Positions,
  limit: number,
): FeedPage {
  const rows = replies.flatMap((entries, slot) =>
    entries.map(([id, text]) => ({ slot, id, text, order: orderOf(id) })),
  )
  if (replies.length > 1) rows.sort((one, other) => one.order - other.order)
  const positions = [...from]
  const entries = rows.slice(0, limit).map(({ slot, id, text }) => {
    positions[slot] = id
    return readEntry(text)
  })
  return { entries, cursor: positions.join(','), more: rows.length > limit }
}

/** Milliseconds. Sorting keeps the order of equal ones, which is that of their stream. */
function orderOf(id: string): number {
  if (!POSITION.test(id) || id === '-') throw nonsense()
  return Number(id.slice(0, id.indexOf('-')))
}

function readEntry(text: string): FeedEntry {
  const [head = '', version = '', until = ''] = ENTRY.exec(text) ?? []
  if (head === '') throw nonsense()
  return { text: text.slice(head.length), until: Number(until), version: Number(version) }
}

const POSITION = /^(?:-|\d{1,20}-\d{1,20})$/
const ENTRY = /^(\d{1,16}) (\d{1,16}) \d{1,16} /
