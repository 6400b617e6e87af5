/** Lets through a few jobs at a time. */
export interface Turnstile {
  /**
   * Runs the job when its turn comes, in the order of the calls. Rejects if the job does.
   *
   * @returns `busy`, at once and without running the job, when the queue is full
   */
  run<Value>(job: () => Promise<Value>): Promise<TurnstileJob<Value>>
}

export type TurnstileJob<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'busy' }

/**
 * Makes a turnstile: `concurrent` jobs run at once, `queued` may wait. Does not stop a job: one that never ends keeps its
 * place. Does not tell callers apart.
 */
export function createTurnstile({
  concurrent,
  queued,
}: {
  readonly concurrent: number
  readonly queued: number
}): Turnstile {
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
