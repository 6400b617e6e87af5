import { threadPoolSize } from '../../runtime/thread-pool.js'
import { createTurnstile, type Turnstile } from '../../shared/turnstile.js'

/**
 * Runs a hash that works on the runtime's thread pool, when a thread is free for it.
 *
 * INVARIANT: all hashes of this process together leave one thread of the pool alone, whoever asks for them: WebCrypto
 * works there as well, and a token would wait for a hash of hundreds of milliseconds. A pool of one thread cannot be
 * shared so.
 */
export function inPoolLane<Value>(hash: () => Promise<Value>): Promise<Value> {
  poolLanes ??= lanes(Math.max(1, threadPoolSize() - 1))
  return inLane(poolLanes, hash)
}

/** Runs a hash that works on this thread: one at a time, so that the event loop has its turn after each slice. */
export function inThreadLane<Value>(hash: () => Promise<Value>): Promise<Value> {
  threadLane ??= lanes(1)
  return inLane(threadLane, hash)
}

function lanes(concurrent: number): Turnstile {
  // How many may wait is for `createHashingGate` to say: here a caller has asked for a hash, and gets one.
  return createTurnstile({ concurrent, queued: Number.POSITIVE_INFINITY })
}

async function inLane<Value>(turnstile: Turnstile, hash: () => Promise<Value>): Promise<Value> {
  const job = await turnstile.run(hash)
  if (job.kind === 'busy') throw new Error('A queue without an end was full.')
  return job.value
}

/** Made when first needed: a module does no work when it is imported. */
let poolLanes: Turnstile | null = null
let threadLane: Turnstile | null = null
