import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RedisCommand } from '../../src/stores/redis.js'

/** Where a Redis listens. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
}

export interface RedisServer extends RedisAddress {
  /** Its process stops answering, and answers again. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** A client of one kind with a connection of its own. */
export interface RedisConnection {
  readonly command: RedisCommand
  close(): Promise<void>
}

/**
 * A Redis to test with: `SALLYPORT_TEST_REDIS` (host:port), else the one on 127.0.0.1:6379, else one of our own that ends
 * with this process. Null, said loudly, where there is none; with `SALLYPORT_REQUIRE_SERVICES` set that is an error.
 *
 * It may be a developer's: use random prefixes and `deleteKeys` them.
 */
export async function findRedis(): Promise<RedisAddress | null> {
  const named = process.env['SALLYPORT_TEST_REDIS']
  const [host = '', port = '6379'] = (named ?? '127.0.0.1:6379')
    .replace(/^redis:\/\//, '')
    .split(':')
  const address = { host, port: Number.parseInt(port, 10) }
  if (await listens(address)) return address
  if (named !== undefined) throw new Error(`No Redis listens at SALLYPORT_TEST_REDIS (${named}).`)
  const server = await startRedis()
  if (server !== null) return server
  return skipped(
    'No Redis at 127.0.0.1:6379 and no redis-server in PATH: nothing of Redis was tested.',
  )
}

/** A `redis-server` of our own on a free port, without files, which ends with this process; null if there is none. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer | null> {
  // Somebody else may take the port before the server does.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const started = await tryToStart(settings)
    if (started !== 'ended') return started
  }
  throw new Error(`redis-server ended at once, three times: ${settings.join(' ')}`)
}

async function tryToStart(settings: readonly string[]): Promise<RedisServer | 'ended' | null> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-redis-'))
  const address = { host: '127.0.0.1', port: await freePort() }
  const child = spawn(
    'redis-server',
    [
      ...['--port', String(address.port), '--bind', address.host, '--dir', folder, '--save', ''],
      ...settings,
    ],
    { stdio: 'ignore' },
  )
  const end = (): void => void child.kill('SIGKILL') // a paused process does not hear SIGTERM
  const ended = new Promise<'ended' | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', () => resolve('ended'))
  })
  process.once('exit', end)
  const stop = async (): Promise<void> => {
    end()
    await ended
    process.off('exit', end)
    rmSync(folder, { recursive: true, force: true })
  }
  for (;;) {
    const state = await Promise.race([ended, listens(address)])
    if (state === true) break
    if (state !== false) {
      await stop()
      return state
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    ...address,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  }
}

/** Says that something was not tested, on a machine that is allowed to lack it. */
export function skipped(why: string): null {
  if (process.env['SALLYPORT_REQUIRE_SERVICES'] !== undefined) throw new Error(why)
  process.stderr.write(`SKIPPED: ${why}\n`)
  return null
}

/** The clients that the store is promised to work with, set up to fail soon rather than to wait, as the guide says. */
export const REDIS_CLIENTS = {
  async 'node-redis'({ host, port }): Promise<RedisConnection> {
    const { createClient } = await import('redis')
    const client = createClient({
      socket: { host, port, connectTimeout: PATIENCE_MILLISECONDS, reconnectStrategy: 50 },
      disableOfflineQueue: true,
      commandOptions: { timeout: PATIENCE_MILLISECONDS },
    })
    client.on('error', () => {})
    await client.connect()
    return {
      command: (args) => client.sendCommand(args),
      close: async () => client.destroy(),
    }
  },

  async ioredis(address): Promise<RedisConnection> {
    const { Redis } = await import('ioredis')
    const client = new Redis({ ...address, ...IOREDIS, lazyConnect: true })
    client.on('error', () => {})
    await client.connect()
    return {
      command: ([name = '', ...rest]) => client.call(name, ...rest),
      close: async () => client.disconnect(),
    }
  },

  async iovalkey(address): Promise<RedisConnection> {
    const { Redis } = await import('iovalkey')
    const client = new Redis({ ...address, ...IOREDIS, lazyConnect: true })
    client.on('error', () => {})
    await client.connect()
    return {
      command: ([name = '', ...rest]) => client.call(name, ...rest),
      close: async () => client.disconnect(),
    }
  },

  async 'valkey-glide'(address): Promise<RedisConnection> {
    const { GlideClient, Logger } = await import('@valkey/valkey-glide')
    Logger.init('off')
    const client = await GlideClient.createClient({
      addresses: [address],
      requestTimeout: PATIENCE_MILLISECONDS,
    })
    return {
      command: (args) => client.customCommand([...args]),
      close: async () => client.close(),
    }
  },
} satisfies Readonly<Record<string, (address: RedisAddress) => Promise<RedisConnection>>>

/** A server gives less; a machine that runs many tests at once needs more. */
const PATIENCE_MILLISECONDS = 10_000

const IOREDIS = {
  connectTimeout: PATIENCE_MILLISECONDS,
  commandTimeout: PATIENCE_MILLISECONDS,
  maxRetriesPerRequest: 0,
  retryStrategy: () => 50,
} as const

export type RedisClientName = keyof typeof REDIS_CLIENTS

/** A prefix that nobody else uses. */
export function aPrefix(): string {
  return `sallyport-test-${randomBytes(8).toString('hex')}`
}

/** Every key of a store with this prefix. */
async function keysOf(command: RedisCommand, prefix: string): Promise<readonly string[]> {
  const keys = new Set<string>()
  let cursor = '0'
  do {
    const page = await command(['SCAN', cursor, 'MATCH', `{${prefix}*`, 'COUNT', '1000'], '')
    const [next, found] = page as [unknown, readonly string[]] // what SCAN answers
    cursor = String(next)
    for (const key of found) keys.add(key)
  } while (cursor !== '0')
  return [...keys]
}

/** Deletes what a store with this prefix has written, and nothing else. */
export async function deleteKeys(command: RedisCommand, prefix: string): Promise<void> {
  for (const key of await keysOf(command, prefix)) await command(['DEL', key], key)
}

/** Every text that a store with this prefix keeps: names of keys, and what is in them. */
export async function everyStoredText(
  command: RedisCommand,
  prefix: string,
): Promise<readonly string[]> {
  const texts: unknown[] = []
  for (const key of await keysOf(command, prefix)) {
    const type = String(await command(['TYPE', key], key))
    const content = await command(CONTENT[type]?.(key) ?? ['DUMP', key], key)
    texts.push(key, ...[content].flat(4))
  }
  return texts.map(String)
}

const CONTENT: Readonly<Record<string, (key: string) => readonly string[]>> = {
  string: (key) => ['GET', key],
  zset: (key) => ['ZRANGE', key, '0', '-1'],
  stream: (key) => ['XRANGE', key, '-', '+'],
}

function listens({ host, port }: RedisAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 300 })
    const answer = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => answer(String(data).startsWith('+PONG')))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}

/** The nodes of a cluster speak with each other on the port that is higher by 10,000. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
      })
    })
    if (port <= 55_535) return port
  }
}
