import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { JwkSet, KeySetLookup, KeySource } from '../jwt/jwk-set.js'
import { type Duration, seconds } from '../shared/duration.js'
import { checkedOptions, functionOption } from '../shared/options.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import type { ExchangeLimits } from './exchange.js'
import { fetchJwkSet } from './fetch-jwk-set.js'

export interface RemoteJwkSetOptions {
  /** The issuer's `jwks_uri`: https; http only on `localhost`, `127.0.0.1` and `[::1]`. No user name or password. */
  readonly url: string
  /** The least time between two requests, unless the keys have aged out: 30 s by default, 1 s to 1 h. */
  readonly cooldown?: Duration
  /** How long keys are used without asking again: 10 min by default, 1 s to 24 h. */
  readonly maxAge?: Duration
  /** For one whole exchange: 3,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** The largest body: 262,144 by default, up to 16 MiB. */
  readonly maxBytes?: number
  /** Instead of the platform's `fetch`, to go through a proxy or to add telemetry. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * The keys that an issuer publishes at a URL.
 *
 * They are fetched when first needed, by one request however many wait for it, and again when they are older than
 * `maxAge` or when a token names a key that is not among them. Such tokens can be forged at will, so they cause at most
 * one request per `cooldown`. A key that the issuer withdraws is refused from the next fetch on.
 *
 * After a failure nothing is asked for the rest of the cooldown, and what needs an answer meanwhile is `unavailable`;
 * keys that have not aged out keep serving. Keys that have are not used. Never rejects.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`
 * @see RFC 7517 section 5, RFC 8725 section 3.10
 */
export function remoteJwkSet(options: RemoteJwkSetOptions): KeySource {
  const checked = checkedOptions('remoteJwkSet', OPTIONS, options)
  const { timeoutMilliseconds, maxBytes, fetch } = checked
  return new RemoteJwkSet(checkedUrl(checked.url), fetch, {
    cooldownSeconds: seconds('cooldown', checked.cooldown, { min: 1, max: 3_600 }),
    maxAgeSeconds: seconds('maxAge', checked.maxAge, { min: 1, max: 86_400 }),
    timeoutMilliseconds,
    maxBytes,
  })
}

interface Settings extends ExchangeLimits {
  readonly cooldownSeconds: number
  readonly maxAgeSeconds: number
}

/** When we asked last, and how it went. */
type Attempt =
  | { readonly kind: 'succeeded'; readonly at: number; readonly set: JwkSet }
  | { readonly kind: 'failed'; readonly at: number; readonly cause: unknown }

class RemoteJwkSet implements KeySource {
  readonly #url: string
  readonly #fetch: typeof globalThis.fetch | undefined
  readonly #settings: Settings
  #last: Attempt | null = null
  #held: { readonly set: JwkSet; readonly fetchedAt: number } | null = null
  #flight: Promise<Attempt> | null = null

  constructor(url: string, fetch: typeof globalThis.fetch | undefined, settings: Settings) {
    this.#url = url
    this.#fetch = fetch
    this.#settings = settings
  }

  async current(now: number): Promise<KeySetLookup> {
    const held = this.#held
    if (held !== null && isWithin(this.#settings.maxAgeSeconds, held.fetchedAt, now)) {
      return { kind: 'set', set: held.set }
    }
    const last = this.#last
    const isBackingOff = last?.kind === 'failed' && this.#isCooling(last, now)
    return this.#answer(isBackingOff ? last : await this.#ask(now), now)
  }

  async refreshed(now: number, seen: JwkSet): Promise<KeySetLookup> {
    const held = this.#held
    if (held !== null && held.set !== seen) return this.current(now)
    const last = this.#last
    const attempt = last !== null && this.#isCooling(last, now) ? last : await this.#ask(now)
    return this.#answer(attempt, now)
  }

  #isCooling(attempt: Attempt, now: number): boolean {
    return isWithin(this.#settings.cooldownSeconds, attempt.at, now)
  }

  /** One request at a time; whoever comes while it is under way waits for the same answer. */
  #ask(now: number): Promise<Attempt> {
    this.#flight ??= this.#attempt(now).finally(() => {
      this.#flight = null
    })
    return this.#flight
  }

  async #attempt(now: number): Promise<Attempt> {
    const attempt = await this.#fetchOnce(now)
    if (attempt.kind === 'succeeded') this.#held = { set: attempt.set, fetchedAt: now }
    this.#last = attempt
    return attempt
  }

  async #fetchOnce(now: number): Promise<Attempt> {
    try {
      const fetch = this.#fetch ?? globalThis.fetch
      return {
        kind: 'succeeded',
        at: now,
        set: await fetchJwkSet(this.#url, fetch, this.#settings),
      }
    } catch (cause) {
      return { kind: 'failed', at: now, cause }
    }
  }

  #answer(attempt: Attempt, now: number): KeySetLookup {
    if (attempt.kind === 'succeeded') return { kind: 'set', set: attempt.set }
    const left = attempt.at + this.#settings.cooldownSeconds - now
    return {
      kind: 'unavailable',
      retryAfterSeconds: Math.max(1, Math.ceil(left)),
      cause: attempt.cause,
    }
  }
}

/** Whether `now` is less than `span` seconds after `start`. If the clock has been set back, no time has a meaning: no. */
function isWithin(span: number, start: number, now: number): boolean {
  return now >= start && now < start + span
}

function checkedUrl(text: string): string {
  const url = parseSecureUrl(text)
  if (url !== null) return url.href
  throw new ConfigurationError(
    'url_invalid',
    'remoteJwkSet: the URL must be https (http on localhost only) and hold no user name or password.',
  )
}

const DURATION = z.custom<Duration>(
  (value) => typeof value === 'number' || typeof value === 'string',
)

const OPTIONS = z.strictObject({
  url: z.string(),
  cooldown: z._default(DURATION, 30),
  maxAge: z._default(DURATION, '10m'),
  timeoutMilliseconds: z._default(z.int().check(z.minimum(1), z.maximum(60_000)), 3_000),
  maxBytes: z._default(z.int().check(z.minimum(1), z.maximum(16_777_216)), 262_144),
  fetch: z.optional(functionOption<typeof globalThis.fetch>()),
})
