/** Several processes that compete for one store, as several instances of an API do. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RedisAddress, RedisClientName } from '../support/redis.js'

/** Where a store is, for a process that is to open it. */
export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly client: string; readonly path: string }
  | {
      readonly kind: 'redis'
      readonly client: RedisClientName
      readonly at: RedisAddress
      readonly prefix: string
    }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string }

/** What one process has won. */
export interface RaceResult {
  readonly name: string
  readonly inserted: string[]
  readonly swapped: string[]
  readonly counted: number[]
}

export type RacerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly result: RaceResult }

export interface WorkerMessage {
  readonly written: string
}

/** Lets so many processes race, and answers when all of them are through. */
export async function race(
  address: StoreAddress,
  mark: string,
  processes: number,
): Promise<readonly RaceResult[]> {
  const racers = Array.from({ length: processes }, () => start('racer.ts'))
  try {
    await Promise.all(
      racers.map(async (racer) => {
        racer.send(address)
        await messageOf(racer)
      }),
    )
    const results = racers.map(async (racer) => {
      const message = await messageOf(racer)
      if (message.kind !== 'result') throw new Error('a racer was ready twice')
      return message.result
    })
    for (const racer of racers) racer.send(mark)
    return await Promise.all(results)
  } finally {
    for (const racer of racers) racer.kill('SIGKILL')
  }
}

/**
 * Lets a process write to a store, kills it in the middle of its work (SIGKILL), and answers with what it had been told is
 * written.
 */
export async function killed(
  address: StoreAddress,
  mark: string,
  afterWrites: number,
): Promise<readonly string[]> {
  const worker = start('worker.ts')
  const written: string[] = []
  const dead = once(worker, 'exit')
  worker.on('message', (message: WorkerMessage) => {
    written.push(message.written)
    if (written.length === afterWrites) worker.kill('SIGKILL')
  })
  worker.send({ address, mark })
  await dead
  return written
}

/** What all of them compete for. */
export function nonces(mark: string): readonly string[] {
  return Array.from({ length: 40 }, (_, index) => `${mark}-${index}`)
}

function start(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--import', 'tsx', '--no-warnings'],
  })
}

async function messageOf(racer: ChildProcess): Promise<RacerMessage> {
  const ended = once(racer, 'exit').then(([code]) => {
    throw new Error(`a racer has ended with ${code}`)
  })
  // An array of what the event came with: what `racer.ts` sends.
  const [message] = (await Promise.race([once(racer, 'message'), ended])) as [RacerMessage]
  ended.catch(() => {})
  return message
}
