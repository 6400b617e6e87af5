import { describe, expect, test } from 'vitest'
import { storedReplays } from '../../../src/lifecycle/replay/stored-replays.js'
import { memoryStore } from '../../../src/stores/memory.js'

const NOW = 1_800_000_000
const ID = 'a'.repeat(43)

describe('storedReplays', () => {
  test('knows an id until its last second, and not longer', async () => {
    const replays = storedReplays(memoryStore())
    expect(await replays.remember(ID, NOW + 60, NOW)).toBe(true)
    expect(await replays.remember(ID, NOW + 900, NOW + 59)).toBe(false)
    expect(await replays.remember(ID, NOW + 900, NOW + 60)).toBe(false)
    expect(await replays.remember(ID, NOW + 900, NOW + 61)).toBe(true)
  })

  test('lets the store forget an id once its last second is over, and not sooner', async () => {
    const store = memoryStore()
    const replays = storedReplays(store)
    await replays.remember(ID, NOW + 60, NOW)
    expect(await store.sweep(NOW + 60)).toBe(0)
    expect(await store.sweep(NOW + 61)).toBe(1)
  })

  test('does not meet what the store knows of other kinds', async () => {
    const store = memoryStore()
    await store.insert({ kind: 'code', id: ID }, 'value', { now: NOW, expiresAt: null })
    expect(await storedReplays(store).remember(ID, NOW + 60, NOW)).toBe(true)
  })

  test('answers at once if the store does', () => {
    expect(storedReplays(memoryStore()).remember(ID, NOW + 60, NOW)).toBe(true)
  })

  test.each([
    ['is empty', ''],
    ['is longer than a store takes', 'a'.repeat(513)],
    ['has a lone surrogate, which stores take for another', '\ud800'],
    ['has a control character', 'a\u0000'],
  ])('refuses to answer for an id that %s', (_, id) => {
    expect(() => storedReplays(memoryStore()).remember(id, NOW + 60, NOW)).toThrow('none that')
  })

  test('fails as the store does', async () => {
    const failing = { insert: () => Promise.reject(new Error('down')) }
    await expect(storedReplays(failing).remember(ID, NOW + 60, NOW)).rejects.toThrow('down')
  })
})
