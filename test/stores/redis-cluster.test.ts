import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/lifecycle/store/store.js'
import { redisStore } from '../../src/stores/redis.js'
import { createStoreContract } from '../../src/testing/store-contract.js'
import { aPrefix, REDIS_CLIENTS, type RedisConnection, skipped } from '../support/redis.js'
import { CLUSTER_CLIENTS, type RedisCluster, startRedisCluster } from '../support/redis-cluster.js'

const found = await startRedisCluster()
if (found === null) skipped('no redis-server in PATH: redisStore was not tested on a cluster.')
afterAll(() => found?.stop())

describe.runIf(found !== null).each(
  Object.entries(CLUSTER_CLIENTS).flatMap(([name, open]) => [
    { name, open, slots: 1 },
    { name: `${name} over 16 slots`, open, slots: 16 },
  ]),
)('the contract of stores on a cluster of three: redisStore by $name', ({ open, slots }) => {
  const cluster = found as RedisCluster // else nothing of this runs
  const prefix = aPrefix()
  const connections: RedisConnection[] = []
  let opened = 0

  beforeAll(async () => {
    connections.push(await open(cluster.nodes), await open(cluster.nodes))
  }, 60_000)
  afterAll(async () => {
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

  test(slots === 1 ? 'one node has all keys' : 'every node has some of the keys', async () => {
    let having = 0
    for (const node of cluster.nodes) {
      const connection = await REDIS_CLIENTS.ioredis(node)
      const keys = await connection.command(['KEYS', `{${prefix}*`], '')
      if (Array.isArray(keys) && keys.length > 0) having += 1
      await connection.close()
    }
    expect(having).toBe(slots === 1 ? 1 : 3)
  })
})
