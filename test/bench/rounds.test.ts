import { describe, expect, it } from 'vitest'
import { type Contender, ratio, summary } from '../../bench/rounds.js'
import { formatRatio, formatTable } from '../../bench/table.js'

const contender = (): Contender => async () => {}

describe('what the rounds say', () => {
  it('compares two contenders within each round, so that a slow round counts for neither', () => {
    const [over, under] = [contender(), contender()]
    const times = new Map([
      [over, [2, 20, 2, 3, 1]],
      [under, [1, 10, 1, 1, 1]],
    ])
    expect(ratio(times, over, under)).toEqual({ median: 2, lower: 2, upper: 2 })
  })

  it('gives the median and the quartiles, whatever the order', () => {
    expect(summary([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4 })
    expect(summary([7])).toEqual({ median: 7, lower: 7, upper: 7 })
  })

  it('shows three digits of a ratio', () => {
    expect(formatRatio({ median: 1.234, lower: 0.5, upper: 12.34 })).toBe('1.23 (0.50-12.3)')
    expect(formatRatio({ median: 123.4, lower: 99.94, upper: 1000 })).toBe('123 (99.9-1000)')
  })

  it('aligns the columns of a table', () => {
    const table = formatTable([
      ['case', 'ratio'],
      ['a', '1.00 (1.00-1.00)'],
    ])
    expect(table.split('\n')).toEqual([
      '| case | ratio            |',
      '| ---- | ---------------- |',
      '| a    | 1.00 (1.00-1.00) |',
    ])
  })
})
