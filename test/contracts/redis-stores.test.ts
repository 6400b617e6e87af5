import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { redisStore } from '../../src/stores/redis.js'
import { createStoreContract } from '../../src/testing/store-contract.js'
import {
  aPrefix,
  deleteKeys,
  findRedis,
  REDIS_CLIENTS,
  type RedisConnection,
} from '../support/redis.js'

const address = await findRedis()

describe.runIf(address !== null).each(
  Object.entries(REDIS_CLIENTS).flatMap(([name, open]) => [
    { name, open, slots: 1 },
    { name: `${name} over 16 slots`, open, slots: 16 },
  ]),
)('the contract of stores: redisStore by $name', ({ open, slots }) => {
  const prefix = aPrefix()
  const connections: RedisConnection[] = []
  let opened = 0

  beforeAll(async () => {
    // Eight processes, as it were.
    for (let count = 0; count < 8 && address !== null; count++) {
      connections.push(await open(address))
    }
  }, 60_000)
  afterAll(async () => {
    const [first] = connections
    if (first !== undefined) await deleteKeys(first.command, prefix)
    for (const connection of connections) await connection.close()
  })

  const connect = (): Store => {
    const connection = connections[opened++ % connections.length]
    if (connection === undefined) throw new Error('no connection')
    return redisStore(connection.command, { prefix, slots })
  }

  for (const { name, run } of createStoreContract(1_800_000_000)) {
    test(name, () => run(connect))
  }
})
