import { isWithin } from '../../shared/duration.js'

/**
 * How long a server that has failed is left alone: longer with each failure, until it works again. After a rest, one
 * caller goes ahead and the others wait for how it fares.
 *
 * All times are seconds since the epoch. A clock that is set back shortens a rest and never makes it endless.
 */
export class ServerRest {
  #failures = 0
  #until = 0
  /** When the one went ahead of whom nothing has been heard yet. */
  #triedAt = Number.NEGATIVE_INFINITY

  /** Asks to go ahead: the round to report back with, or how many seconds (at least 1) to wait instead. */
  enter(now: number): { readonly round: number } | { readonly waitSeconds: number } {
    const left = this.#until - now
    if (left > 0 && left <= LONGEST_SECONDS) return { waitSeconds: Math.ceil(left) }
    if (this.#failures === 0) return { round: 0 }
    // Some edge runtimes let work die with the request that caused it: who is gone for so long does not come back.
    if (isWithin(LONGEST_SECONDS, this.#triedAt, now)) return { waitSeconds: 1 }
    this.#triedAt = now
    return { round: this.#failures }
  }

  /** It works. */
  succeed(): void {
    this.#failures = 0
    this.#until = 0
    this.#triedAt = Number.NEGATIVE_INFINITY
  }

  /**
   * It failed, at `now`. Many that fail together count once.
   *
   * @param askedSeconds how long it asks to be left alone, if it does; heard up to a minute
   * @returns how many seconds are left of the rest, at least 1
   */
  fail(round: number, now: number, askedSeconds = 0): number {
    if (round === this.#failures) {
      const rest = Math.max(2 ** this.#failures, askedSeconds)
      this.#failures++
      this.#until = now + Math.min(rest, LONGEST_SECONDS)
      this.#triedAt = Number.NEGATIVE_INFINITY
    }
    return Math.min(Math.max(1, Math.ceil(this.#until - now)), LONGEST_SECONDS)
  }
}

/** Also the longest that a caller is waited for: no question may take longer. */
const LONGEST_SECONDS = 60
