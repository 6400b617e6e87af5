import { createTokenJudge, type JwtVerifierOptions, type TokenJudge } from '../jwt/token-judge.js'
import { timeLeft } from '../runtime/time-left.js'
import { within } from '../runtime/within.js'
import { isWithin } from '../shared/duration.js'
import { whenReady } from '../shared/eventual.js'
import { createTurnstile } from '../shared/turnstile.js'
import { refused } from './refused.js'
import { type FoundJudge, issuerOf, type TokenIssuers } from './token-issuers.js'
import type { VerificationContext } from './verifier.js'

/**
 * Looks up an issuer that tokens may come from, in the application's own list of tenants.
 *
 * `issuer` is what an unverified token claims: 1 to 1,024 characters of anything. Compare it with what you know; never
 * fetch it, and build no query or path from it. Return null for a stranger, and the same object as long as nothing has
 * changed: its keys are kept with it. A rejection is an outage.
 */
export type IssuerResolver = (
  issuer: string,
) => JwtVerifierOptions | null | Promise<JwtVerifierOptions | null>

/**
 * Issuers that are looked up when their first token comes, and again every five minutes.
 *
 * Each is a unit of failure: while its look-up fails, an issuer that is known is served for an hour more, with an event for
 * each failed attempt, and others do not notice. Strangers are remembered for half a minute, apart from those that are
 * known, so that made-up issuers push none of them out. At most 16 look-ups are under way and 256 wait.
 */
export function resolvedIssuers(factory: string, resolve: IssuerResolver): TokenIssuers {
  const known = new Map<string, Known>()
  const strangers = new Map<string, number>()
  const failures = new Map<string, number>()
  const flights = new Map<string, Promise<FoundJudge>>()
  const turnstile = createTurnstile({ concurrent: 16, queued: 256 })

  async function lookUp(issuer: string, context: VerificationContext): Promise<FoundJudge> {
    const held = known.get(issuer)
    try {
      const options = await answered(issuer)
      if (options === null) return forget(issuer, context.now)
      const judge =
        held?.options === options ? held.judge : whileHeld(createTokenJudge(factory, options))
      if (judge.issuer !== issuer) throw new Error('the look-up answered with another issuer')
      failures.delete(issuer)
      remember(known, issuer, { options, judge, at: context.now })
      return { kind: 'found', judge }
    } catch (cause) {
      const { now } = context
      const ageSeconds = held === undefined ? null : now - held.at
      context.report({ kind: 'issuer_unresolved', at: now, issuer, ageSeconds, cause })
      remember(failures, issuer, now)
      return serveStale(held, now) ?? unresolved(cause)
    }
  }

  /** The wait for its turn counts: those who are known must not stand in line behind made-up ones for long. */
  async function answered(issuer: string): Promise<JwtVerifierOptions | null> {
    const left = timeLeft(TIMEOUT_MILLISECONDS)
    let isAwaited = true
    const asked = turnstile.run(async () => {
      if (!isAwaited) throw new Error('the look-up is not waited for any more')
      return within(
        left(),
        Promise.resolve().then(() => resolve(issuer)),
      )
    })
    const waited = await within(TIMEOUT_MILLISECONDS, asked)
    isAwaited = false
    if (waited.kind === 'timed_out') throw new Error('the look-up did not answer')
    const job = waited.value
    if (job.kind === 'busy') throw new Error('too many issuers are being looked up')
    if (job.value.kind === 'timed_out') throw new Error('the look-up did not answer')
    return job.value.value
  }

  /** What it has judged stands no longer than it is the issuer's judge: a tenant that was let go takes its tokens along. */
  function whileHeld({ issuer, judge }: TokenJudge): TokenJudge {
    const held: TokenJudge = {
      issuer,
      judge: (...given) =>
        whenReady(judge(...given), (judgement) => {
          if (judgement.kind !== 'verified') return judgement
          const { stands } = judgement
          return {
            ...judgement,
            stands: (now, report) => settled(issuer, now)?.judge === held && stands(now, report),
          }
        }),
    }
    return held
  }

  /** The issuer as it is known, if that need not be asked about at this moment. */
  function settled(issuer: string, now: number): Known | null {
    const held = known.get(issuer)
    if (held === undefined) return null
    const isFailing = isWithin(BACK_OFF_SECONDS, failures.get(issuer) ?? NEVER, now)
    const span = isFailing ? FRESH_SECONDS + STALE_SECONDS : FRESH_SECONDS
    return isWithin(span, held.at, now) ? held : null
  }

  function forget(issuer: string, now: number): FoundJudge {
    known.delete(issuer)
    failures.delete(issuer)
    remember(strangers, issuer, now)
    return STRANGER
  }

  return {
    names: [],
    judgeOf(jws, context) {
      const issuer = issuerOf(jws)
      if (issuer.kind !== 'named') return issuer
      const { name } = issuer
      const { now } = context
      const held = settled(name, now)
      if (held !== null) return { kind: 'found', judge: held.judge }
      if (isWithin(STRANGER_SECONDS, strangers.get(name) ?? NEVER, now)) return STRANGER
      if (isWithin(BACK_OFF_SECONDS, failures.get(name) ?? NEVER, now)) return unresolved(null)
      const flight = flights.get(name) ?? lookUp(name, context).finally(() => flights.delete(name))
      flights.set(name, flight)
      return flight
    },
  }
}

interface Known {
  readonly options: JwtVerifierOptions
  readonly judge: TokenJudge
  /** When it was last looked up, in seconds. */
  readonly at: number
}

function serveStale(held: Known | undefined, now: number): FoundJudge | null {
  return held !== undefined && isWithin(FRESH_SECONDS + STALE_SECONDS, held.at, now)
    ? { kind: 'found', judge: held.judge }
    : null
}

function unresolved(cause: unknown): FoundJudge {
  return {
    kind: 'unavailable',
    reason: 'issuer_unresolved',
    retryAfterSeconds: BACK_OFF_SECONDS,
    cause,
  }
}

/** Puts an entry in last; the one that was put in first goes if there are too many. */
function remember<Value>(entries: Map<string, Value>, name: string, value: Value): void {
  entries.delete(name)
  entries.set(name, value)
  for (const [oldest] of entries) {
    if (entries.size <= MAX_ISSUERS) break
    entries.delete(oldest)
  }
}

const STRANGER: FoundJudge = refused('issuer_mismatch', 'iss')
const NEVER = Number.NEGATIVE_INFINITY
const FRESH_SECONDS = 300
const STALE_SECONDS = 3_600
const STRANGER_SECONDS = 30
const BACK_OFF_SECONDS = 5
const TIMEOUT_MILLISECONDS = 2_000
const MAX_ISSUERS = 1_000
