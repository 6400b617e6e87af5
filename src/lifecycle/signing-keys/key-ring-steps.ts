import { noticeText } from '../revocation/notice.js'
import { cas, get, insert, type Steps } from '../store/steps.js'
import type { Notice, RecordKey } from '../store/store.js'
import {
  isCompromised,
  type KeyRing,
  newRing,
  type RingTimes,
  ringWithout,
  type SpareKeys,
  turnedRing,
} from './key-ring.js'
import { parseRing, ringText } from './key-ring-text.js'

/** A ring as the store has it. */
export interface StoredRing {
  readonly version: number
  /** The record's value. */
  readonly text: string
  readonly ring: KeyRing
}

/** The ring of this name, or null if nobody has made it. Throws if the record is none. */
export function* readRing(name: string): Steps<StoredRing | null> {
  const record = yield* get(keyOf(name))
  return record && { version: record.version, text: record.value, ring: parseRing(record.value) }
}

/**
 * Makes the ring if there is none, and turns it if that is due. Any number of processes may do so at once: one change
 * happens, and each is told the ring that came of it.
 */
export function turnRing(
  name: string,
  now: number,
  times: RingTimes,
  spares: SpareKeys,
): Steps<StoredRing> {
  return changeRing(name, now, (ring) =>
    ring === null ? newRing(spares, now, times) : turnedRing(ring, now, times, spares),
  )
}

/**
 * Takes a key out of the ring for good and tells the feed, in one write. Again for a key that is compromised already
 * changes nothing.
 *
 * @returns null if the ring has no such key, and never had one that is still remembered
 */
export function* compromiseKey(
  kid: string,
  name: string,
  now: number,
  times: RingTimes,
  spares: SpareKeys,
): Steps<StoredRing | null> {
  let isKnown = false
  const until = now + times.memory
  const changed = yield* changeRing(
    name,
    now,
    (ring) => {
      if (ring === null) return null
      const rest = isCompromised(ring, kid) ? ring : ringWithout(kid, ring, now, times, spares)
      isKnown = rest !== null
      return rest ?? ring
    },
    { text: noticeText({ kind: 'key', id: kid }), until },
  )
  return isKnown ? changed : null
}

/** Puts other texts in place of private halves, as far as they are there still: the same keys, sealed anew. */
export function resealRing(
  name: string,
  now: number,
  texts: ReadonlyMap<string, string>,
): Steps<StoredRing | null> {
  return changeRing(name, now, (ring) => {
    if (ring === null) return null
    const { active, next } = ring
    const [one, other] = [texts.get(active.privateKey), texts.get(next.privateKey)]
    if (one === undefined && other === undefined) return ring
    return {
      ...ring,
      active: { ...active, privateKey: one ?? active.privateKey },
      next: { ...next, privateKey: other ?? next.privateKey },
    }
  })
}

/**
 * Writes what `change` makes of the ring, of as new a ring as it takes. The same ring again is no change.
 *
 * Throws if it never gets its turn, which no number of honest processes brings about: each change that comes first leaves
 * less to do.
 */
function changeRing<Ring extends KeyRing | null>(
  name: string,
  now: number,
  change: (ring: KeyRing | null) => Ring,
  notice?: Notice,
): Steps<Ring extends KeyRing ? StoredRing : StoredRing | null>
function* changeRing(
  name: string,
  now: number,
  change: (ring: KeyRing | null) => KeyRing | null,
  notice?: Notice,
): Steps<StoredRing | null> {
  const key = keyOf(name)
  const options = { now, expiresAt: null, ...(notice === undefined ? {} : { notice }) }
  let record = yield* get(key)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = record === null ? null : parseRing(record.value)
    const ring = change(before)
    if (ring === null) return null
    if (record !== null && ring === before) {
      return { version: record.version, text: record.value, ring }
    }
    const text = ringText(ring)
    if (record === null) {
      if (yield* insert(key, text, options)) return { version: 1, text, ring }
      record = yield* get(key)
      continue
    }
    const answer = yield* cas(key, record.version, text, options)
    if (answer.kind === 'swapped') return { version: answer.version, text, ring }
    record = answer.current
  }
  throw new Error('the ring of signing keys kept changing')
}

function keyOf(name: string): RecordKey {
  return { kind: 'signing_key', id: name }
}

const MAX_ROUNDS = 16
