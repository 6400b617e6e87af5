/** Where "now" comes from. Everything that depends on time takes a clock or a `now`, so that tests can set it. */
export interface Clock {
  /** Whole seconds since the epoch. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
}

/**
 * What a clock says, or NaN if that cannot be the time: not a whole number of seconds, or so large that it must be
 * milliseconds. A clock can be the application's own; a time that is no number would make nothing expire.
 */
export function readClock(clock: Clock): number {
  try {
    const now: unknown = clock.now()
    return isTime(now) ? now : Number.NaN
  } catch {
    return Number.NaN
  }
}

/** Whether this can be a time in seconds since the epoch: whole, and before the year 5138. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1e11
}

/** Milliseconds since some moment, with fractions: for differences only. The machine's clock may be set; this one not. */
export function monotonicMilliseconds(): number {
  return performance.now()
}

/**
 * What a `now` of a while ago has become, in whole seconds: for what is judged after a wait. A clock that seems to go back
 * looks like one that was set.
 *
 * @param start what {@link monotonicMilliseconds} said at that `now`
 */
export function timeSince(now: number, start: number): number {
  return now + Math.floor((monotonicMilliseconds() - start) / 1_000)
}

/** Milliseconds since the epoch, for what is handed to others. What is decided by time takes a `Clock` or a `now`. */
export function wallMilliseconds(): number {
  return Date.now()
}
