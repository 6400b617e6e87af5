import type { JwkSet, KeySetLookup, KeySource } from '../jwt/jwk-set.js'
import { type KeyReport, tell } from '../jwt/key-event.js'
import { randomFraction } from '../runtime/random.js'
import type { Eventual } from '../shared/eventual.js'
import { backOffSeconds } from './back-off.js'
import type { Fetched } from './fetch-document.js'
import { keyChanges } from './key-changes.js'

/** How long what is held is good for, and how often may be asked. */
export interface SurvivalSettings {
  /** What events call the source. */
  readonly name: string
  /** The least time between two attempts, unless the keys have aged out. */
  readonly cooldownSeconds: number
  /** How long keys serve beyond their age while the issuer cannot be asked. */
  readonly staleSeconds: number
  /** Asks the issuer once. Never rejects, and ends in time. */
  readonly fetch: (now: number) => Promise<Fetched<JwkSet>>
}

/** The last good answer. INVARIANT: `lookup` holds one object for as long as the keys are the same. */
interface Held {
  readonly lookup: Extract<KeySetLookup, { readonly kind: 'set' }>
  readonly fetchedAt: number
  /** From here on a request asks in the background. */
  readonly refreshAt: number
  /** From here on a request waits for an answer, or is served stale if there is none. */
  readonly freshUntil: number
  /** From here on the keys are not used, whatever happens. */
  readonly servedUntil: number
}

/** What has gone wrong since the last good answer. */
interface Failure {
  readonly count: number
  readonly at: number
  /** The issuer is left alone until then. */
  readonly until: number
  readonly cause: unknown
}

/**
 * Keys of one issuer that outlive its outages, for a bounded time.
 *
 * One attempt at a time, and all of them are caused by requests: nothing here holds a timer. While requests come, keys
 * are renewed at some 80 % of their age and no request waits; after a pause the first one does. What an attempt brings is
 * the truth from then on: a key that is not in it is refused at once. What an attempt fails to bring changes nothing
 * but the time until the next.
 */
export class SurvivingKeys implements KeySource {
  readonly name: string
  readonly #settings: SurvivalSettings
  #held: Held | null = null
  #failure: Failure | null = null
  #flight: Promise<void> | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  /** The latest time that a request came with. */
  #latest = Number.NEGATIVE_INFINITY

  constructor(settings: SurvivalSettings) {
    this.name = settings.name
    this.#settings = settings
  }

