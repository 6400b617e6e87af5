/** A process of its own that writes until it is killed, and tells of each write that has been answered. */

import type { StoreAddress, WorkerMessage } from './race.js'
import { openStore } from './race-stores.js'

process.once('message', async ({ address, mark }: { address: StoreAddress; mark: string }) => {
  const { store } = await openStore(address)
  const times = { now: 1_800_000_000, expiresAt: 1_800_000_600 }
  for (let number = 0; ; number++) {
    const id = `${mark}-${process.pid}-${number}`
    const notice = { text: id, until: times.expiresAt }
    const done = await store.insert({ kind: 'code', id }, 'value', {
      ...times,
      notice,
      indexes: [mark],
    })
    if (done) await told({ written: id })
  }
})

function told(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()))
}
