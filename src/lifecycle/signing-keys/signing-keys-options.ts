import * as z from 'zod/mini'
import { ConfigurationError } from '../../errors.js'
import { type Algorithm, algorithm } from '../../jwt/algorithms.js'
import { type SealingKey, sealingKey } from '../../jwt/sealed-jwk.js'
import { type Clock, systemClock } from '../../runtime/clock.js'
import { type Duration, seconds } from '../../shared/duration.js'
import { checkedOptions, DURATION, port, wholeNumber } from '../../shared/options.js'
import { Redacted } from '../../shared/redacted.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../ask-store.js'
import { isStoreText, type Store } from '../store/store.js'
import type { RingTimes } from './key-ring.js'

export interface SigningKeysOptions {
  readonly store: Pick<Store, 'get' | 'insert' | 'cas'>
  /**
   * What new keys are for. After a change, keys that there are already sign on for what they were made: up to two
   * rotations.
   */
  readonly algorithm: Algorithm
  /**
   * Seals the private keys in the store: 32 random bytes. Of several the first one seals and all of them open, so that
   * one can take the place of another.
   */
  readonly keyEncryptionKey?: KeyEncryptionKey | readonly KeyEncryptionKey[]
  /** Instead of a `keyEncryptionKey`: whoever has a dump of the store can then sign tokens. */
  readonly dangerouslyStoreKeysInClear?: true
  /** The longest that anything lives that these keys sign: 24 h by default, 1 s to 366 d. */
  readonly longestTokenLifetime?: Duration
  /**
   * How long a key signs: 90 d by default, up to 732 d; no less than `lead`, or than `longestTokenLifetime` and three
   * minutes.
   */
  readonly rotation?: Duration
  /**
   * How long a key is published before it signs: 24 h by default, up to 30 d. At least `jwksMaxAge`, and on top of it
   * `jwksMaxAge` once more, or `refresh` and `staleIfError` and three minutes if that is longer.
   */
  readonly lead?: Duration
  /** How long verifiers may keep the published keys: 5 min by default, 1 min to 24 h. */
  readonly jwksMaxAge?: Duration
  /**
   * How long a process goes by what it has read: 30 s by default, 1 s to 1 h. So long another process may still use a
   * key after it was found compromised.
   */
  readonly refresh?: Duration
  /** How long it goes on beyond that while the store cannot be asked: 1 h by default, 0 to 24 h. */
  readonly staleIfError?: Duration
  /** For one answer of the store: 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** Of these keys among others in the same store; `default` by default. */
  readonly name?: string
  readonly clock?: Clock
}

/** 32 random bytes. */
export type KeyEncryptionKey = Uint8Array | Redacted<Uint8Array>

export interface SigningKeysSettings {
  readonly store: Store
  readonly algorithm: Algorithm
  /** The first one seals. None: in clear. */
  readonly sealing: readonly SealingKey[]
  readonly longestTokenSeconds: number
  readonly times: RingTimes
  readonly maxAgeSeconds: number
  readonly refreshSeconds: number
  readonly staleSeconds: number
  readonly timeoutMilliseconds: number
  readonly name: string
  readonly clock: Clock
}

