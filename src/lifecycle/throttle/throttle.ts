import * as z from 'zod/mini'
import { ConfigurationError } from '../../errors.js'
import { within } from '../../runtime/within.js'
import { type Eventual, whenReady } from '../../shared/eventual.js'
import { checkedOptions, port, wholeNumber } from '../../shared/options.js'
import { RecentMap } from '../../shared/recent-map.js'
import { type Attempt, type AttemptKeys, attemptKeys } from './attempt-keys.js'
import { type AttemptLimiter, type Count, readFulfilled, readRejected } from './attempt-limiter.js'

/**
 * How many attempts to prove a credential are looked at. At least one limiter; each is asked in this order, and what the
 * one refuses is not counted by the next, so that one source cannot use up the attempts of an account.
 */
export interface ThrottleOptions {
  /** For all attempts of one source, whatever the account. */
  readonly source?: AttemptLimiter
  /** For one account from one source. A success forgets its failures. */
  readonly accountAndSource?: AttemptLimiter
  /**
   * For one account from anywhere. Whoever passes it locks the account for all sources but those it was used from lately,
   * which the other limiters hold; alone, it locks it for those too. Give it several times what `accountAndSource` has.
   */
  readonly account?: AttemptLimiter
  /** How long each limiter may take; 1,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** When a limiter fails, credentials are checked without it: whoever can make it fail may guess without end. */
  readonly dangerouslyAllowUncounted?: true
}

/** Which limit was passed. */
export type ThrottleLimit = 'source' | 'account_and_source' | 'account'

/** Too many attempts: this one was not looked at. */
export interface ThrottledAttempt {
  readonly kind: 'throttled'
  readonly limit: ThrottleLimit
  /** Whole seconds, from 1 to 86,400. */
  readonly retryAfterSeconds: number
}

/** It cannot be told how many attempts there were, so this one was not looked at. */
export interface UncountedAttempt {
  readonly kind: 'unavailable'
  readonly reason: 'throttle_unavailable'
  readonly cause: unknown
}

/** What a check found: the credential is right, or wrong, or could not be judged (which nobody learns anything by). */
export type AttemptEnd = 'proven' | 'failed' | 'unjudged'

/** Limits how often secrets are tried. Made by {@link createThrottle}. */
export interface Throttle {
  /**
   * Counts an attempt, and has it checked if it is within the limits.
   *
   * INVARIANT: counted before it is checked, each limiter in one atomic step, so that of any number of attempts at once no
   * more than the limit are checked. What was not judged is taken back; so is a success, which also forgets the failures
   * of this account from this source, and nothing else: who owns one account must not clear a source of the others.
   *
   * A credential with a hash that was right a moment ago is not counted first: it is no guess, whatever its source did.
   * Answers at once for such a one if its check does.
   *
   * @param check looks at the credential; a throw or rejection is passed on, after the attempt was taken back
   * @param endOf says what the check found
   * @param onTrouble told what a limiter threw where that does not change the answer; must not throw
   */
  attempt<Result>(
    attempt: Attempt,
    check: () => Eventual<Result>,
    endOf: (result: Result) => AttemptEnd,
    onTrouble?: (cause: unknown) => void,
  ): Eventual<Result | ThrottledAttempt | UncountedAttempt>
}

/**
 * Makes a throttle out of limiters.
 *
 * Share one between verifiers only if an account is the same one in all of them. It remembers in this process, for up to
 * 10,000 of both together, which credentials were right lately, and which accounts from which source; a restart forgets
 * that, and the limits then hold for everybody.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createThrottle(options: ThrottleOptions): Throttle {
  const checked = checkedOptions('createThrottle', OPTIONS, options)
  const { source = null, accountAndSource = null, account = null } = checked
  if (source === null && accountAndSource === null && account === null) {
    throw new ConfigurationError(
      'option_invalid',
      'createThrottle: give at least one of source, accountAndSource and account a limiter.',
    )
  }
  const setup: Setup = {
    limiters: { source, accountAndSource, account },
    timeoutMilliseconds: checked.timeoutMilliseconds ?? TIMEOUT_MILLISECONDS,
    allowsUncounted: checked.dangerouslyAllowUncounted ?? false,
    known: new RecentMap(MAX_KNOWN),
  }
  return Object.freeze({
    attempt<Result>(
      attempt: Attempt,
      check: () => Eventual<Result>,
      endOf: (result: Result) => AttemptEnd,
      onTrouble: (cause: unknown) => void = ignore,
    ) {
      const hearing: Hearing<Result> = { keys: attemptKeys(attempt), check, endOf, onTrouble }
      const { credential } = hearing.keys
      return credential !== null && setup.known.get(credential) === true
        ? checkKnown(setup, hearing, credential)
        : countAndCheck(setup, hearing)
    },
  })
}

interface Setup {
  readonly limiters: {
    readonly source: AttemptLimiter | null
    readonly accountAndSource: AttemptLimiter | null
    readonly account: AttemptLimiter | null
  }
  readonly timeoutMilliseconds: number
  readonly allowsUncounted: boolean
  /** Credentials that were right lately, and accounts from a source, by their keys. */
  readonly known: RecentMap<string, true>
}

interface Hearing<Result> {
  readonly keys: AttemptKeys
  readonly check: () => Eventual<Result>
  readonly endOf: (result: Result) => AttemptEnd
  readonly onTrouble: (cause: unknown) => void
}

