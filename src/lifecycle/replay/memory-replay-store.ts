import * as z from 'zod/mini'
import { checkedOptions, wholeNumber } from '../../shared/options.js'
import type { ReplayStore } from './replay-store.js'

export interface MemoryReplayStoreOptions {
  /** How many ids are kept at once, each of some 200 bytes: 100,000 by default, 1 to 10,000,000. */
  readonly maxEntries?: number
}

/**
 * A replay store in the memory of this process: for one process. Several would each let the same id pass once.
 *
 * What has not run out is never forgotten: when the store is full, and after the clock was set back by more than what an
 * id is kept for, it throws. A restart forgets everything.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function memoryReplayStore(options: MemoryReplayStoreOptions = {}): ReplayStore {
  const { maxEntries = MAX_ENTRIES } = checkedOptions('memoryReplayStore', OPTIONS, options)
  const known = new Set<string>()
  /** The ids by the second in which they run out, so that forgetting costs each id once. */
  const expiring = new Map<number, string[]>()
  let sweptAt = Number.NEGATIVE_INFINITY
  /** The latest second in which an id that is forgotten by now ran out. */
  let forgotten = Number.NEGATIVE_INFINITY

  const sweep = (now: number): void => {
    if (now <= sweptAt) return
    sweptAt = now
    for (const [second, ids] of expiring) {
      if (second >= now) continue
      for (const id of ids) known.delete(id)
      expiring.delete(second)
      forgotten = Math.max(forgotten, second)
    }
  }

  return Object.freeze({
    remember(id: string, until: number, now: number): boolean {
      sweep(now)
      if (known.has(id)) return false
      // The clock was set back: an id like this one may have been known and is forgotten.
      if (until <= forgotten) throw new Error('The replay store cannot tell: its clock went back.')
      if (known.size >= maxEntries) throw new Error('The replay store is full.')
      known.add(id)
      const ids = expiring.get(until)
      if (ids === undefined) expiring.set(until, [id])
      else ids.push(id)
      return true
    },
  })
}

const MAX_ENTRIES = 100_000

const OPTIONS = /* @__PURE__ */ z.strictObject({
  maxEntries: z.optional(wholeNumber(1, 10_000_000)),
})
