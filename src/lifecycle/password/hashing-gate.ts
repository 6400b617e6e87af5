import * as z from 'zod/mini'
import { monotonicMilliseconds } from '../../runtime/clock.js'
import { later } from '../../runtime/later.js'
import { checkedOptions, wholeNumber } from '../../shared/options.js'
import { createTurnstile, type Turnstile } from '../../shared/turnstile.js'

export interface HashingGateOptions {
  /**
   * Jobs that run at once; 1 by default. Raise it where hashes run on threads and there are cores for them: on the pool,
   * no more than its size less one run at once whatever this says (Node: 3); on the main thread, one.
   */
  readonly concurrent?: number
  /** Jobs that may wait; 64 by default. 0 lets none wait. */
  readonly queued?: number
  /** How long a job may wait for its turn; 10,000 by default, 1 to 600,000. A client that has gone is not worth a hash. */
  readonly waitMilliseconds?: number
}

/** Lets through a few password hashes at a time. */
export type HashingGate = Turnstile

/**
 * Makes a hashing gate. A password hash takes a large part of a second and tens of megabytes: without a limit, a
 * handful of clients with wrong passwords would take the whole machine, and the thread pool that signatures need.
 *
 * Does not stop a job: one that never ends keeps its place, and who waits behind it is told in time. Does not tell clients
 * apart.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createHashingGate(options: HashingGateOptions = {}): HashingGate {
  const checked = checkedOptions('createHashingGate', OPTIONS, options)
  const { concurrent = 1, queued = 64, waitMilliseconds = 10_000 } = checked
  const patience = { milliseconds: waitMilliseconds, milliClock: monotonicMilliseconds, later }
  return createTurnstile({ concurrent, queued, patience })
}

/**
 * The gate that everything in this process goes through that checks passwords and was given none: however many verifiers
 * there are, and a login beside them, they hash one password at a time together.
 */
export function sharedHashingGate(): HashingGate {
  shared ??= createHashingGate()
  return shared
}

/** Made when first needed: a module does no work when it is imported. */
let shared: HashingGate | null = null

const OPTIONS = /* @__PURE__ */ z.strictObject({
  concurrent: z.optional(wholeNumber(1, 64)),
  queued: z.optional(wholeNumber(0, 10_000)),
  waitMilliseconds: z.optional(wholeNumber(1, 600_000)),
})
