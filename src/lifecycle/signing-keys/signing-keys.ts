import { UnavailableError } from '../../errors.js'
import type { KeySetLookup, KeySource } from '../../jwt/jwk-set.js'
import { readClock } from '../../runtime/clock.js'
import { type Eventual, whenReady } from '../../shared/eventual.js'
import type { StoreUnavailable } from '../store/steps.js'
import type { KeySetDocument } from './key-set-document.js'
import { type KeyState, keyStates } from './key-states.js'
import { PAUSE_SECONDS, type RingAnswer, RingDesk, sourceName } from './ring-desk.js'
import { PublishedView, SigningView } from './ring-views.js'
import type { SigningKeyLookup, SigningKeySource } from './signing-key-source.js'
import { checkedSettings, type SigningKeysOptions } from './signing-keys-options.js'

/** The signing keys of one issuer, shared by its processes through a store. Nothing but `compromise` rejects, and nothing throws. */
export interface SigningKeys extends SigningKeySource {
  /** The private key to sign with now. */
  current(now: number): Eventual<SigningKeyLookup>
  /** The keys that verify, for `jwtBearer({ keys })` in the same process: what is compromised here is gone at once. */
  readonly published: KeySource
  /** The document for the `jwks_uri`. */
  jwks(): Eventual<KeySetAnswer>
  /**
   * Does what is due: makes the first keys, or the next one. Whoever asks for keys causes that too; this is for a job that
   * wants to know whether it works, and for start-up.
   */
  tick(): Promise<TickResult>
  /**
   * Takes a key out of use for good, and has the standby sign at once if it was the one to sign with. The notice in the
   * feed revokes what it has signed.
   *
   * Rejects with `UnavailableError` if that is not sure, as all that revokes does. Doing it again is safe.
   */
  compromise(kid: string): Promise<CompromiseResult>
  /** What keys there are, oldest first. */
  list(): Promise<KeyListing>
}

export type KeySetAnswer =
  | { readonly kind: 'document'; readonly document: KeySetDocument }
  | StoreUnavailable

export type TickResult = { readonly kind: 'done' } | StoreUnavailable

export type CompromiseResult =
  /** Also if it was before. */
  | { readonly kind: 'compromised' }
  /** No key of the ring has this name, and none that was compromised lately. */
  | { readonly kind: 'unknown' }

export type KeyListing =
  | { readonly kind: 'keys'; readonly keys: readonly KeyState[] }
  | StoreUnavailable

/**
 * Makes signing keys that rotate by themselves.
 *
 * All keys are one record of the store, and what each of them is for follows from the time: published long before it
 * signs, kept until nothing that it signed can be alive. Any number of processes may start and rotate at once; they end
 * up with the same keys. The next key is always there, so that an emergency need not wait for one.
 *
 * A process reads the record again every `refresh`, and goes on with what it knows for `staleIfError` while the store
 * cannot be asked. That the clocks of the processes agree to a minute is taken for granted, and not checked.
 *
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`
 * @see RFC 7517, RFC 7638
 */
export function createSigningKeys(options: SigningKeysOptions): SigningKeys {
  const settings = checkedSettings(options)
  const { clock, name, times, maxAgeSeconds } = settings
  const desk = new RingDesk(settings)
  const signing = new SigningView()
  const published = new PublishedView(times, maxAgeSeconds)
  return Object.freeze<SigningKeys>({
    longestTokenSeconds: settings.longestTokenSeconds,
    current: (now) =>
      whenReady(desk.ring(now), (answer) =>
        answer.kind === 'done' ? signing.of(answer.result, now) : answer,
      ),
    published: publishedSource(desk, published, sourceName(name)),
    jwks: () => {
      const now = readClock(clock)
      return whenReady(desk.ring(now), (answer) =>
        answer.kind === 'done'
          ? { kind: 'document', document: published.of(answer.result, now).document }
          : answer,
      )
    },
    async tick() {
      const answer = await desk.turn(readClock(clock))
      return answer.kind === 'done' ? { kind: 'done' } : answer
    },
    async compromise(kid) {
      const answer = await desk.compromise(kid, readClock(clock))
      if (answer.kind === 'unavailable') throw new UnavailableError('compromise', answer.cause)
      return { kind: answer.result === null ? 'unknown' : 'compromised' }
    },
    async list() {
      const now = readClock(clock)
      const answer = await desk.turn(now)
      if (answer.kind === 'unavailable') return answer
      return { kind: 'keys', keys: keyStates(answer.result.ring, now, times) }
    },
  })
}

function publishedSource(desk: RingDesk, view: PublishedView, name: string): KeySource {
  const lookupOf = (answer: RingAnswer, now: number): KeySetLookup =>
    answer.kind === 'done'
      ? view.of(answer.result, now).lookup
      : { kind: 'unavailable', retryAfterSeconds: PAUSE_SECONDS, cause: answer.cause }
  const current: KeySource['current'] = (now, report) =>
    whenReady(desk.ring(now, report), (answer) => lookupOf(answer, now))
  return Object.freeze<KeySource>({
    name,
    current,
    refreshed: (now, seen, report) =>
      whenReady(current(now, report), (lookup) =>
        lookup.kind === 'set' && lookup.set === seen
          ? whenReady(desk.renewed(now, report), (answer) => lookupOf(answer, now))
          : lookup,
      ),
  })
}
