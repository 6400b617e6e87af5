import { describe, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createStoreContract } from '../../src/testing/store-contract.js'

/** Makes a store, and answers with what opens connections to it. To add yours, add it here. */
const stores: Readonly<Record<string, () => () => Store>> = {
  memoryStore() {
    const store = memoryStore()
    return () => store
  },
}

describe.each(Object.entries(stores))('the contract of stores: %s', (_name, make) => {
  const connect = make()
  for (const { name, run } of createStoreContract(1_800_000_000)) {
    test(name, () => run(connect))
  }
})
