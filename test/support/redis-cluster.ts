import { GlideClusterClient, Logger } from '@valkey/valkey-glide'
import { Cluster } from 'ioredis'
import { Cluster as ValkeyCluster } from 'iovalkey'
import { createCluster } from 'redis'
import {
  REDIS_CLIENTS,
  type RedisAddress,
  type RedisConnection,
  type RedisServer,
  startRedis,
} from './redis.js'

export interface RedisCluster {
  readonly nodes: readonly RedisAddress[]
  stop(): Promise<void>
}

/** Three primaries of our own that share the slots; null if there is no `redis-server`. Takes some seconds. */
export async function startRedisCluster(): Promise<RedisCluster | null> {
  const nodes: RedisServer[] = []
  const stop = async (): Promise<void> => {
    for (const node of nodes) await node.stop()
  }
  for (const [from, to] of [
    [0, 5_460],
    [5_461, 10_922],
    [10_923, 16_383],
  ] as const) {
    const node = await startRedis('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000')
    if (node === null) {
      await stop()
      return null
    }
    nodes.push(node)
    await tell(node, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to))
    // Two nodes with one epoch would have to settle who is the newer one first.
    await tell(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(nodes.length))
  }
  const [first, ...others] = nodes
  for (const { host, port } of others) {
    if (first !== undefined) await tell(first, 'CLUSTER', 'MEET', host, String(port))
  }
  const deadline = Date.now() + 60_000
  for (const node of nodes) {
    while (!(await knowsAll(node, nodes.length))) {
      if (Date.now() > deadline) {
        await stop()
        throw new Error('The nodes of the cluster do not find each other.')
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return { nodes, stop }
}

async function knowsAll(node: RedisAddress, count: number): Promise<boolean> {
  const known = (await tell(node, 'CLUSTER', 'NODES')).trim().split('\n').length
  return known === count && (await tell(node, 'CLUSTER', 'INFO')).includes('cluster_state:ok')
}

/** The clients of clusters. */
export const CLUSTER_CLIENTS = {
  async 'node-redis'(nodes): Promise<RedisConnection> {
    const cluster = createCluster({
      rootNodes: nodes.map(({ host, port }) => ({ socket: { host, port } })),
    })
    cluster.on('error', () => {})
    await cluster.connect()
    return {
      command: (args, key) => cluster.sendCommand(key, false, [...args]),
      close: async () => cluster.destroy(),
    }
  },

  async ioredis(nodes): Promise<RedisConnection> {
    const cluster = new Cluster([...nodes], { lazyConnect: true })
    await cluster.connect()
    return {
      command: ([name = '', ...rest]) => cluster.call(name, ...rest),
      close: async () => cluster.disconnect(),
    }
  },

  async iovalkey(nodes): Promise<RedisConnection> {
    const cluster = new ValkeyCluster([...nodes], { lazyConnect: true })
    await cluster.connect()
    return {
      command: ([name = '', ...rest]) => cluster.call(name, ...rest),
      close: async () => cluster.disconnect(),
    }
  },

  async 'valkey-glide'(nodes): Promise<RedisConnection> {
    Logger.init('off')
    const client = await GlideClusterClient.createClient({ addresses: [...nodes] })
    return {
      command: (args) => client.customCommand([...args]),
      close: async () => client.close(),
    }
  },
} satisfies Readonly<Record<string, (nodes: readonly RedisAddress[]) => Promise<RedisConnection>>>

async function tell(node: RedisAddress, ...args: readonly string[]): Promise<string> {
  const connection = await REDIS_CLIENTS.ioredis(node)
  try {
    return String(await connection.command(args, ''))
  } finally {
    await connection.close()
  }
}
