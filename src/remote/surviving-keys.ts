import type { JwkSet, KeySetLookup, KeySource } from '../jwt/jwk-set.js'
import type { KeyReport } from '../jwt/key-event.js'
import { randomFraction } from '../runtime/random.js'
import { within } from '../runtime/within.js'
import type { Eventual } from '../shared/eventual.js'
import { tell } from '../shared/tell.js'
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
  /** How long an attempt takes at most. */
  readonly timeoutMilliseconds: number
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

/** An attempt under way. INVARIANT: `landing` is null for success, and never rejects. */
interface Flight {
  readonly landing: Promise<Failure | null>
  readonly startedAt: number
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
  #flight: Flight | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  /** How many there have been: a number for each. */
  #attempts = 0
  /** The latest time that a request came with. */
  #latest = Number.NEGATIVE_INFINITY

  constructor(settings: SurvivalSettings) {
    this.name = settings.name
    this.#settings = settings
  }

  current(now: number, report?: KeyReport): Eventual<KeySetLookup> {
    this.#followClock(now)
    const held = this.#held
    const failure = this.#failure
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
    if (isLeftAlone) return this.#answer(failure, now)
    return this.#landing(now, report).then((failed) => this.#answer(failed, now))
  }

  refreshed(now: number, seen: JwkSet, report?: KeyReport): Eventual<KeySetLookup> {
    const held = this.#held
    const failure = this.#failure
    if (held === null || held.lookup.set !== seen) return this.current(now, report)
    // It may have waited since it read the clock, so an earlier time says nothing of the clock.
    if (now > this.#latest) this.#latest = now
    // While the issuer cannot be asked, nobody knows whether it has the key.
    if (failure !== null && now < failure.until) return unavailable(failure, now)
    if (this.#flight === null && this.#isCooling(now)) return held.lookup
    return this.#landing(now, report).then((failed) =>
      failed === null ? this.#answer(null, now) : unavailable(failed, now),
    )
  }

  /** What there is now that nothing more can be asked for. */
  #answer(failure: Failure | null, now: number): KeySetLookup {
    const held = this.#held
    if (held !== null && (failure === null || now < held.servedUntil)) return held.lookup
    return unavailable(failure, now)
  }

  /** Not before the cooldown is over; a request that came before the last attempt does not open it either. */
  #isCooling(now: number): boolean {
    return now < this.#askedAt + this.#settings.cooldownSeconds
  }

  /**
   * How the attempt ends that this request waits for. The wait has an end of its own: some edge runtimes let an attempt
   * die, silently, with the request that caused it.
   */
  async #landing(now: number, report: KeyReport | undefined): Promise<Failure | null> {
    const patience = this.#settings.timeoutMilliseconds + GRACE_MILLISECONDS
    const waited = await within(patience, this.#ask(report))
    if (waited.kind === 'settled') return waited.value
    return { count: 0, at: now, until: now, cause: new Error('an attempt of another request died') }
  }

  /** One attempt at a time, whoever asks for it, unless the one under way is long overdue. */
  #ask(report: KeyReport | undefined): Promise<Failure | null> {
    const flight = this.#flight
    const patience = Math.ceil(this.#settings.timeoutMilliseconds / 1_000) + GRACE_SECONDS
    if (flight !== null && this.#latest <= flight.startedAt + patience) return flight.landing
    const startedAt = this.#latest
    const landing = this.#attempt(startedAt, report)
    this.#flight = { startedAt, landing }
    return landing
  }

  async #attempt(startedAt: number, report: KeyReport | undefined): Promise<Failure | null> {
    this.#askedAt = startedAt
    this.#attempts += 1
    const attempt = this.#attempts
    const fetched = await this.#settings.fetch(startedAt)
    // Given up on meanwhile: what counts is how the one after it ends, or has ended.
    if (attempt !== this.#attempts) return this.#flight?.landing ?? this.#failure
    this.#flight = null
    // Dated back to the start, for that is when the answer was true; and not ahead of a clock that was set back.
    const at = Math.min(startedAt, this.#latest)
    if (fetched.kind === 'failed') return this.#fail(fetched, at, report)
    this.#hold(fetched.document, fetched.freshSeconds, at, report)
    return null
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
  ): Failure {
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
    return failure
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
    const held = this.#held
    const failure = this.#failure
    const flight = this.#flight
    if (flight !== null) this.#flight = { ...flight, startedAt: flight.startedAt - back }
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
/** What an attempt may take beyond its limit before it counts as lost. */
const GRACE_MILLISECONDS = 1_000
const GRACE_SECONDS = 5
