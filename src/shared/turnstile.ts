/** Lets through a few jobs at a time. */
export interface Turnstile {
  /**
   * Runs the job when its turn comes, in the order of the calls. Rejects if the job does.
   *
   * @returns `busy` without running the job: at once when the queue is full, or when its turn comes too late
   */
  run<Value>(job: () => Promise<Value>): Promise<TurnstileJob<Value>>
}

export type TurnstileJob<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'busy' }

export interface TurnstileOptions {
  readonly concurrent: number
  readonly queued: number
  /** How long a job may wait; for ever by default. Who has waited longer has most likely gone. */
  readonly patience?: {
    readonly milliseconds: number
    /** A clock that never steps back. */
    readonly milliClock: () => number
  }
}

/**
 * Makes a turnstile: `concurrent` jobs run at once, `queued` may wait. Does not stop a job: one that never ends keeps its
 * place. Does not tell callers apart.
 */
export function createTurnstile({ concurrent, queued, patience }: TurnstileOptions): Turnstile {
  const waiting: Waiting[] = []
  let running = 0

  const isLate = ({ since }: Waiting): boolean =>
    patience !== undefined && patience.milliClock() - since > patience.milliseconds

  /** The first in line who has not waited too long; those before it are told so. */
  const nextInLine = (): Waiting | undefined => {
    let next = waiting.shift()
    for (; next !== undefined && isLate(next); next = waiting.shift()) next.proceed(false)
    return next
  }

  return {
    async run(job) {
      if (running < concurrent) {
        running++
      } else {
        if (waiting.length >= queued) return { kind: 'busy' }
        // INVARIANT: who leaves hands its place to the first in line, so `running` stays as it is.
        const since = patience?.milliClock() ?? 0
        const hasTurn = await new Promise<boolean>((proceed) => waiting.push({ since, proceed }))
        if (!hasTurn) return { kind: 'busy' }
      }
      try {
        return { kind: 'done', value: await job() }
      } finally {
        const next = nextInLine()
        if (next === undefined) running--
        else next.proceed(true)
      }
    },
  }
}

interface Waiting {
  readonly since: number
  /** Hands over a place, or says that there is none any more. */
  proceed(hasTurn: boolean): void
}
