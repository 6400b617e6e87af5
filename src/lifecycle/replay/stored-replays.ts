import type { Eventual } from '../../shared/eventual.js'
import { isStoreText, type Store } from '../store/store.js'
import type { ReplayStore } from './replay-store.js'

/**
 * A replay store on the store of the lifecycle: what was used once in one process is used up in all that share it.
 *
 * Each id is a record of its own that runs out after its last second; a store that forgets sooner, as a Redis does that may
 * evict, lets a proof pass twice. Throws and rejects as the store does, which counts as an outage.
 */
export function storedReplays(store: Pick<Store, 'insert'>): ReplayStore {
  return Object.freeze<ReplayStore>({
    remember(id: string, until: number, now: number): Eventual<boolean> {
      // Stores may take two such ids for one.
      if (!isStoreText(id)) throw new Error('This id is none that a store can tell from others.')
      return store.insert({ kind: 'used', id }, '', { now, expiresAt: until + 1 })
    },
  })
}
