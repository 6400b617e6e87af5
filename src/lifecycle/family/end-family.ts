import { noticeText } from '../revocation/notice.js'
import { cas, get, insert, type Steps } from '../store/steps.js'
import {
  type EndOfFamily,
  type FamilyRecord,
  familyKeyOf,
  readFamily,
  writeFamily,
} from './family-record.js'

/** How long what was issued can be good. */
export interface FamilyLifetimes {
  readonly absoluteSeconds: number
  /** How long an access token of a family can outlive what was said of it: its lifetime and all leeway. */
  readonly accessTokenSeconds: number
}

/**
 * Ends a family for good, and tells the feed. One that has not begun yet never will.
 *
 * @returns whether this call has ended it; false if it had ended before
 */
export function* endFamily(
  id: string,
  why: EndOfFamily,
  settings: FamilyLifetimes,
  now: number,
): Steps<boolean> {
  const key = familyKeyOf(id)
  const value = writeFamily({ status: 'dead', why, at: now })
  const notice = {
    text: noticeText({ kind: 'family', id }),
    until: now + settings.accessTokenSeconds,
  }
  let record = yield* get(key)
  for (;;) {
    if (record === null) {
      // INVARIANT: a tombstone: a code exchange that is under way finds the id taken.
      const expiresAt = forgettable(now + settings.absoluteSeconds, settings)
      if (yield* insert(key, value, { now, expiresAt, notice })) return true
      record = yield* get(key)
      continue
    }
    const family: FamilyRecord = readFamily(record.value)
    if (family.status === 'dead') return false
    const expiresAt = forgettable(family.absoluteUntil, settings)
    const answer = yield* cas(key, record.version, value, { now, expiresAt, notice })
    if (answer.kind === 'swapped') return true
    record = answer.current
  }
}

/** When a session's counter may be forgotten: nothing that captured less lives then. */
export function sessionEpochEnd(
  { absoluteSeconds, accessTokenSeconds }: FamilyLifetimes,
  now: number,
): number {
  return now + absoluteSeconds + accessTokenSeconds
}

/** A record stays until no token of its family can be good: the reuse of an old one is known to the end. */
export function forgettable(
  absoluteUntil: number,
  { accessTokenSeconds }: Pick<FamilyLifetimes, 'accessTokenSeconds'>,
): number {
  return absoluteUntil + accessTokenSeconds
}
