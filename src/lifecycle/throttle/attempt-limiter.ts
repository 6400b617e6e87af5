/**
 * Counts attempts under a key, and says when there were too many: the port of the throttle. It is the part of
 * rate-limiter-flexible's limiters that is used, so each of them fits as it is; `memoryLimiter` is another.
 */
export interface AttemptLimiter {
  /**
   * Counts one attempt. Fulfils while the key is within its limit; rejects with an object that has `msBeforeNext`, in
   * milliseconds, when it is beyond it (-1: for ever). Any other rejection, a throw, a late answer, and one without
   * `consumedPoints` or `msBeforeNext` count as an outage.
   *
   * INVARIANT: one atomic step. Of any number of calls with one key, at the same time and in any number of processes, no
   * more than the limit fulfil in one window. A key must never be forgotten before its time, not even for want of room.
   *
   * @param key printable ASCII, at most 80 characters
   */
  consume(key: string): PromiseLike<{ readonly consumedPoints: number }>
  /** Takes one attempt back. */
  reward(key: string): PromiseLike<unknown>
  /** Forgets the attempts under this key. */
  delete(key: string): PromiseLike<unknown>
}

/** What became of counting one attempt. */
export type Count =
  | { readonly kind: 'counted' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'unavailable'; readonly cause: unknown }

/** What a limiter's fulfilled promise says. */
export function readFulfilled(answer: unknown): Count {
  return isObject(answer) && typeof answer['consumedPoints'] === 'number'
    ? { kind: 'counted' }
    : { kind: 'unavailable', cause: new Error('The limiter answered with no count.') }
}

/** What a limiter's rejection says: the limit is passed, or the limiter is broken. */
export function readRejected(cause: unknown): Count {
  const wait = isObject(cause) ? cause['msBeforeNext'] : undefined
  if (typeof wait !== 'number' || !Number.isFinite(wait)) return { kind: 'unavailable', cause }
  const seconds = wait === FOR_EVER ? MAX_RETRY_SECONDS : Math.ceil(wait / 1_000)
  return {
    kind: 'throttled',
    retryAfterSeconds: Math.min(Math.max(1, seconds), MAX_RETRY_SECONDS),
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

const FOR_EVER = -1
/** A day: whoever is told more would not wait either. */
const MAX_RETRY_SECONDS = 86_400
