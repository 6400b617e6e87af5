import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryReplayStore } from '../../../src/lifecycle/replay/memory-replay-store.js'

const NOW = 1_800_000_000

describe('a replay store in memory', () => {
  test('forgets an id one second after its last, and not earlier', () => {
    const store = memoryReplayStore()
    expect(store.remember('id', NOW + 60, NOW)).toBe(true)
    expect(store.remember('id', NOW + 60, NOW + 60)).toBe(false)
    expect(store.remember('id', NOW + 200, NOW + 61)).toBe(true)
  })

  test('throws when it is full, and knows what it knew', () => {
    const store = memoryReplayStore({ maxEntries: 2 })
    expect(store.remember('one', NOW + 60, NOW)).toBe(true)
    expect(store.remember('two', NOW + 60, NOW)).toBe(true)
    expect(() => store.remember('three', NOW + 60, NOW)).toThrow('full')
    expect(store.remember('one', NOW + 60, NOW)).toBe(false)
    expect(store.remember('two', NOW + 60, NOW)).toBe(false)
  })

  test('has room again once ids have run out', () => {
    const store = memoryReplayStore({ maxEntries: 1 })
    expect(store.remember('one', NOW + 60, NOW)).toBe(true)
    expect(() => store.remember('two', NOW + 120, NOW + 60)).toThrow('full')
    expect(store.remember('two', NOW + 121, NOW + 61)).toBe(true)
  })

  test('does not take what it has forgotten for new when the clock is set back', () => {
    const store = memoryReplayStore()
    expect(store.remember('id', NOW + 60, NOW)).toBe(true)
    expect(store.remember('other', NOW + 3_660, NOW + 3_600)).toBe(true)
    expect(() => store.remember('id', NOW + 60, NOW)).toThrow('went back')
    expect(store.remember('id', NOW + 61, NOW)).toBe(true)
  })

  test.each([0, -1, 1.5, 10_000_001, Number.NaN, '5'])(
    'does not start with room for %j',
    (size) => {
      expect(() => memoryReplayStore({ maxEntries: size as number })).toThrow(
        expect.objectContaining({ code: 'option_invalid' }),
      )
    },
  )
})

test('whatever comes in whatever order, no id is new twice while it must be known', () => {
  const uses = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b'),
      until: fc.integer({ min: 0, max: 20 }),
      step: fc.integer({ min: -10, max: 15 }),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(uses, (all) => {
      const store = memoryReplayStore({ maxEntries: 3 })
      const known = new Set<string>()
      let now = NOW
      for (const { name, until, step } of all) {
        now += step
        const id = `${name}${until}`
        let isNew: unknown
        try {
          isNew = store.remember(id, NOW + until, now)
        } catch {
          continue
        }
        if (known.has(id) && now <= NOW + until) expect(isNew).toBe(false)
        if (isNew === true) known.add(id)
      }
    }),
    { numRuns: 500 },
  )
})
