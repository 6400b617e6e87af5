import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentMap } from '../../src/shared/recent-map.js'

const key = fc.integer({ min: 0, max: 30 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('get' as const), key }),
  fc.record({ kind: fc.constant('delete' as const), key }),
)

test('whatever happens, it stays within its capacity and never tells what is not so', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(step, { maxLength: 200 }),
      (capacity, steps) => {
        const map = new RecentMap<number, number>(capacity)
        const model = new Map<number, number>()
        for (const each of steps) {
          if (each.kind === 'set') {
            map.set(each.key, each.value)
            model.set(each.key, each.value)
            expect(map.get(each.key)).toBe(each.value)
          } else if (each.kind === 'delete') {
            map.delete(each.key)
            model.delete(each.key)
          } else {
            // Forgotten or right: never an older value, never one that was deleted.
            expect([undefined, model.get(each.key)]).toContain(map.get(each.key))
          }
          expect(map.size).toBeLessThanOrEqual(capacity)
        }
      },
    ),
  )
})

test('what is used again and again is not forgotten, however much else comes by', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 50 }),
      fc.array(fc.nat(), { maxLength: 500 }),
      (capacity, keys) => {
        const map = new RecentMap<number | string, number>(capacity)
        map.set('kept', 1)
        for (const each of keys) {
          map.set(each, 0)
          expect(map.get('kept')).toBe(1)
        }
      },
    ),
  )
})
