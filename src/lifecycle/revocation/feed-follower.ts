import { type Clock, monotonicMilliseconds, readClock } from '../../runtime/clock.js'
import { later, nextTurn } from '../../runtime/later.js'
import { randomFraction } from '../../runtime/random.js'
import type { FeedEntry } from '../store/store.js'
import { type FeedReader, readFeedPage } from './read-feed-page.js'

export interface FollowerSettings {
  readonly store: FeedReader
  readonly pollMilliseconds: number
  /** How long one page may take. */
  readonly timeoutMilliseconds: number
  readonly clock: Clock
}

/** Who wants to know what the feed says. None of these may throw. */
export interface Follower {
  /** A reading begins. @param now seconds since the epoch; NaN if the clock does not say */
  begin(now: number): void
  /** Whether there is room for another page. */
  hasRoom(): boolean
  take(entries: readonly FeedEntry[]): void
  /** All is read that the feed had when this reading began. */
  caughtUp(began: Moment): void
  failed(cause: unknown, failures: number): void
  recovered(failures: number): void
}

/** A moment by both clocks: the one may be set, the other may stand still while the machine sleeps. */
export interface Moment {
  readonly monotonicMilliseconds: number
  /** Seconds since the epoch. */
  readonly wall: number
}

/**
 * Reads a feed to its end, again and again.
 *
 * One reading begins `pollMilliseconds` after the one before has begun, or when that is over if it took longer. After a
 * failure it waits longer each time, up to five seconds. A page that does not come in time, or is none, is a failure; what
 * had been read stays read, and the next reading goes on from there.
 */
export class FeedFollower {
  readonly #settings: FollowerSettings
  readonly #follower: Follower
  #run: Run | null = null
  #wasStarted = false
  #cursor: string | null = null
  #failures = 0

  constructor(settings: FollowerSettings, follower: Follower) {
    this.#settings = settings
    this.#follower = follower
  }

  /** @returns whether the first reading has come to the end. Never rejects. */
  start(): Promise<boolean> {
    this.#wasStarted = true
    if (this.#run === null) {
      const run: Run = { first: null, reading: false, again: false, cancel: () => {} }
      this.#run = run
      run.first = this.#read(run)
    }
    return this.#run.first ?? Promise.resolve(false)
  }

  /** Starts, unless that was done before: what was stopped stays so. */
  startOnce(): void {
    if (!this.#wasStarted) void this.start()
  }

  stop(): void {
    this.#run?.cancel()
    this.#run = null
  }

  /** There may be something new: reads soon. Only a hint, of which any number may come. */
  wake(): void {
    const run = this.#run
    // While the feed cannot be read, hints do not help.
    if (run === null || run.again || this.#failures > 0) return
    run.again = true
    if (!run.reading) this.#readLater(run, HINT_MILLISECONDS)
  }

  /** The next page to be read is the feed's first. */
  rewind(): void {
    this.#cursor = null
  }

  async #read(run: Run): Promise<boolean> {
    const { clock, pollMilliseconds } = this.#settings
    const began = { monotonicMilliseconds: monotonicMilliseconds(), wall: readClock(clock) }
    run.reading = true
    run.again = false
    this.#follower.begin(began.wall)
    const failure = await this.#readToTheEnd(run).then(
      () => null,
      (cause: unknown) => ({ cause }),
    )
    run.reading = false
    if (this.#run !== run) return false
    if (failure !== null) {
      this.#failures += 1
      this.#follower.failed(failure.cause, this.#failures)
      this.#readLater(run, backOffMilliseconds(pollMilliseconds, this.#failures))
      return false
    }
    const failures = this.#failures
    this.#failures = 0
    this.#follower.caughtUp(began)
    if (failures > 0) this.#follower.recovered(failures)
    const elapsed = monotonicMilliseconds() - began.monotonicMilliseconds
    this.#readLater(
      run,
      run.again ? HINT_MILLISECONDS : Math.max(HINT_MILLISECONDS, pollMilliseconds - elapsed),
    )
    return true
  }

  /** Throws or rejects if the store does. */
  async #readToTheEnd(run: Run): Promise<void> {
    const { store, timeoutMilliseconds } = this.#settings
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      if (!this.#follower.hasRoom()) throw new Error('There are more revocations than maxEntries.')
      const page = await readFeedPage(store, this.#cursor, timeoutMilliseconds)
      if (this.#run !== run) return
      this.#follower.take(page.entries)
      if (!page.more) {
        this.#cursor = page.cursor
        return
      }
      if (page.cursor === this.#cursor) break
      this.#cursor = page.cursor
      // A store that answers at once must not keep requests waiting until all is read.
      await nextTurn()
    }
    throw new Error('The feed has no end.')
  }

  #readLater(run: Run, milliseconds: number): void {
    run.cancel()
    run.cancel = later(milliseconds, () => void this.#read(run))
  }
}

/** From one start to the next stop. */
interface Run {
  first: Promise<boolean> | null
  reading: boolean
  /** A hint has come since the reading began. */
  again: boolean
  cancel: () => void
}

/** Processes that failed together do not come back together. */
function backOffMilliseconds(pollMilliseconds: number, failures: number): number {
  const doubled = pollMilliseconds * 2 ** Math.min(failures - 1, MOST_DOUBLINGS)
  const longest = Math.max(pollMilliseconds, LONGEST_REST_MILLISECONDS)
  return Math.min(doubled, longest) * (1 + randomFraction() / 4)
}

/** Hints that come together are one. */
const HINT_MILLISECONDS = 20
const LONGEST_REST_MILLISECONDS = 5_000
const MOST_DOUBLINGS = 3
const MOST_PAGES = 10_000
