import type { PrivateJwk } from '../../jwt/jwk.js'
import type { KeyReport } from '../../jwt/key-event.js'
import { isTime } from '../../runtime/clock.js'
import { within } from '../../runtime/within.js'
import type { Eventual } from '../../shared/eventual.js'
import { tell } from '../../shared/tell.js'
import { type Performed, perform, type StoreUnavailable, unavailable } from '../store/steps.js'
import { isDue } from './key-ring.js'
import { compromiseKey, readRing, resealRing, type StoredRing, turnRing } from './key-ring-steps.js'
import { createPrivateKeys, type PrivateKeys } from './private-keys.js'
import type { SigningKeysSettings } from './signing-keys-options.js'

/** A ring that this process can sign with. */
export interface OpenRing extends StoredRing {
  /** By `kid`: of the two keys that can sign. */
  readonly privateKeys: ReadonlyMap<string, PrivateJwk>
}

export type RingAnswer = Performed<OpenRing>

/** What went wrong since the last good answer. The store is left alone until then. */
interface Failure {
  readonly until: number
  readonly answer: StoreUnavailable
}

/** INVARIANT: `end` never rejects. */
interface Errand {
  readonly startedAt: number
  readonly end: Promise<RingAnswer>
}

/**
 * What one process knows of its ring. It reads the store again when what it knows gets old, and turns the ring when that
 * is due: one errand at a time, each caused by somebody who asks, so that nothing here holds a timer.
 */
export class RingDesk {
  readonly #settings: SigningKeysSettings
  readonly #privateKeys: PrivateKeys
  #held: OpenRing | null = null
  /** As of when `#held` was what the store had. */
  #readAt = Number.NEGATIVE_INFINITY
  #failure: Failure | null = null
  #errand: Errand | null = null
  /** How often a ring was taken over: what was read before that may be older. */
  #taken = 0

  constructor(settings: SigningKeysSettings) {
    this.#settings = settings
    this.#privateKeys = createPrivateKeys(settings.algorithm, settings.sealing, settings.name)
  }

