import * as z from 'zod/mini'
import { ConfigurationError } from '../../errors.js'
import type { IdentifiedPrincipal } from '../../principal/principal.js'
import { type Clock, monotonicMilliseconds, readClock, systemClock } from '../../runtime/clock.js'
import { type Duration, seconds } from '../../shared/duration.js'
import {
  checkedOptions,
  DURATION,
  functionOption,
  port,
  TEXT,
  wholeNumber,
} from '../../shared/options.js'
import { tell } from '../../shared/tell.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../ask-store.js'
import type { FeedEntry } from '../store/store.js'
import type { RevocationEvent } from './event.js'
import { FeedFollower, type Moment } from './feed-follower.js'
import { parseNotice } from './notice.js'
import type { FeedReader } from './read-feed-page.js'
import { Revocations } from './revocations.js'

export interface RevocationMirrorOptions {
  /** Whose feed is followed: the store of the lifecycle that revokes. */
  readonly store: FeedReader
  /** Whose principals are judged: the issuer of that lifecycle, or each of those that share the store. */
  readonly issuer: string | readonly string[]
  /** How often the feed is read: 1 s by default, 1 s to 60 s. */
  readonly pollInterval?: Duration
  /** From when on the mirror says that it lags: 10 s by default, up to 1 h, at least twice the interval. */
  readonly maxLag?: Duration
  /** How long a page of the feed may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** How many revocations it holds; beyond that it reads no more, and lags. 1,000,000 by default, 1 to 10,000,000. */
  readonly maxEntries?: number
  /**
   * Goes on as if entries of the feed that this version cannot read were none: for the hours in which processes of two
   * versions stand side by side. What they revoke is then not revoked here.
   */
  readonly dangerouslyIgnoreUnreadable?: true
  /** Told of trouble with the feed. What it throws is dropped. */
  readonly onEvent?: (event: RevocationEvent) => void
  /** Default: the machine's clock. */
  readonly clock?: Clock
}

type Freshness = 'current' | 'lagging' | 'empty'

/** Revocations in the memory of this process. Hand it to `createGate` as `revocation`. */
export interface FeedMirror {
  /** Whether a principal has been revoked, as far as this mirror has heard. */
  isRevoked(principal: IdentifiedPrincipal): boolean
  /**
   * `empty` until the whole feed was read once; `lagging` if that was more than `maxLag` ago.
   *
   * @param now if given, the answer is found once a second: as long as `now` is the same it stays the same
   */
  freshness(now?: number): Freshness
  /**
   * How long ago the last reading began that has come to the end of the feed: what was revoked before that is known. In
   * milliseconds; Infinity if there was none.
   */
  lagMilliseconds(): number
  /** Counts at once what this process itself has just revoked. */
  apply(entry: FeedEntry): void
  /** A hint that there is something new, such as a `NOTIFY`: the feed is read within 20 ms. Any number may come. */
  wake(): void
  /**
   * Begins to follow the feed, which the first request would do as well, but not before it is refused.
   *
   * @returns whether all was read; false if the store failed, and then it is tried again. Never rejects.
   */
  start(): Promise<boolean>
  /** Stops following the feed, for good or until `start`. The mirror lags from then on. */
  stop(): void
}

