import type { AttemptLimiter } from '../lifecycle/throttle/attempt-limiter.js'
import { randomBytes } from '../runtime/random.js'
import { encodeBase64url } from '../shared/base64.js'

/** One case of the contract: a sentence, and a function that rejects if the limiter does not keep it. */
export interface LimiterCase {
  readonly name: string
  /**
   * @param connect a limiter of 10 attempts in a window of a minute or more, by a connection of its own to one and the same
   *   counters: for one in memory the limiter itself, for one that processes share another client each time
   */
  run(connect: () => AttemptLimiter | Promise<AttemptLimiter>): Promise<void>
}

/**
 * The contract of every limiter of a throttle, for any test runner. The cases use keys that nobody else uses, so they may
 * run against counters that are in use.
 */
export function createLimiterContract(): readonly LimiterCase[] {
  return [
    {
      name: 'as many attempts as the limit fulfil, and the next is told to wait',
      async run(connect) {
        const [limiter, key] = [await connect(), aKey()]
        for (let count = 1; count <= ATTEMPTS; count++) {
          const { consumedPoints } = await limiter.consume(key)
          assert(consumedPoints === count, `attempt ${count} was counted as ${consumedPoints}`)
        }
        for (let beyond = 0; beyond < 3; beyond++) {
          const wait = await waitOf(limiter, key)
          assert(wait !== null && wait > 0, `the wait was ${wait}`)
        }
      },
    },
    {
      name: 'of a hundred attempts at once, by every connection, exactly the limit fulfil',
      async run(connect) {
        const key = aKey()
        const limiters = await Promise.all(Array.from({ length: 4 }, () => connect()))
        const attempts = Array.from({ length: 100 }, async (_, index) => {
          const limiter = limiters[index % limiters.length]
          return limiter === undefined ? null : waitOf(limiter, key)
        })
        const within = (await Promise.all(attempts)).filter((wait) => wait === null)
        assert(within.length === ATTEMPTS, `${within.length} attempts fulfilled`)
      },
    },
    {
      name: 'keys that differ in one character, or in case, have counters of their own',
      async run(connect) {
        const [limiter, rest] = [await connect(), aKey()]
        await exhaust(limiter, `a${rest}`)
        for (const first of ['A', 'b']) {
          assert((await waitOf(limiter, first + rest)) === null, `${first} shares the counter of a`)
        }
      },
    },
    {
      name: 'an attempt that is taken back makes room for one, for every connection',
      async run(connect) {
        const [one, other, key] = [await connect(), await connect(), aKey()]
        for (let count = 0; count < ATTEMPTS; count++) await one.consume(key)
        await one.reward(key)
        assert((await waitOf(other, key)) === null, 'there was no room')
        assert((await waitOf(one, key)) !== null, 'there was room for two')
      },
    },
    {
      name: 'a key that is forgotten begins anew, and one that is unknown can be',
      async run(connect) {
        const [one, other, key] = [await connect(), await connect(), aKey()]
        await exhaust(one, key)
        await one.delete(key)
        await one.delete(aKey())
        for (let count = 0; count < ATTEMPTS; count++) {
          assert((await waitOf(other, key)) === null, `attempt ${count} had to wait`)
        }
      },
    },
    {
      name: 'a key that many others follow is still counted',
      async run(connect) {
        const [limiter, key] = [await connect(), aKey()]
        await exhaust(limiter, key)
        for (let count = 0; count < 500; count++) await limiter.consume(aKey())
        assert((await waitOf(limiter, key)) !== null, 'the key was forgotten')
      },
    },
    {
      name: 'the longest key and every character of keys are taken',
      async run(connect) {
        const limiter = await connect()
        const key = `source:${'0123456789abcdef.:/-_ABCXYZ'.padEnd(30, 'z')}${aKey()}`
        assert(key.length === 80, `the key has ${key.length} characters`)
        assert((await waitOf(limiter, key)) === null, 'the first attempt had to wait')
      },
    },
  ]
}

/** Passes the limit by one. */
async function exhaust(limiter: AttemptLimiter, key: string): Promise<void> {
  for (let count = 0; count <= ATTEMPTS; count++) await waitOf(limiter, key)
}

/** Null if the attempt was within the limit, else the milliseconds to wait. Rejects if the limiter is broken. */
async function waitOf(limiter: AttemptLimiter, key: string): Promise<number | null> {
  try {
    await limiter.consume(key)
    return null
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'msBeforeNext' in cause) {
      return Number(cause.msBeforeNext)
    }
    throw cause
  }
}

function aKey(): string {
  return encodeBase64url(randomBytes(32))
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(message)
}

const ATTEMPTS = 10