  current(now: number, report?: KeyReport): Eventual<KeySetLookup> {
    this.#followClock(now)
    const [held, failure] = [this.#held, this.#failure]
    const isLeftAlone = failure !== null && now < failure.until
    if (held !== null && now < held.freshUntil) {
      const isDue = now >= held.refreshAt && !isLeftAlone && !this.#isCooling(now)
      if (isDue) void this.#ask(report)
      return held.lookup
    }
    if (held !== null && failure !== null && now < held.servedUntil && isRecent(failure, now)) {
      if (!isLeftAlone) void this.#ask(report)
      return held.lookup
    }
    return isLeftAlone ? this.#answer(now) : this.#ask(report).then(() => this.#answer(now))
  }

  refreshed(now: number, seen: JwkSet, report?: KeyReport): Eventual<KeySetLookup> {
    const [held, failure] = [this.#held, this.#failure]
    if (held === null || held.lookup.set !== seen) return this.current(now, report)
    // It may have waited since it read the clock, so an earlier time says nothing of the clock.
    if (now > this.#latest) this.#latest = now
    // While the issuer cannot be asked, nobody knows whether it has the key.
    if (failure !== null && now < failure.until) return unavailable(failure, now)
    if (this.#flight === null && this.#isCooling(now)) return held.lookup
    return this.#ask(report).then(() =>
      this.#failure === null ? this.#answer(now) : unavailable(this.#failure, now),
    )
  }

  /** What there is now that nothing more can be asked for. */
  #answer(now: number): KeySetLookup {
    const [held, failure] = [this.#held, this.#failure]
    if (held !== null && (failure === null || now < held.servedUntil)) return held.lookup
    return unavailable(failure, now)
  }

  /** Not before the cooldown is over; a request that came before the last attempt does not open it either. */
  #isCooling(now: number): boolean {
    return now < this.#askedAt + this.#settings.cooldownSeconds
  }

  /** One attempt at a time; whoever comes while it is under way waits for the same answer. Never rejects. */
  #ask(report: KeyReport | undefined): Promise<void> {
    this.#flight ??= this.#attempt(report).finally(() => {
      this.#flight = null
    })
    return this.#flight
  }

  async #attempt(report: KeyReport | undefined): Promise<void> {
    const startedAt = this.#latest
    this.#askedAt = startedAt
    const fetched = await this.#settings.fetch(startedAt)
    // Dated back to the start, for that is when the answer was true; and not ahead of a clock that was set back.
    const at = Math.min(startedAt, this.#latest)
    if (fetched.kind === 'fetched') this.#hold(fetched.document, fetched.freshSeconds, at, report)
    else this.#fail(fetched, at, report)
  }

  #hold(set: JwkSet, freshSeconds: number, at: number, report: KeyReport | undefined): void {
    const before = this.#held
    const changes = before === null ? null : keyChanges(before.lookup.set, set)
    const isSame = before !== null && changes === null
    const freshUntil = at + freshSeconds
    this.#held = {
      lookup: isSame ? before.lookup : Object.freeze({ kind: 'set', set }),
      fetchedAt: at,
      refreshAt: at + Math.floor(freshSeconds * (EARLIEST_REFRESH + SPREAD * randomFraction())),
      freshUntil,
      servedUntil: freshUntil + this.#settings.staleSeconds,
    }
    const failedAttempts = this.#failure?.count ?? 0
    this.#failure = null
    const source = this.name
    if (failedAttempts > 0) tell(report, { kind: 'keys_recovered', at, source, failedAttempts })
    if (changes !== null) tell(report, { kind: 'keys_changed', at, source, ...changes })
  }

  #fail(
    { cause, retryAfterSeconds }: Extract<Fetched<JwkSet>, { readonly kind: 'failed' }>,
    at: number,
    report: KeyReport | undefined,
  ): void {
    const { cooldownSeconds, name: source } = this.#settings
    const failures = (this.#failure?.count ?? 0) + 1
    const random = randomFraction()
    const wait = backOffSeconds({ failures, cooldownSeconds, retryAfterSeconds, random })
    const failure = { count: failures, at, until: at + wait, cause }
    this.#failure = failure
    const held = this.#held
    if (held !== null && at < held.servedUntil) {
      const { fetchedAt, servedUntil } = held
      tell(report, {
        kind: 'keys_stale',
        at,
        source,
        ageSeconds: at - fetchedAt,
        servedUntil,
        cause,
      })
    } else {
      tell(report, { kind: 'keys_unavailable', at, source, retryAfterSeconds: wait, cause })
    }
  }

  /**
   * Keeps ages true when the clock is set back: every time that was noted moves along, so that nothing lasts longer than
   * it would have. How long the clock had stood still before that, nobody knows, so the issuer is asked again as soon as
   * the cooldown allows. Requests that were merely slow come a few seconds late and change nothing.
   */
  #followClock(now: number): void {
    if (!Number.isFinite(now)) return
    const back = this.#latest - now
    if (back <= 0) this.#latest = now
    if (back <= STRAGGLERS_SECONDS) return
    this.#latest = now
    this.#askedAt -= back
    const [held, failure] = [this.#held, this.#failure]
    if (failure !== null) {
      this.#failure = { ...failure, at: failure.at - back, until: failure.until - back }
    }
    if (held === null) return
    const coolUntil = Math.max(now, this.#askedAt + this.#settings.cooldownSeconds)
    this.#held = {
      lookup: held.lookup,
      fetchedAt: held.fetchedAt - back,
      refreshAt: Math.min(held.refreshAt - back, coolUntil),
      freshUntil: Math.min(held.freshUntil - back, coolUntil),
      servedUntil: held.servedUntil - back,
    }
  }
}

/** Whether a failure still tells something of the issuer: after twice its wait, the next request asks and waits. */
function isRecent({ at, until }: Failure, now: number): boolean {
  return now < until + (until - at)
}

function unavailable(failure: Failure | null, now: number): KeySetLookup {
  const left = failure === null ? 1 : failure.until - now
  return {
    kind: 'unavailable',
    retryAfterSeconds: Math.max(1, left),
    cause: failure?.cause,
  }
}

const EARLIEST_REFRESH = 0.75
const SPREAD = 0.1
const STRAGGLERS_SECONDS = 5
