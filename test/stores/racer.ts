/** A process of its own that competes with others for one store. `race.ts` starts it and says when to go. */
import { nonces, type RaceResult, type RacerMessage, type StoreAddress } from './race.js'
import { openStore } from './race-stores.js'

process.once('message', async (address: StoreAddress) => {
  const { store, close } = await openStore(address)
  process.once('message', async (mark: string) => {
    const name = `racer ${process.pid}`
    const result: RaceResult = { name, inserted: [], swapped: [], counted: [] }
    const times = { now: 1_800_000_000, expiresAt: 1_800_000_600 }
    for (const nonce of nonces(mark)) {
      const notice = { text: `${nonce} ${name}`, until: times.expiresAt }
      const key = { kind: 'code' as const, id: nonce }
      if (await store.insert(key, name, { ...times, notice })) result.inserted.push(nonce)
      const swap = await store.cas(key, 1, name, times)
      if (swap.kind === 'swapped') result.swapped.push(nonce)
      result.counted.push(await store.incr({ kind: 'epoch', id: mark }, name, times))
    }
    await close()
    send({ kind: 'result', result })
    process.disconnect()
  })
  send({ kind: 'ready' })
})

function send(message: RacerMessage): void {
  process.send?.(message)
}
