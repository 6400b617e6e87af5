import * as z from 'zod/mini'
import { type Clock, readClock, systemClock } from '../../runtime/clock.js'
import { randomBytes } from '../../runtime/random.js'
import { sha256Hex } from '../../runtime/sha256.js'
import { hex } from '../../shared/bytes.js'
import { type Duration, seconds } from '../../shared/duration.js'
import { checkedOptions, DURATION, port, wholeNumber } from '../../shared/options.js'
import type { AttemptLimiter } from './attempt-limiter.js'

export interface MemoryLimiterOptions {
  /** How many attempts are within the limit, 1 to 1,000,000. */
  readonly attempts: number
  /** How long they count, from the first one on: a second to 366 days. */
  readonly per: Duration
  /** How many keys have a counter of their own, each of some 200 bytes: 100,000 by default, 1 to 10,000,000. */
  readonly maxKeys?: number
  /** Default: the machine's clock. */
  readonly clock?: Clock
}

/**
 * A limiter in the memory of this process: for one process. Several would each let the limit pass once, and a restart
 * forgets everything; for more take one of rate-limiter-flexible's.
 *
 * Counts in fixed windows: around the end of one, twice the limit can pass. Attempts beyond the limit do not prolong it.
 * When all counters are taken, further keys share 4,096: nothing is forgotten early, so nobody is let off by making up
 * keys, but strangers can then share a limit. While its clock does not say the time it rejects, which is an outage.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function memoryLimiter(options: MemoryLimiterOptions): AttemptLimiter {
  const checked = checkedOptions('memoryLimiter', OPTIONS, options)
  const { attempts, maxKeys = MAX_KEYS, clock = systemClock } = checked
  const windowSeconds = seconds('memoryLimiter: per', options.per, { min: 1, max: MAX_WINDOW })
  const counters = new Counters(windowSeconds, maxKeys)
  /** INVARIANT: a time that is none would make each attempt the first of its window. */
  const timeNow = (): number => {
    const now = readClock(clock)
    if (Number.isNaN(now)) throw new Error('The clock does not say the time.')
    return now
  }
  return Object.freeze({
    async consume(key: string) {
      const now = timeNow()
      const counter = counters.of(key, now)
      if (counter.count >= attempts) {
        const msBeforeNext = (counter.startedAt + windowSeconds - now) * 1_000
        // Not an error: the same shape as rate-limiter-flexible's.
        return Promise.reject({ msBeforeNext, consumedPoints: counter.count })
      }
      counter.count += 1
      return { consumedPoints: counter.count }
    },
    async reward(key: string) {
      const counter = counters.of(key, timeNow())
      counter.count = Math.max(0, counter.count - 1)
    },
    async delete(key: string) {
      counters.delete(key)
    },
  })
}

/** How many attempts there were since when, in seconds since the epoch. */
interface Counter {
  count: number
  startedAt: number
}

/** The counters by key, of windows that are all equally long. */
class Counters {
  readonly #windowSeconds: number
  readonly #maxKeys: number
  /** In the order in which they were made, which is that in which they end while the clock goes forward. */
  readonly #own = new Map<string, Counter>()
  readonly #shared = new Map<string, Counter>()
  /** Made when it is first needed: some edge runtimes give out no random bytes at start-up. */
  #salt: string | null = null

  constructor(windowSeconds: number, maxKeys: number) {
    this.#windowSeconds = windowSeconds
    this.#maxKeys = maxKeys
  }

  /** The live counter of a key; a new one if it has none. */
  of(key: string, now: number): Counter {
    this.#sweep(this.#own, now)
    this.#sweep(this.#shared, now)
    const own = this.#live(this.#own, key, now)
    if (own !== null) return own
    // INVARIANT: who was counted on a shared counter stays there until it ends, also when there is room again meanwhile.
    const isFull = this.#own.size >= this.#maxKeys
    const slot = isFull || this.#shared.size > 0 ? this.#slotOf(key) : null
    const shared = slot === null ? null : this.#live(this.#shared, slot, now)
    if (shared !== null) return shared
    const counter = { count: 0, startedAt: now }
    if (isFull && slot !== null) this.#shared.set(slot, counter)
    else this.#own.set(key, counter)
    return counter
  }

  /** Forgets the counter of this key, if it is its own. */
  delete(key: string): void {
    this.#own.delete(key)
  }

  #live(counters: Map<string, Counter>, key: string, now: number): Counter | null {
    const counter = counters.get(key)
    if (counter === undefined) return null
    // The clock was set back: it cannot be told how old the attempts are, so they count from now.
    if (counter.startedAt > now) counter.startedAt = now
    if (now - counter.startedAt < this.#windowSeconds) return counter
    counters.delete(key)
    return null
  }

  #sweep(counters: Map<string, Counter>, now: number): void {
    for (const [key, { startedAt }] of counters) {
      if (now - startedAt < this.#windowSeconds) return
      counters.delete(key)
    }
  }

  /** Salted, so that nobody can choose whom to share a counter with. */
  #slotOf(key: string): string {
    this.#salt ??= hex(randomBytes(16))
    return sha256Hex(this.#salt + key).slice(0, SLOT_DIGITS)
  }
}

const MAX_KEYS = 100_000
const MAX_WINDOW = 366 * 86_400
/** Hexadecimal: 4,096 slots. */
const SLOT_DIGITS = 3

const OPTIONS = /* @__PURE__ */ z.strictObject({
  attempts: wholeNumber(1, 1_000_000),
  per: DURATION,
  maxKeys: z.optional(wholeNumber(1, 10_000_000)),
  clock: z.optional(port<Clock>('now')),
})
