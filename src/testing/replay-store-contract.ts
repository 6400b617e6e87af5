import type { ReplayStore } from '../lifecycle/replay/replay-store.js'
import { randomBytes } from '../runtime/random.js'
import { encodeBase64url } from '../shared/base64.js'

/** One case of the contract: a sentence, and a function that rejects if the store does not keep it. */
export interface ReplayStoreCase {
  readonly name: string
  /**
   * @param connect a connection of its own to one and the same store: for a store in memory the store itself, for one that
   *   processes share another client each time
   */
  run(connect: () => ReplayStore | Promise<ReplayStore>): Promise<void>
}

/**
 * The contract of every replay store, for any test runner. The cases use ids that nobody else uses, so they may run against
 * a store that is in use.
 *
 * @param now seconds since the epoch; a store that looks at a clock of its own needs that clock's
 */
export function createReplayStoreContract(now: number): readonly ReplayStoreCase[] {
  return [
    {
      name: 'an id is new once',
      async run(connect) {
        const store = await connect()
        const id = anId()
        assert((await store.remember(id, now + 60, now)) === true, 'the id was not new')
        assert((await store.remember(id, now + 60, now)) === false, 'the id was new twice')
        assert((await store.remember(id, now + 60, now + 1)) === false, 'the id was new again')
      },
    },
    {
      name: 'ids that differ in one character, or in case, are different ids',
      async run(connect) {
        const store = await connect()
        const id = anId().slice(1)
        for (const first of ['a', 'A', 'b']) {
          assert((await store.remember(first + id, now + 60, now)) === true, `${first} was not new`)
        }
      },
    },
    {
      name: 'of many uses at once exactly one is told that the id is new',
      async run(connect) {
        const id = anId()
        const stores = await Promise.all(Array.from({ length: 10 }, () => connect()))
        const uses = Array.from({ length: 100 }, async (_, index) => {
          const store = stores[index % stores.length]
          return store === undefined ? false : store.remember(id, now + 60, now)
        })
        const winners = (await Promise.all(uses)).filter((isNew) => isNew === true)
        assert(winners.length === 1, `the id was new ${winners.length} times`)
      },
    },
    {
      name: 'an id is still known in its last second, by every connection',
      async run(connect) {
        const id = anId()
        const [one, other] = [await connect(), await connect()]
        assert((await one.remember(id, now + 1, now)) === true, 'the id was not new')
        assert((await other.remember(id, now + 1, now + 1)) === false, 'the id was forgotten')
      },
    },
    {
      name: 'an id that many others follow is still known',
      async run(connect) {
        const store = await connect()
        const id = anId()
        await store.remember(id, now + 60, now)
        for (let count = 0; count < 500; count++) await store.remember(anId(), now + 60, now)
        assert((await store.remember(id, now + 60, now)) === false, 'the id was forgotten')
      },
    },
  ]
}

function anId(): string {
  return encodeBase64url(randomBytes(32))
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(message)
}
