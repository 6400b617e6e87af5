import { monotonicMilliseconds } from '../runtime/clock.js'

/** Counts the requests that were let in on stale knowledge, so that one event tells of many. */
export interface StaleTally {
  /** Counts one more. @returns how many there are to tell of, or null if that was done a moment ago */
  count(): number | null
}

export function createStaleTally(): StaleTally {
  let untold = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    count() {
      untold += 1
      const now = monotonicMilliseconds()
      if (now - toldAt < PAUSE_MILLISECONDS) return null
      const told = untold
      toldAt = now
      untold = 0
      return told
    },
  }
}

const PAUSE_MILLISECONDS = 10_000