  /** The ring to go by now. Answers at once while what is known is recent; never rejects. */
  ring(now: number, report?: KeyReport): Eventual<RingAnswer> {
    if (!isTime(now)) return unavailable(new Error(NO_TIME))
    this.#followClock(now)
    const { refreshSeconds, staleSeconds, times } = this.#settings
    const held = this.#held
    const age = now - this.#readAt
    const isLeftAlone = this.#failure !== null && now < this.#failure.until
    if (held !== null && age < refreshSeconds) {
      // Ahead of its age, so that no request has to wait while requests come.
      const isWanted = age * 2 >= refreshSeconds || isDue(held.ring, now, times)
      if (isWanted && !isLeftAlone) void this.#run(now, report)
      return { kind: 'done', result: held }
    }
    if (held !== null && age < refreshSeconds + staleSeconds && this.#hasFailedLately(now)) {
      if (!isLeftAlone) void this.#run(now, report)
      return { kind: 'done', result: held }
    }
    if (this.#failure !== null && isLeftAlone) return this.#failure.answer
    return this.#run(now, report).then((answer) => this.#orHeld(answer, now))
  }

  /** What the store says now, unless it was asked less than {@link PAUSE_SECONDS} ago. Never rejects. */
  renewed(now: number, report?: KeyReport): Eventual<RingAnswer> {
    if (!isTime(now)) return unavailable(new Error(NO_TIME))
    const held = this.#held
    if (this.#failure !== null && now < this.#failure.until) return this.#failure.answer
    if (held !== null && now < this.#readAt + PAUSE_SECONDS) return { kind: 'done', result: held }
    return this.#run(now, report)
  }

  /** Reads the ring anew and does what is due, however recent what is known. Never rejects. */
  async turn(now: number): Promise<RingAnswer> {
    return isTime(now) ? this.#run(now, undefined) : unavailable(new Error(NO_TIME))
  }

  /** Takes a key out of the ring. Null if it has no such key. Never rejects. */
  async compromise(kid: string, now: number): Promise<Performed<OpenRing | null>> {
    if (!isTime(now)) return unavailable(new Error(NO_TIME))
    try {
      const { store, name, times, timeoutMilliseconds } = this.#settings
      // Who cannot open the ring must not write into it: it would be sealed by another key.
      const found = await this.#read(now)
      if (found.kind === 'unavailable') return found
      if (found.result === null) return { kind: 'done', result: null }
      const spares = await this.#privateKeys.makeSpares()
      const steps = compromiseKey(kid, name, now, times, spares)
      const compromised = await perform(store, steps, timeoutMilliseconds)
      if (compromised.kind === 'unavailable') return compromised
      if (compromised.result === null) return { kind: 'done', result: null }
      return { kind: 'done', result: await this.#take(compromised.result, now, null) }
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** A clock that was set back must not make what is known look newer than it is. */
  #followClock(now: number): void {
    if (now < this.#readAt) this.#readAt = now
    if (this.#failure !== null && this.#failure.until - now > PAUSE_SECONDS) this.#failure = null
  }

  /** After a pause in which nobody asked, the first one waits for what the store says. */
  #hasFailedLately(now: number): boolean {
    return this.#failure !== null && now < this.#failure.until + this.#settings.refreshSeconds
  }

  #orHeld(answer: RingAnswer, now: number): RingAnswer {
    const { refreshSeconds, staleSeconds } = this.#settings
    const isServed = now < this.#readAt + refreshSeconds + staleSeconds
    if (answer.kind === 'done' || this.#held === null || !isServed) return answer
    return { kind: 'done', result: this.#held }
  }

  /**
   * One errand at a time, whoever asks. The wait has an end of its own, and an errand that is long overdue gives way: some
   * edge runtimes let it die, silently, with the request that caused it.
   */
  async #run(now: number, report: KeyReport | undefined): Promise<RingAnswer> {
    const patience = MAX_STEPS * this.#settings.timeoutMilliseconds
    const isOverdue = this.#errand !== null && now > this.#errand.startedAt + patience / 1_000
    if (this.#errand === null || isOverdue) {
      const errand: Errand = {
        startedAt: now,
        end: this.#attempt(now)
          .catch(unavailable)
          .then((answer) => {
            if (this.#errand === errand) this.#errand = null
            this.#note(answer, now, report)
            return answer
          }),
      }
      this.#errand = errand
    }
    const waited = await within(patience, this.#errand.end)
    return waited.kind === 'settled' ? waited.value : unavailable(new Error('no answer in time'))
  }

  #note(answer: RingAnswer, now: number, report: KeyReport | undefined): void {
    if (answer.kind === 'done') {
      this.#failure = null
      return
    }
    this.#failure = { until: now + PAUSE_SECONDS, answer }
    const { refreshSeconds, staleSeconds, name } = this.#settings
    const event = { at: now, source: sourceName(name), cause: answer.cause }
    const servedUntil = this.#readAt + refreshSeconds + staleSeconds
    tell(
      report,
      this.#held !== null && now < servedUntil
        ? { kind: 'keys_stale', ...event, ageSeconds: now - this.#readAt, servedUntil }
        : { kind: 'keys_unavailable', ...event, retryAfterSeconds: PAUSE_SECONDS },
    )
  }

  async #attempt(now: number): Promise<RingAnswer> {
    const { store, name, times, timeoutMilliseconds } = this.#settings
    const found = await this.#read(now)
    if (found.kind === 'unavailable') return found
    let open = found.result
    if (open === null || isDue(open.ring, now, times)) {
      const taken = this.#taken
      const spares = await this.#privateKeys.makeSpares()
      const steps = turnRing(name, now, times, spares)
      const turned = await perform(store, steps, timeoutMilliseconds)
      if (turned.kind === 'unavailable') return turned
      open = await this.#take(turned.result, now, taken)
    }
    const texts = await this.#privateKeys.reseal(open.ring, open.privateKeys)
    if (texts.size === 0) return { kind: 'done', result: open }
    const taken = this.#taken
    const resealed = await perform(store, resealRing(name, now, texts), timeoutMilliseconds)
    if (resealed.kind === 'unavailable') return resealed
    if (resealed.result === null) return { kind: 'done', result: open }
    return { kind: 'done', result: await this.#take(resealed.result, now, taken) }
  }

  async #read(now: number): Promise<Performed<OpenRing | null>> {
    const { store, name, timeoutMilliseconds } = this.#settings
    const taken = this.#taken
    const found = await perform(store, readRing(name), timeoutMilliseconds)
    if (found.kind === 'unavailable') return found
    if (found.result === null) return { kind: 'done', result: null }
    return { kind: 'done', result: await this.#take(found.result, now, taken) }
  }

  /**
   * Goes by this ring from now on, unless a newer one was taken over while it was on its way.
   *
   * @param taken `#taken` when the store was asked; null for a ring that this process has just written
   */
  async #take(stored: StoredRing, now: number, taken: number | null): Promise<OpenRing> {
    const held = this.#held
    const isOvertaken = (): boolean =>
      this.#held !== null && this.#held.version > stored.version && taken !== this.#taken
    if (held !== null && isOvertaken()) return held
    const isSame = held !== null && held.version === stored.version && held.text === stored.text
    const privateKeys = isSame ? held.privateKeys : await this.#privateKeys.open(stored.ring)
    if (this.#held !== null && isOvertaken()) return this.#held
    if (!isSame) this.#taken++
    this.#readAt = now
    this.#held = isSame ? held : Object.freeze({ ...stored, privateKeys })
    return this.#held
  }
}

/** What events call the ring of this name. */
export function sourceName(name: string): string {
  return `signing-keys:${name}`
}

const NO_TIME = 'the clock does not say whole seconds'

/** More answers of the store than an errand waits for while nobody else writes. */
const MAX_STEPS = 8

/** After a failure, and between two questions that forged key ids may cause. */
export const PAUSE_SECONDS = 5
