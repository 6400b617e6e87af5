import type { EventLoop } from '../runtime/event-loop.js'
import type { Eventual } from '../shared/eventual.js'

/** A verification that takes so long that a second core is worth asking. Null: it could not be done. */
export interface SlowVerification {
  here(): boolean | null
  /** Calls back once, at any later time. */
  inPool(done: (isValid: boolean | null) => void): void
}

export interface PoolPolicy {
  /** Runs the verification here, and answers at once, or in the pool, and answers with a promise. Never rejects. */
  run(work: SlowVerification): Eventual<boolean | null>
}

/**
 * Decides which slow verifications are done on this thread and which in the runtime's thread pool.
 *
 * Here, while nothing is in the pool: what the first callback of a turn of the event loop asks for, within 3 ms. That is
 * the lone request, which a hop to another thread would only delay. In the pool: everything else, for several requests
 * that are due in one turn keep a second core busy.
 *
 * The pool also hashes passwords, for hundreds of milliseconds a job. If it has finished nothing for 5 ms it is
 * stalled: until it moves again everything is done here, and what waits in it is done here as well, oldest first, one
 * each turn; what the pool says of those later is dropped.
 *
 * @param loop null if there is none to watch: then everything is done here
 */
export function createPoolPolicy(loop: EventLoop | null): PoolPolicy {
  return loop === null ? { run: ({ here }) => here() } : new Policy(loop)
}

class Policy implements PoolPolicy {
  readonly #loop: EventLoop
  /** When this turn did its first here; null if it has done none. */
  #turnBegan: number | null = null
  /** Another callback of this turn has been served. */
  #isShared = false
  /** In the pool, with those that have meanwhile been done here. */
  #inPool = 0
  /** When the pool last finished something, or started on its first. */
  #movedAt = 0
  #isWatched = false
  /** In the pool and not answered yet, oldest first. */
  readonly #waiting = new Set<() => void>()

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  run(work: SlowVerification): Eventual<boolean | null> {
    if (this.#inPool > 0 ? this.#isStalled() : this.#hasTurn()) return work.here()
    return this.#handOver(work)
  }

  #hasTurn(): boolean {
    if (this.#isShared) return false
    const now = this.#loop.milliseconds()
    if (this.#turnBegan === null) {
      this.#turnBegan = now
      this.#loop.afterCallback(this.#endCallback)
      this.#loop.afterTurn(this.#endTurn)
    }
    return now - this.#turnBegan < HERE_MILLISECONDS
  }

  readonly #endCallback = (): void => {
    this.#isShared = this.#turnBegan !== null
  }

  readonly #endTurn = (): void => {
    this.#turnBegan = null
    this.#isShared = false
  }

  #handOver(work: SlowVerification): Promise<boolean | null> {
    if (this.#inPool === 0) this.#movedAt = this.#loop.milliseconds()
    this.#inPool += 1
    this.#watch()
    return new Promise((resolve) => {
      const rescue = (): void => {
        this.#waiting.delete(rescue)
        resolve(work.here())
      }
      this.#waiting.add(rescue)
      work.inPool((isValid) => {
        this.#inPool -= 1
        this.#movedAt = this.#loop.milliseconds()
        if (this.#waiting.delete(rescue)) resolve(isValid)
      })
    })
  }

  #isStalled(): boolean {
    return this.#loop.milliseconds() - this.#movedAt > STALL_MILLISECONDS
  }

  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#loop.later(STALL_MILLISECONDS, this.#look)
  }

  readonly #look = (): void => {
    this.#isWatched = false
    const [oldest] = this.#waiting
    if (oldest === undefined) return
    if (!this.#isStalled()) {
      this.#watch()
      return
    }
    oldest()
    // Not all at once: between two of them the loop serves others, and learns whether the pool moves again.
    this.#isWatched = true
    this.#loop.afterTurn(this.#look)
  }
}

const HERE_MILLISECONDS = 3
const STALL_MILLISECONDS = 5
