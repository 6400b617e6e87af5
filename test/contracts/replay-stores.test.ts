import { describe, test } from 'vitest'
import { memoryReplayStore } from '../../src/lifecycle/replay/memory-replay-store.js'
import type { ReplayStore } from '../../src/lifecycle/replay/replay-store.js'
import { createReplayStoreContract } from '../../src/testing/replay-store-contract.js'

/** Makes a store, and answers with what opens connections to it. To add yours, add it here. */
const stores: Readonly<Record<string, () => () => ReplayStore>> = {
  memoryReplayStore() {
    const store = memoryReplayStore()
    return () => store
  },
}

describe.each(Object.entries(stores))('the contract of replay stores: %s', (_name, make) => {
  const connect = make()
  for (const { name, run } of createReplayStoreContract(1_800_000_000)) {
    test(name, () => run(connect))
  }
})
