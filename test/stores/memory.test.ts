import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory.js'

const NOW = 1_800_000_000

/** A store whose feed says `1`, `2` and so on, each for as many seconds. */
async function announced(count: number) {
  const store = memoryStore()
  for (let number = 1; number <= count; number++) {
    const notice = { text: String(number), until: NOW + number }
    await store.incr({ kind: 'epoch', id: 'one' }, 'value', { now: NOW, expiresAt: null, notice })
  }
  return store
}

describe('the feed of a store in memory', () => {
  test('is read on from any entry of many, also from one that is forgotten', async () => {
    const store = await announced(5_000)
    await store.sweep(NOW + 2_000)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        async (seen, limit) => {
          const { entries, cursor, more } = await store.feed({ after: String(seen), limit })
          const first = Math.max(seen, 2_000) + 1
          const last = Math.min(first + limit - 1, 5_000)
          expect(entries.map(({ text }) => Number(text))).toEqual(
            Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index),
          )
          expect(more).toBe(last < 5_000)
          expect(cursor).toBe(String(entries.length === 0 ? seen : last))
        },
      ),
    )
  })

  test.each(['3', '1.5', '-1', 'x', '', '0x1', '1:1:'])(
    'starts over for the cursor %j',
    async (after) => {
      const store = await announced(2)
      expect(await store.feed({ after, limit: 10 })).toMatchObject({
        entries: [{ text: '1' }, { text: '2' }],
        cursor: '2',
        more: false,
      })
    },
  )
})