/** One counter that an attempt is counted on. */
interface Counter {
  readonly limit: ThrottleLimit
  readonly limiter: AttemptLimiter
  readonly key: string
}

/** A credential that was right lately: counted only if it no longer is. */
function checkKnown<Result>(
  setup: Setup,
  hearing: Hearing<Result>,
  credential: string,
): Eventual<Result> {
  return whenReady(hearing.check(), (result): Eventual<Result> => {
    if (hearing.endOf(result) !== 'failed') return result
    setup.known.delete(credential)
    return countAll(setup, hearing).then(() => result)
  })
}

async function countAndCheck<Result>(
  setup: Setup,
  hearing: Hearing<Result>,
): Promise<Result | ThrottledAttempt | UncountedAttempt> {
  const { refusal, counted } = await countAll(setup, hearing)
  if (refusal?.kind === 'throttled') return refusal
  if (refusal !== null) {
    await takeBack(setup, hearing, counted)
    return refusal
  }
  let end: AttemptEnd = 'unjudged'
  try {
    const result = await hearing.check()
    end = hearing.endOf(result)
    return result
  } finally {
    if (end === 'unjudged') await takeBack(setup, hearing, counted)
    if (end === 'proven') await forgive(setup, hearing, counted)
  }
}

/** Counts on each counter in turn, until one refuses. */
async function countAll(
  setup: Setup,
  { keys, onTrouble }: Pick<Hearing<never>, 'keys' | 'onTrouble'>,
): Promise<{
  readonly refusal: ThrottledAttempt | UncountedAttempt | null
  readonly counted: readonly Counter[]
}> {
  const counted: Counter[] = []
  for (const counter of countersOf(setup, keys)) {
    const count = await countOn(counter, setup.timeoutMilliseconds)
    if (count.kind === 'throttled') {
      return { refusal: { ...count, limit: counter.limit }, counted }
    }
    if (count.kind === 'counted') {
      counted.push(counter)
    } else if (setup.allowsUncounted) {
      onTrouble(count.cause)
    } else {
      return { refusal: { ...count, reason: 'throttle_unavailable' }, counted }
    }
  }
  return { refusal: null, counted }
}

function countersOf({ limiters, known }: Setup, keys: AttemptKeys): readonly Counter[] {
  // INVARIANT: another limiter counts in its place, so that nothing is tried without any.
  const isCounted = limiters.source !== null || limiters.accountAndSource !== null
  const isKnown =
    isCounted &&
    keys.hasNetwork &&
    keys.accountAndSource !== null &&
    known.get(keys.accountAndSource) === true
  const counters = [
    { limit: 'source', limiter: limiters.source, key: keys.source },
    {
      limit: 'account_and_source',
      limiter: limiters.accountAndSource,
      key: keys.accountAndSource,
    },
    // Where an account was used from lately, others cannot lock it.
    { limit: 'account', limiter: isKnown ? null : limiters.account, key: keys.account },
  ] as const
  return counters.flatMap(({ limit, limiter, key }) =>
    limiter === null || key === null ? [] : [{ limit, limiter, key }],
  )
}

/** Never rejects. */
async function countOn({ limiter, key }: Counter, timeoutMilliseconds: number): Promise<Count> {
  try {
    const waited = await within(timeoutMilliseconds, Promise.resolve(limiter.consume(key)))
    return waited.kind === 'settled'
      ? readFulfilled(waited.value)
      : { kind: 'unavailable', cause: new Error('The limiter did not answer.') }
  } catch (cause) {
    return readRejected(cause)
  }
}

async function takeBack(
  setup: Setup,
  { onTrouble }: Pick<Hearing<never>, 'onTrouble'>,
  counted: readonly Counter[],
): Promise<void> {
  await Promise.all(
    counted.map(({ limiter, key }) => undo(setup, onTrouble, () => limiter.reward(key))),
  )
}

/** The attempt was right: it is taken back, and what failed before it from the same place is forgotten. */
async function forgive(
  setup: Setup,
  { keys, onTrouble }: Pick<Hearing<never>, 'keys' | 'onTrouble'>,
  counted: readonly Counter[],
): Promise<void> {
  if (keys.credential !== null) setup.known.set(keys.credential, true)
  if (keys.accountAndSource !== null) setup.known.set(keys.accountAndSource, true)
  await Promise.all(
    counted.map(({ limit, limiter, key }) =>
      undo(setup, onTrouble, () =>
        limit === 'account_and_source' ? limiter.delete(key) : limiter.reward(key),
      ),
    ),
  )
}

/** Best effort: what the check found stands, whatever becomes of this. */
async function undo(
  { timeoutMilliseconds }: Setup,
  onTrouble: (cause: unknown) => void,
  act: () => PromiseLike<unknown>,
): Promise<void> {
  try {
    const waited = await within(timeoutMilliseconds, Promise.resolve(act()))
    if (waited.kind === 'timed_out') onTrouble(new Error('The limiter did not answer.'))
  } catch (cause) {
    onTrouble(cause)
  }
}

function ignore(): void {}

const TIMEOUT_MILLISECONDS = 1_000
const MAX_KNOWN = 10_000

const LIMITER = /* @__PURE__ */ z.exactOptional(port<AttemptLimiter>('consume', 'reward', 'delete'))

const OPTIONS = /* @__PURE__ */ z.strictObject({
  source: LIMITER,
  accountAndSource: LIMITER,
  account: LIMITER,
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
  dangerouslyAllowUncounted: z.optional(z.literal(true)),
})