/**
 * Makes a mirror of the revocations in a store, from which a gate answers without asking anybody.
 *
 * Another process refuses what is revoked at most `pollInterval` and one reading of the feed after the revocation was
 * answered. While the feed cannot be read the mirror knows less and says so: the gate's `revocationLag` decides what then
 * becomes of requests.
 *
 * A revocation is known until its entry's `until` and five minutes more; a credential that lives longer than that is for
 * its own store to refuse. A clock that was set back makes the mirror read all again.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createRevocationMirror(options: RevocationMirrorOptions): FeedMirror {
  return new Mirror(checkedOptions('createRevocationMirror', OPTIONS, options))
}

class Mirror implements FeedMirror {
  readonly #onEvent: ((event: RevocationEvent) => void) | null
  readonly #clock: Clock
  readonly #maxLagMilliseconds: number
  readonly #maxEntries: number
  readonly #ignoresUnreadable: boolean
  readonly #revocations: Revocations
  readonly #feed: FeedFollower
  /** Entries that had ended by then are not held. */
  #forgottenUntil = Number.NEGATIVE_INFINITY
  /** When all will have ended that could not be read. */
  #unreadableUntil = Number.NEGATIVE_INFINITY
  #isEmpty = true
  /** When the last reading began after which everything was known. */
  #known: Moment | null = null
  /** What was found last, and at which `now`. */
  #found: Freshness = 'empty'
  #foundAt = Number.NaN

  constructor(options: CheckedOptions) {
    const { store, issuer, clock = systemClock, timeoutMilliseconds, maxEntries } = options
    const { pollMilliseconds, maxLagMilliseconds } = intervals(options)
    this.#onEvent = options.onEvent ?? null
    this.#clock = clock
    this.#maxLagMilliseconds = maxLagMilliseconds
    this.#maxEntries = maxEntries
    this.#ignoresUnreadable = options.dangerouslyIgnoreUnreadable ?? false
    this.#revocations = new Revocations([issuer].flat())
    this.#feed = new FeedFollower(
      { store, pollMilliseconds, timeoutMilliseconds, clock },
      {
        begin: (now) => this.#begin(now),
        hasRoom: () => this.#revocations.size <= maxEntries,
        take: (entries) => {
          for (const entry of entries) this.#learn(entry)
        },
        caughtUp: (began) => this.#catchUp(began),
        failed: (cause, failures) =>
          this.#tell({ kind: 'revocation_feed_failed', at: this.#now(), failures, cause }),
        recovered: (failures) =>
          this.#tell({ kind: 'revocation_feed_recovered', at: this.#now(), failures }),
      },
    )
  }

  isRevoked(principal: IdentifiedPrincipal): boolean {
    this.#feed.startOnce()
    return this.#revocations.revokes(principal)
  }

  freshness(now: number = Number.NaN): Freshness {
    if (now === this.#foundAt) return this.#found
    this.#feed.startOnce()
    this.#foundAt = now
    this.#found = this.#findFreshness()
    return this.#found
  }

  lagMilliseconds(): number {
    if (this.#known === null) return Number.POSITIVE_INFINITY
    // The one clock can be set, the other stands still while the machine sleeps. The one tells whole seconds only.
    return Math.max(
      monotonicMilliseconds() - this.#known.monotonicMilliseconds,
      (this.#now() - this.#known.wall - 1) * 1_000,
    )
  }

  apply(entry: FeedEntry): void {
    // The feed will bring it, too, as soon as there is room.
    if (this.#revocations.size <= this.#maxEntries) this.#learn(entry)
  }

  wake(): void {
    this.#feed.wake()
  }

  start(): Promise<boolean> {
    return this.#feed.start()
  }

  stop(): void {
    this.#feed.stop()
  }

  #findFreshness(): Freshness {
    // Either the clock was wrong before or it is now, and what was forgotten may count.
    if (this.#isEmpty || this.#now() < this.#forgottenUntil) return 'empty'
    return this.lagMilliseconds() <= this.#maxLagMilliseconds ? 'current' : 'lagging'
  }

  #begin(now: number): void {
    this.#foundAt = Number.NaN
    if (now < this.#forgottenUntil) {
      this.#forgottenUntil = Number.NEGATIVE_INFINITY
      this.#isEmpty = true
      this.#known = null
      this.#feed.rewind()
    }
    if (Number.isNaN(now)) return
    this.#forgottenUntil = Math.max(this.#forgottenUntil, now - KEPT_SECONDS)
    const size = this.#revocations.size
    this.#revocations.forget(this.#forgottenUntil, Math.max(LEAST_LOOKS, Math.ceil(size / 60)))
  }

  #learn(entry: FeedEntry): void {
    // A store need not sweep.
    if (entry.until <= this.#forgottenUntil) return
    const notice = parseNotice(entry)
    if (notice !== null) {
      this.#revocations.learn(notice, entry)
      return
    }
    const { until } = entry
    if (until <= this.#unreadableUntil) return // told before
    this.#unreadableUntil = until
    this.#tell({ kind: 'revocation_unreadable', at: this.#now(), until })
  }

  #catchUp(began: Moment): void {
    this.#foundAt = Number.NaN
    this.#isEmpty = false
    if (this.#ignoresUnreadable || this.#unreadableUntil <= began.wall) this.#known = began
  }

  #now(): number {
    return readClock(this.#clock)
  }

  #tell(event: RevocationEvent): void {
    tell(this.#onEvent, event)
  }
}

function intervals(options: CheckedOptions): {
  readonly pollMilliseconds: number
  readonly maxLagMilliseconds: number
} {
  const poll = seconds('pollInterval', options.pollInterval, { min: 1, max: 60 })
  const maxLag = seconds('maxLag', options.maxLag, { min: 2, max: 3_600 })
  if (maxLag < 2 * poll) {
    throw new ConfigurationError(
      'option_invalid',
      'createRevocationMirror: maxLag must be at least twice the pollInterval.',
    )
  }
  return { pollMilliseconds: poll * 1_000, maxLagMilliseconds: maxLag * 1_000 }
}

/** How much longer an entry is kept than it has to be: a clock that is set back by less changes nothing. */
const KEPT_SECONDS = 300
/** How many entries are looked at in each reading, at least, to forget those that have ended. */
const LEAST_LOOKS = 1_000

type CheckedOptions = z.output<typeof OPTIONS>

const OPTIONS = /* @__PURE__ */ z.strictObject({
  store: port<FeedReader>('feed'),
  issuer: z.union([TEXT, z.array(TEXT).check(z.minLength(1))]),
  pollInterval: z._default(DURATION, 1),
  maxLag: z._default(DURATION, 10),
  timeoutMilliseconds: z._default(wholeNumber(1, 60_000), STORE_TIMEOUT_MILLISECONDS),
  maxEntries: z._default(wholeNumber(1, 10_000_000), 1_000_000),
  dangerouslyIgnoreUnreadable: z.optional(z.literal(true)),
  onEvent: z.optional(functionOption<(event: RevocationEvent) => void>()),
  clock: z.optional(port<Clock>('now')),
})
