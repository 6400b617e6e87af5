import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ApiKeyEvent } from '../../../src/lifecycle/api-key/api-key-event.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { someKeys as keysOf, NOW } from './keys-kit.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Keys on a store that counts its writes, and what waits until all that was left for later is done. */
function someKeys(options: Parameters<typeof keysOf>[0] = {}) {
  const memory = memoryStore()
  const swaps: string[] = []
  const store: Store = {
    ...memory,
    cas: (...given) => {
      swaps.push(given[2])
      return memory.cas(...given)
    },
    ...options.store,
  }
  const settle = () => vi.advanceTimersByTimeAsync(1)
  return { ...keysOf({ ...options, store }), memory, swaps, settle }
}

async function lastUse(keys: ReturnType<typeof keysOf>['keys'], id: string) {
  const found = await keys.get(id)
  if (found.kind !== 'found') throw new Error(found.kind)
  return found.record
}

describe('when a key was last used', () => {
  test('is written after the request', async () => {
    const { keys, create, verdict, swaps, settle } = someKeys()
    const { text, record } = await create()
    await verdict(text)
    expect(swaps).toEqual([])
    await settle()
    expect((await lastUse(keys, record.id)).lastUsedAt).toBe(NOW)
  })

  test('is written once in an interval, give or take a quarter, and not for each request', async () => {
    const { create, verdict, swaps, settle, clock } = someKeys({ lastUsedEvery: '10m' })
    const { text } = await create()
    for (let second = 0; second < 450; second += 10) {
      await verdict(text)
      await settle()
      clock.advance(10)
    }
    expect(swaps).toHaveLength(1)
    clock.advance(300) // 750 s after the first: the longest interval
    await verdict(text)
    await settle()
    expect(swaps).toHaveLength(2)
  })

  test('is not written again by a process that finds it written lately', async () => {
    const one = someKeys()
    const other = keysOf({ store: one.store })
    const { text } = await one.create()
    await one.verdict(text)
    await one.settle()
    await other.verdict(text)
    await one.settle()
    expect(one.swaps).toHaveLength(1)
  })

  test('is written for the secret that was used', async () => {
    const { keys, create, rotate, verdict, settle, clock } = someKeys()
    const old = await create()
    const { text, record } = await rotate(old.record.id)
    clock.advance(60)
    await verdict(old.text)
    await settle()
    expect(await lastUse(keys, record.id)).toMatchObject({
      lastUsedAt: NOW + 60,
      previous: { lastUsedAt: NOW + 60 },
    })
    clock.advance(60)
    await verdict(text)
    await settle()
    expect(await lastUse(keys, record.id)).toMatchObject({
      lastUsedAt: NOW + 120,
      previous: { lastUsedAt: NOW + 60 },
    })
  })

  test('is not written of a wrong secret, of a revoked key, or when told never to', async () => {
    const { keys, create, verdict, swaps, settle } = someKeys()
    const { text, record } = await create()
    await verdict(`${text.slice(0, -6)}AAAAAA`)
    await keys.revoke(record.id)
    await verdict(text)
    await settle()
    expect(swaps).toHaveLength(1) // the revocation
    const silent = someKeys({ lastUsedEvery: null })
    await silent.verdict((await silent.create()).text)
    await silent.settle()
    expect(silent.swaps).toEqual([])
  })

  test('is not written of the new secret for a use of the old one just before', async () => {
    const { keys, create, verdict, rotate, settle } = someKeys()
    const { text, record } = await create()
    await verdict(text)
    await rotate(record.id)
    await settle()
    expect(await lastUse(keys, record.id)).toMatchObject({ lastUsedAt: null })
  })

  test('never undoes a revocation or rotation that comes in between', async () => {
    const memory = memoryStore()
    const racing = (race: (id: string) => Promise<unknown>): Store => ({
      ...memory,
      async cas(key, ...rest) {
        await race(key.id.slice('acme:'.length))
        return memory.cas(key, ...rest)
      },
    })
    const admin = keysOf({ store: memory })
    const { text, record } = await admin.create()
    const rotating = someKeys({ store: racing((id) => admin.rotate(id)) })
    await rotating.verdict(text)
    await rotating.settle()
    expect(await lastUse(admin.keys, record.id)).toMatchObject({
      lastUsedAt: null,
      previous: { lastUsedAt: null },
    })
    const revoking = someKeys({ store: racing((id) => admin.keys.revoke(id)) })
    expect(await revoking.verdict(text)).toBe('verified')
    await revoking.settle()
    expect(await admin.verdict(text)).toBe('revoked')
  })

  test('that cannot be written fails no request, and is told', async () => {
    const events: ApiKeyEvent[] = []
    const down: Store = { ...memoryStore(), cas: () => Promise.reject(new Error('read-only')) }
    const { create, verdict, settle } = someKeys({
      store: down,
      onEvent: (event) => events.push(event),
    })
    const { text, record } = await create()
    expect(await verdict(text)).toBe('verified')
    await settle()
    expect(events.slice(1)).toEqual([
      { kind: 'api_key_use_unrecorded', at: NOW, id: record.id, cause: expect.any(Error) },
    ])
  })

  test('is written a few at a time: a store that hangs gathers no queue', async () => {
    const memory = memoryStore()
    let waiting = 0
    const hangs: Store = {
      ...memory,
      cas: () => {
        waiting += 1
        return new Promise(() => {})
      },
    }
    const { create, verdict, settle } = someKeys({ store: hangs })
    for (let count = 0; count < 100; count++) {
      expect(await verdict((await create()).text)).toBe('verified')
    }
    await settle()
    expect(waiting).toBe(16)
    await vi.advanceTimersByTimeAsync(2_001) // given up
    expect(await verdict((await create()).text)).toBe('verified')
    await settle()
    expect(waiting).toBe(17)
  })

  test('is written again after the clock was set back', async () => {
    const { create, verdict, swaps, settle, clock } = someKeys()
    const { text } = await create()
    clock.advance(10_000)
    await verdict(text)
    await settle()
    clock.advance(-9_000)
    await verdict(text)
    await settle()
    expect(swaps).toHaveLength(1) // the store says that it was used later than that
    clock.advance(20_000)
    await verdict(text)
    await settle()
    expect(swaps).toHaveLength(2)
  })
})
