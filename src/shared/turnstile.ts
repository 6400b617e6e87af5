/** Lets through a few jobs at a time. */
export interface Turnstile {
  /**
   * Runs the job when its turn comes, in the order of the calls. Rejects if the job does.
   *
   * @returns `busy` without running the job: at once when the queue is full, or when its time is up before its turn comes
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
    /**
     * Runs the work in so many milliseconds, unless what it returns is called before: tells who waits that the time is up,
     * also while no turn comes at all. Without it that shows when the next turn comes.
     */
    readonly later?: (milliseconds: number, work: () => void) => () => void
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
        let giveUp: (() => void) | undefined
        const hasTurn = await new Promise<boolean>((proceed) => {
          const entry = { since, proceed }
          waiting.push(entry)
          giveUp = patience?.later?.(patience.milliseconds + 1, () => {
            waiting.splice(waiting.indexOf(entry), 1)
            proceed(false)
          })
        })
        giveUp?.()
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
