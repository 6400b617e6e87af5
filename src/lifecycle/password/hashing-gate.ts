import * as z from 'zod/mini'
import { checkedOptions, wholeNumber } from '../../shared/options.js'
import { createTurnstile, type Turnstile } from '../../shared/turnstile.js'

export interface HashingGateOptions {
  /**
   * Jobs that run at once; 1 by default. The portable argon2id shares the event loop with every other request, and two
   * jobs in turn can keep it from them. With a hasher of threads, raise it; keep it below the pool's size (Node: 4).
   */
  readonly concurrent?: number
  /** Jobs that may wait; 64 by default. 0 lets none wait. */
  readonly queued?: number
}

/** Lets through a few password hashes at a time. */
export type HashingGate = Turnstile

/**
 * Makes a hashing gate. A password hash takes a large part of a second and tens of megabytes: without a limit, a
 * handful of clients with wrong passwords would take the whole machine, and the thread pool that signatures need.
 *
 * Does not stop a job: one that never ends keeps its place. Does not tell clients apart.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createHashingGate(options: HashingGateOptions = {}): HashingGate {
  const { concurrent = 1, queued = 64 } = checkedOptions('createHashingGate', OPTIONS, options)
  return createTurnstile({ concurrent, queued })
}

const OPTIONS = /* @__PURE__ */ z.strictObject({
  concurrent: z.optional(wholeNumber(1, 64)),
  queued: z.optional(wholeNumber(0, 10_000)),
})