/** @throws ConfigurationError `option_invalid`, `algorithm_unknown` */
export function checkedSettings(options: SigningKeysOptions): SigningKeysSettings {
  const checked = checkedOptions('createSigningKeys', OPTIONS, options)
  const { timeoutMilliseconds, name, clock } = checked
  const sealing = sealingKeys(checked.keyEncryptionKey)
  if (sealing.length === 0 && checked.dangerouslyStoreKeysInClear === undefined) {
    throw invalid('give a keyEncryptionKey, or spell out dangerouslyStoreKeysInClear.')
  }
  if (sealing.length > 0 && checked.dangerouslyStoreKeysInClear !== undefined) {
    throw invalid('a keyEncryptionKey and dangerouslyStoreKeysInClear contradict each other.')
  }
  const maxAgeSeconds = seconds('jwksMaxAge', checked.jwksMaxAge, { min: 60, max: DAY })
  const refreshSeconds = seconds('refresh', checked.refresh, { min: 1, max: 3_600 })
  const staleSeconds = seconds('staleIfError', checked.staleIfError, { min: 0, max: DAY })
  const longest = seconds('longestTokenLifetime', checked.longestTokenLifetime, LIFETIMES)
  const retention = longest + CLOCK_STEPS_SECONDS
  // A publisher may be behind by all of this, and whoever asked it may keep the answer for as long as it was told.
  const behind = refreshSeconds + staleSeconds + CLOCK_STEPS_SECONDS
  const lead = seconds('lead', checked.lead, {
    min: maxAgeSeconds + Math.max(maxAgeSeconds, behind),
    max: 30 * DAY,
  })
  const rotation = seconds('rotation', checked.rotation, {
    min: Math.max(lead, retention),
    max: 732 * DAY,
  })
  return {
    // Only these three are called; what an operation asks for is known here.
    store: checked.store as Store,
    algorithm: asymmetric(checked.algorithm),
    sealing,
    longestTokenSeconds: longest,
    times: { rotation, lead, retention, memory: Math.max(retention, lead + CLOCK_STEPS_SECONDS) },
    maxAgeSeconds,
    refreshSeconds,
    staleSeconds,
    timeoutMilliseconds,
    name,
    clock,
  }
}

function asymmetric(name: string): Algorithm {
  const entry = algorithm(name)
  if (entry === null) {
    throw new ConfigurationError(
      'algorithm_unknown',
      "createSigningKeys: 'algorithm' must be one of the table.",
    )
  }
  if (entry.family === 'hmac') {
    throw invalid('HMAC keys are shared secrets and cannot be published: use staticSigningKey.')
  }
  return entry.name
}

function sealingKeys(given: SigningKeysOptions['keyEncryptionKey']): readonly SealingKey[] {
  if (given === undefined) return []
  const keys: readonly KeyEncryptionKey[] = Array.isArray(given) ? given : [given]
  const bytes = keys.map((key) => (key instanceof Redacted ? key.reveal() : key))
  if (bytes.length === 0 || bytes.length > MAX_SEALING_KEYS || !bytes.every(isKeyEncryptionKey)) {
    throw invalid(
      `keyEncryptionKey must be 32 random bytes, or 1 to ${MAX_SEALING_KEYS} such keys.`,
    )
  }
  return bytes.map(sealingKey)
}

/** 32 bytes that are not all the same: a buffer that nobody has filled is no key. */
function isKeyEncryptionKey(bytes: unknown): bytes is Uint8Array {
  return (
    bytes instanceof Uint8Array && bytes.length === 32 && bytes.some((byte) => byte !== bytes[0])
  )
}

function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `createSigningKeys: ${problem}`)
}

const DAY = 86_400
const LIFETIMES = { min: 1, max: 366 * DAY }
const MAX_SEALING_KEYS = 8

/** A signer that is a minute behind, a publisher that is a minute ahead, and the largest leeway of a verifier. */
const CLOCK_STEPS_SECONDS = 180

const OPTIONS = /* @__PURE__ */ z.strictObject({
  store: port<Pick<Store, 'get' | 'insert' | 'cas'>>('get', 'insert', 'cas'),
  algorithm: z.string(),
  keyEncryptionKey: z.optional(
    z.custom<KeyEncryptionKey | readonly KeyEncryptionKey[]>((value) => value !== undefined),
  ),
  dangerouslyStoreKeysInClear: z.optional(z.literal(true)),
  longestTokenLifetime: z._default(DURATION, '24h'),
  rotation: z._default(DURATION, '90d'),
  lead: z._default(DURATION, '24h'),
  jwksMaxAge: z._default(DURATION, '5m'),
  refresh: z._default(DURATION, '30s'),
  staleIfError: z._default(DURATION, '1h'),
  timeoutMilliseconds: z._default(wholeNumber(1, 60_000), STORE_TIMEOUT_MILLISECONDS),
  name: z._default(z.string().check(z.refine(isStoreText)), 'default'),
  clock: z._default(port<Clock>('now'), systemClock),
})
