import * as z from 'zod/mini'
import { checkedOptions } from '../shared/options.js'

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
export interface HashingGate {
  /**
   * Runs the job when its turn comes, in the order of the calls. Rejects if the job does.
   *
   * @returns `busy`, at once and without running the job, when the queue is full
   */
  run<Value>(job: () => Promise<Value>): Promise<GatedJob<Value>>
}

export type GatedJob<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'busy' }

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
  const waiting: (() => void)[] = []
  let running = 0

  return {
    async run(job) {
      if (running < concurrent) {
        running++
      } else {
        if (waiting.length >= queued) return { kind: 'busy' }
        // INVARIANT: who leaves hands its place to the first in line, so `running` stays as it is.
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      try {
        return { kind: 'done', value: await job() }
      } finally {
        const next = waiting.shift()
        if (next === undefined) running--
        else next()
      }
    },
  }
}

const OPTIONS = /* @__PURE__ */ z.strictObject({
  concurrent: z.optional(z.int().check(z.minimum(1), z.maximum(64))),
  queued: z.optional(z.int().check(z.minimum(0), z.maximum(10_000))),
})
