/** Hashing leaves a thread of the pool to others, and the event loop its turns. */
import { createHook } from 'node:async_hooks'
import { scrypt as nodeScrypt } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { deriveArgon2id } from '../../../src/lifecycle/password/argon2id.js'
import { sharedHashingGate } from '../../../src/lifecycle/password/hashing-gate.js'
import { hashPassword, passwordHasher } from '../../../src/lifecycle/password/password.js'
import { deriveScrypt } from '../../../src/lifecycle/password/scrypt.js'
import type { NodeArgon2, NodeCrypto } from '../../../src/runtime/node-crypto.js'
import { threadPoolSize } from '../../../src/runtime/thread-pool.js'
import { basic } from '../../../src/verify/basic.js'
import { aContext, basicCredential } from '../../verify/verifier-kit.js'

afterEach(() => vi.unstubAllEnvs())

/** The hashes that Node has in its pool, at most at one time: as Node itself tells, whoever started them. */
async function mostInPool(work: () => Promise<unknown>): Promise<number> {
  const inPool = new Set<number>()
  let most = 0
  const hook = createHook({
    init(id, type) {
      if (!/^(SCRYPT|ARGON2)/i.test(type)) return
      inPool.add(id)
      most = Math.max(most, inPool.size)
    },
    before: (id) => void inPool.delete(id),
  }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return most
}

const SCRYPT = { algorithm: 'scrypt', ln: 14, p: 5 } as const

describe('of the threads of the pool', () => {
  test('the count of them sees the hashes of others', async () => {
    const one = () =>
      new Promise((resolve) => nodeScrypt('x', 'salt', 32, { N: 1024 }, () => resolve(null)))
    expect(await mostInPool(() => Promise.all([one(), one(), one(), one(), one()]))).toBe(5)
  })

  test('one stays free, however many passwords are hashed at once', async () => {
    const burst = () => Promise.all(Array.from({ length: 6 }, () => hashPassword('x', SCRYPT)))
    expect(await mostInPool(burst)).toBe(threadPoolSize() - 1)
  })

  test('two verifiers take one together, and what waits in them waits outside the pool', async () => {
    const decoy = passwordHasher(SCRYPT).decoyHash()
    const store = { find: (username: string) => ({ username, passwordHash: decoy }) }
    const verifiers = ['one', 'two'].map((realm) => basic({ realm, store, passwords: SCRYPT }))
    const burst = () =>
      Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          verifiers[index % 2]?.verify(basicCredential('alice', 'wrong'), aContext()),
        ),
      )
    expect(await mostInPool(burst)).toBe(1)
  })

  test('all engines share the rest', async () => {
    let inFlight = 0
    let most = 0
    const ends: (() => void)[] = []
    const job = (done: (error: null, bytes: Uint8Array) => void) => {
      inFlight++
      most = Math.max(most, inFlight)
      ends.push(() => {
        inFlight--
        done(null, new Uint8Array(32))
      })
    }
    const engines: NodeCrypto & NodeArgon2 = {
      scrypt: (...[, , , , done]) => job(done),
      argon2: (...[, , done]) => job(done),
    }
    const [input, salt] = [new Uint8Array(1), new Uint8Array(16)]
    const hashes = Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0
        ? deriveScrypt(engines, [4, 1, 1], input, salt, 32)
        : deriveArgon2id(engines, [8, 1, 1], input, salt, 32),
    )
    for (let ended = 0; ended < hashes.length; ended++) {
      await vi.waitUntil(() => ends.length > 0)
      ends.shift()?.()
    }
    await Promise.all(hashes)
    expect(most).toBe(threadPoolSize() - 1)
  })
})

test('the portable hashes take turns on this thread, and the event loop gets its own', async () => {
  const hash = (done: () => void) =>
    deriveArgon2id(null, [2_048, 3, 1], new Uint8Array(1), new Uint8Array(16), 32).then(done)
  const order: string[] = []
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  await Promise.all([hash(() => order.push('first')), hash(() => order.push('second'))])
  clearInterval(timer)
  expect(order).toEqual(['first', 'second'])
  expect(turns).toBeGreaterThan(1)
})

describe('the size of the pool', () => {
  test.each([
    ['', 4],
    ['8', 8],
    ['0', 1],
    ['-3', 1],
    ['many', 4],
    ['999999', 1024],
  ])('with UV_THREADPOOL_SIZE=%s it is %i', (value, size) => {
    vi.stubEnv('UV_THREADPOOL_SIZE', value)
    expect(threadPoolSize()).toBe(size)
  })

  test('is not asked of Deno, which would ask the user', () => {
    vi.stubEnv('UV_THREADPOOL_SIZE', '9')
    vi.stubGlobal('process', { ...process, env: process.env, versions: { deno: '2' } })
    expect(threadPoolSize()).toBe(4)
    vi.unstubAllGlobals()
  })
})

test('the gate of the process is one', () => {
  expect(sharedHashingGate()).toBe(sharedHashingGate())
})
