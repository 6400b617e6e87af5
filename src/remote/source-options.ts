import * as z from 'zod/mini'
import { type Duration, seconds } from '../shared/duration.js'
import { DURATION, functionOption, wholeNumber } from '../shared/options.js'
import type { FetchSettings } from './fetch-document.js'
import type { SurvivalSettings } from './surviving-keys.js'

/** How keys are fetched and how long they serve, wherever they come from. */
export interface KeySourceOptions {
  /**
   * The least time between two attempts, unless the keys have aged out: 10 s by default, 1 s to 1 h. So long a new key
   * may go unnoticed while somebody sends forged key ids.
   */
  readonly cooldown?: Duration
  /** The longest that keys are used without asking again: 10 min by default, 1 s to 24 h. */
  readonly maxAge?: Duration
  /** The shortest, whatever the cache fields of an answer say: 1 min by default, or `maxAge` if that is less. */
  readonly minAge?: Duration
  /** How long keys serve beyond their age while the issuer cannot be asked: 1 h by default, 0 to 24 h. */
  readonly staleIfError?: Duration
  /** For one whole attempt: 3,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** The largest body: 262,144 by default, up to 16 MiB. */
  readonly maxBytes?: number
  /** Instead of the platform's `fetch`, to go through a proxy or to add telemetry. */
  readonly fetch?: typeof globalThis.fetch
}

/** The options in the units that the sources work with. @throws ConfigurationError `option_invalid` */
export function sourceSettings(
  options: z.output<typeof SOURCE_OPTIONS>,
): FetchSettings & Omit<SurvivalSettings, 'name' | 'fetch'> {
  const { timeoutMilliseconds, maxBytes, fetch } = options
  const maxAgeSeconds = seconds('maxAge', options.maxAge, { min: 1, max: 86_400 })
  const minAge = options.minAge ?? Math.min(MIN_AGE_SECONDS, maxAgeSeconds)
  return {
    cooldownSeconds: seconds('cooldown', options.cooldown, { min: 1, max: 3_600 }),
    maxAgeSeconds,
    minAgeSeconds: seconds('minAge', minAge, { min: 1, max: maxAgeSeconds }),
    staleSeconds: seconds('staleIfError', options.staleIfError, { min: 0, max: 86_400 }),
    timeoutMilliseconds,
    maxBytes,
    fetch,
  }
}

type Defaulted<Value> = z.ZodMiniDefault<z.ZodMiniCustom<Value, Value>>

export const SOURCE_OPTIONS: z.ZodMiniObject<
  {
    cooldown: Defaulted<Duration>
    maxAge: Defaulted<Duration>
    minAge: z.ZodMiniOptional<z.ZodMiniCustom<Duration, Duration>>
    staleIfError: Defaulted<Duration>
    timeoutMilliseconds: z.ZodMiniDefault<z.ZodMiniNumberFormat>
    maxBytes: z.ZodMiniDefault<z.ZodMiniNumberFormat>
    fetch: z.ZodMiniOptional<z.ZodMiniCustom<typeof globalThis.fetch, typeof globalThis.fetch>>
  },
  z.core.$strict
> = z.strictObject({
  cooldown: z._default(DURATION, 10),
  maxAge: z._default(DURATION, '10m'),
  minAge: z.optional(DURATION),
  staleIfError: z._default(DURATION, '1h'),
  timeoutMilliseconds: z._default(wholeNumber(1, 60_000), 3_000),
  maxBytes: z._default(wholeNumber(1, 16_777_216), 262_144),
  fetch: z.optional(functionOption<typeof globalThis.fetch>()),
})

const MIN_AGE_SECONDS = 60
