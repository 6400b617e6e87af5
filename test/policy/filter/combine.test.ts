import { describe, expect, test, vi } from 'vitest'
import { every, some } from '../../../src/policy/filter/combine.js'
import { ALWAYS, leaf, NEVER, type Part, valueSet } from '../../../src/policy/filter/part.js'
import type { WhereAttribute } from '../../../src/policy/filter/where.js'
import { whereOf } from '../../../src/policy/filter/where-of.js'

const attribute = (name: string, holds: WhereAttribute['holds'] = 'number'): WhereAttribute => ({
  kind: 'attribute',
  of: 'resource',
  name,
  holds,
})
const [size, state] = [attribute('size'), attribute('state', ['draft', 'live', 'old'])]
const among = (values: readonly (string | number | boolean)[], of = size): Part =>
  valueSet(of, values, false)
const besides = (values: readonly (string | number | boolean)[], of = size): Part =>
  valueSet(of, values, true)
const list = leaf({ kind: 'exists', attribute: attribute('list', 'strings') })
const open = leaf({ kind: 'exists', attribute: attribute('open', 'strings') })
const flag = attribute('flag', 'boolean')

describe('conditions are made smaller', () => {
  test.each<[string, Part, Part]>([
    ['what all share with one of them', every([list, some([list, open])]), list],
    ['what is one of several already', some([list, every([list, open])]), list],
    ['what is said twice', every([list, every([open, list])]), every([list, open])],
    ['a part that never holds', some([NEVER, list]), list],
    ['a part that always holds', every([ALWAYS, list]), list],
    ['all of nothing', every([]), ALWAYS],
    ['one of nothing', some([]), NEVER],
    ['two sets, both', every([among([1, 2]), among([2, 3])]), among([2])],
    ['two sets, either', some([among([1]), among([2])]), among([1, 2])],
    ['a set without some', every([among([1, 2]), besides([2])]), among([1])],
    ['a set or all but some', some([among([1, 2]), besides([2, 3])]), besides([3])],
    ['all but some, twice', every([besides([1]), besides([2])]), besides([1, 2])],
    ['all but some or all but others', some([besides([1, 2]), besides([2, 3])]), besides([2])],
    ['what cannot be', every([among([1]), list, among([2])]), NEVER],
    ['a set in between', some([among([1]), list, among([2])]), some([among([1, 2]), list])],
    ['other texts of an enumeration', besides(['draft'], state), among(['live', 'old'], state)],
    ['one that is not among them', among(['new'], state), NEVER],
    ['the other boolean', besides([true], flag), among([false], flag)],
    ['-0', every([among([-0, 1]), among([0])]), among([0])],
  ])('%s', (_, part, smaller) => {
    expect(whereOf(part)).toEqual(whereOf(smaller))
  })

  test('until any value will do, which has only to be there', () => {
    const exists = { kind: 'exists', attribute: size }
    expect(whereOf(some([among([1]), besides([1])]))).toEqual(exists)
    expect(whereOf(some([among([true], flag), among([false], flag)]))).toEqual({
      kind: 'exists',
      attribute: flag,
    })
  })
})

describe('conditions are made smaller in time that grows with them', () => {
  test('however deep they nest, a key is no longer than what it is made of', () => {
    let part = leaf({ kind: 'exists', attribute: attribute('x0') })
    for (let depth = 1; depth <= 32; depth++) {
      const other = leaf({ kind: 'exists', attribute: attribute(`"x${depth}"`) })
      part = depth % 2 === 0 ? every([part, other]) : some([part, other])
    }
    expect(part.key.length).toBeLessThan(33 * 120)
  })

  test('keys tell apart what names and values look like', () => {
    const named = (name: string) => leaf({ kind: 'exists', attribute: attribute(name) })
    const [one, other] = [named('a'), named('b')]
    const forged = named(`a${one.key},${other.key}`)
    const parts = [every([one, other]), every([one, forged]), some([one, other]), forged, one]
    expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length)
  })

  test('each value of thousands of sets of one attribute is looked at a few times', () => {
    const count = 2_000
    let reads = 0
    const counted = (value: number, excluded: boolean): Part => {
      const part = valueSet(size, [value], excluded)
      if (part.kind !== 'set') throw new Error(part.kind)
      const values = new Set(part.values)
      const iterate = values[Symbol.iterator].bind(values)
      values[Symbol.iterator] = () => {
        reads++
        return iterate()
      }
      return { ...part, values }
    }
    const sets = (excluded: boolean) =>
      Array.from({ length: count }, (_, index) => counted(index, excluded))
    const all = Array.from({ length: count }, (_, index) => index)
    const lengths = vi.spyOn(JSON, 'stringify')
    try {
      expect(whereOf(some(sets(false)))).toEqual(whereOf(among(all)))
      expect(whereOf(every(sets(true)))).toEqual(whereOf(besides(all)))
      const written = lengths.mock.results.map(({ value }) => String(value).length)
      // One key for each set that is given, and one for what is made of them.
      expect(written.reduce((sum, length) => sum + length, 0)).toBeLessThan(count * 100)
      expect(reads).toBe(2 * count)
    } finally {
      lengths.mockRestore()
    }
  })
})
