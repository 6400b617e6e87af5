import { hasJwtShape } from '../../credential/bearer.js'
import { parseCompact } from '../../jwt/compact.js'
import { hashOpaqueToken } from '../../lifecycle/opaque-token.js'
import { monotonicMilliseconds, timeSince } from '../../runtime/clock.js'
import { within } from '../../runtime/within.js'
import type { Eventual } from '../../shared/eventual.js'
import { Redacted } from '../../shared/redacted.js'
import { createTurnstile, type Turnstile } from '../../shared/turnstile.js'
import type { UnjudgedCredential, VerificationContext } from '../verifier.js'
import { readIntrospected } from './introspected-token.js'
import {
  IntrospectionCache,
  type IntrospectionCacheSettings,
  type KnownToken,
} from './introspection-cache.js'
import type {
  IntrospectionAnswer,
  IntrospectionFailure,
  IntrospectionSource,
} from './introspection-source.js'
import { ServerRest } from './server-rest.js'

export interface IntrospectionDeskSettings {
  readonly source: IntrospectionSource
  /** Null: every request asks. */
  readonly cache: IntrospectionCacheSettings | null
  readonly timeoutMilliseconds: number
  /** Questions under way at once. */
  readonly concurrent: number
  /** Questions that may wait for their turn. */
  readonly queued: number
}

/** What the desk says of a token. */
export type DeskAnswer =
  | Exclude<KnownToken, { readonly kind: 'unusable' }>
  | { readonly kind: 'malformed' }
  | UnjudgedCredential

type Context = Pick<VerificationContext, 'now' | 'report'>

/**
 * Asks an authorization server about tokens, and no more often than it has to: answers are remembered for a while, those
 * who ask about one token at the same time share one question, only so many questions are under way, and a server that
 * has failed is left alone.
 *
 * Without a cache nothing is shared: each request has an answer that was asked for on its behalf.
 */
export class IntrospectionDesk {
  readonly #settings: IntrospectionDeskSettings
  readonly #cache: IntrospectionCache | null
  readonly #turnstile: Turnstile
  readonly #rest = new ServerRest()
  /** Questions under way, by the token's hash. */
  readonly #flights = new Map<string, Promise<DeskAnswer>>()
  #lastFailure: unknown = null

  constructor(settings: IntrospectionDeskSettings) {
    this.#settings = settings
    this.#cache = settings.cache === null ? null : new IntrospectionCache(settings.cache)
    this.#turnstile = createTurnstile(settings)
  }

  /** Answers at once if it knows the answer. Never throws or rejects. */
  ask(text: string, context: Context): Eventual<DeskAnswer> {
    // INVARIANT: tokens are known by the whole hash, here and in the cache; nothing keeps their text.
    const hash = hashOpaqueToken(text)
    const known = this.#cache?.find(hash, context.now) ?? null
    if (known !== null) return asDeskAnswer(known)
    if (!isAskable(text)) return MALFORMED
    if (this.#cache === null) return this.#question(hash, text, context)
    const flight = this.#flights.get(hash)
    if (flight !== undefined) return flight
    const started = this.#question(hash, text, context).finally(() => this.#flights.delete(hash))
    this.#flights.set(hash, started)
    return started
  }

  /** One question, when its turn comes. */
  async #question(hash: string, text: string, context: Context): Promise<DeskAnswer> {
    const { timeoutMilliseconds } = this.#settings
    const queuedAt = monotonicMilliseconds()
    const job = await this.#turnstile.run(async (): Promise<DeskAnswer> => {
      // Who has waited this long has gone by now, most likely.
      if (monotonicMilliseconds() - queuedAt > timeoutMilliseconds) return BUSY
      const now = timeSince(context.now, queuedAt)
      const entry = this.#rest.enter(now)
      if ('waitSeconds' in entry) return unavailable(this.#lastFailure, entry.waitSeconds)
      return this.#exchange(hash, text, entry.round, { ...context, now })
    })
    return job.kind === 'busy' ? BUSY : job.value
  }

  async #exchange(
    hash: string,
    text: string,
    round: number,
    { now, report }: Context,
  ): Promise<DeskAnswer> {
    const { source, timeoutMilliseconds } = this.#settings
    const start = monotonicMilliseconds()
    const question = { token: new Redacted(text), now, timeoutMilliseconds, report }
    const answer = await ask(source, question)
    const milliseconds = Math.round(monotonicMilliseconds() - start)
    if (answer.kind === 'unavailable') {
      const { concerns, cause, retryAfterSeconds } = answer
      report({ kind: 'introspection_failed', at: now, concerns, cause })
      if (concerns === 'server') {
        this.#lastFailure = cause
        // A server may have taken its time to fail.
        const failedAt = timeSince(now, start)
        return unavailable(cause, this.#rest.fail(round, failedAt, retryAfterSeconds))
      }
    } else if (milliseconds * 2 > timeoutMilliseconds) {
      report({ kind: 'store_slow', at: now, milliseconds, timeoutMilliseconds })
    }
    this.#rest.succeed()
    const known: KnownToken =
      answer.kind === 'unavailable' ? { kind: 'unusable', cause: answer.cause } : answer
    this.#cache?.keep(hash, known, now)
    return asDeskAnswer(known)
  }
}

/** Asks and believes nothing: a source can be the application's own. Never rejects, and ends in time. */
async function ask(
  source: IntrospectionSource,
  question: Parameters<IntrospectionSource['introspect']>[0],
): Promise<KnownToken | IntrospectionFailure> {
  try {
    const waited = await within(
      question.timeoutMilliseconds,
      Promise.resolve(source.introspect(question)),
    )
    if (waited.kind === 'settled') return readAnswer(waited.value, source.issuer)
    return failure('server', new Error('The authorization server did not answer in time.'))
  } catch (cause) {
    return failure('server', cause)
  }
}

function readAnswer(
  answer: IntrospectionAnswer,
  issuer: string,
): KnownToken | IntrospectionFailure {
  switch (answer.kind) {
    case 'inactive':
      return INACTIVE
    case 'unavailable':
      return answer
    case 'active': {
      if (!isObject(answer.claims)) break
      const read = readIntrospected(answer.claims, issuer)
      if (read.ok) return { kind: 'active', token: read.value }
      const problem = `The authorization server answered with an unusable '${read.reason}'.`
      return failure('token', new Error(problem))
    }
  }
  // Not a member of the union: the source is the application's own.
  return failure('server', new Error('The introspection source gave no answer.'))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function failure(concerns: 'server' | 'token', cause: unknown): IntrospectionFailure {
  return { kind: 'unavailable', concerns, cause }
}

function asDeskAnswer(known: KnownToken): DeskAnswer {
  return known.kind === 'unusable' ? unavailable(known.cause) : known
}

function unavailable(cause: unknown, retryAfterSeconds?: number): UnjudgedCredential {
  const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  return { kind: 'unavailable', reason: 'introspection_unavailable', cause, ...after }
}

/**
 * Whether a text can be a token at all. One of a JWT's shape must be canonical, as everywhere: a server that reads
 * several spellings of one token would have it come back under another hash.
 */
function isAskable(text: string): boolean {
  if (text.length === 0 || text.length > MAX_CHARACTERS) return false
  return !hasJwtShape(text) || parseCompact(text).ok
}

const MAX_CHARACTERS = 8_192
const INACTIVE: KnownToken = { kind: 'inactive' }
const MALFORMED: DeskAnswer = { kind: 'malformed' }
const BUSY: DeskAnswer = {
  kind: 'unavailable',
  reason: 'introspection_busy',
  retryAfterSeconds: 1,
}
