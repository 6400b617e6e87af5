import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextCache } from '../../src/shared/text-cache.js'

const entry = (text: string) => ({ text })

describe('a cache of texts', () => {
  test('finds what was kept by the whole text, and nothing else', () => {
    const cache = new TextCache<{ readonly text: string }>(10)
    const end = 'z'.repeat(43)
    const kept = entry(`a.${end}`)
    cache.keep(kept)
    expect(cache.find(`a.${end}`)).toBe(kept)
    for (const other of [`b.${end}`, end, `a.${end} `, ` a.${end}`, `a.${end.slice(1)}`, '']) {
      expect(cache.find(other), other).toBeNull()
    }
  })

  test('keeps the later of two texts with the same end, and forgets what is dropped', () => {
    const cache = new TextCache<{ readonly text: string }>(10)
    const end = 'z'.repeat(43)
    for (const text of [`a.${end}`, `b.${end}`]) cache.keep(entry(text))
    expect(cache.find(`a.${end}`)).toBeNull()
    expect(cache.find(`b.${end}`)).not.toBeNull()
    cache.drop(`b.${end}`)
    expect(cache.find(`b.${end}`)).toBeNull()
  })

  test('keeps 4,096 characters and not one more', () => {
    const cache = new TextCache<{ readonly text: string }>(10)
    for (const length of [4_096, 4_097]) cache.keep(entry('x'.repeat(length)))
    expect(cache.find('x'.repeat(4_096))).not.toBeNull()
    expect(cache.find('x'.repeat(4_097))).toBeNull()
  })

  test('whatever is kept, found and dropped: never more than allowed, never another text, what is in use stays', () => {
    const text = fc
      .nat({ max: 40 })
      .map((number) => `${number % 7}.${String(number).padStart(43, '-')}`)
    const step = fc.tuple(fc.constantFrom('keep', 'find', 'drop'), text)
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 2, max: 20 }),
        (steps, max) => {
          const cache = new TextCache<{ readonly text: string }>(max)
          const all = new Set<string>()
          for (const [what, each] of steps) {
            all.add(each)
            if (what === 'keep') {
              cache.keep(entry(each))
              expect(cache.find(each)?.text).toBe(each)
            }
            if (what === 'drop') cache.drop(each)
            if (what !== 'keep') expect([undefined, each]).toContain(cache.find(each)?.text)
            if (what === 'drop') expect(cache.find(each)).toBeNull()
          }
          const held = [...all].filter((each) => cache.find(each) !== null)
          expect(held.length).toBeLessThanOrEqual(max)
        },
      ),
    )
  })

  test('a text that is used again and again outlives any number of others', () => {
    const cache = new TextCache<{ readonly text: string }>(10)
    const used = `used.${'u'.repeat(43)}`
    cache.keep(entry(used))
    for (let number = 0; number < 1_000; number++) {
      cache.keep(entry(String(number).padStart(50, 'n')))
      expect(cache.find(used)).not.toBeNull()
    }
  })
})
