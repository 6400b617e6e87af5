import { describe, expect, it } from 'vitest'
import { type Contender, measure, microseconds, ratio, summary } from '../../bench/rounds.js'
import { formatRatio, formatTable, formatTime } from '../../bench/table.js'

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

  it('says what a call takes in microseconds', () => {
    const work = contender()
    const figure = { median: 2000, lower: 1000, upper: 3000 }
    expect(microseconds(new Map([[work, [1, 2, 3, 0.5, 4]]]), work)).toEqual(figure)
  })

  it('takes turns, and passes on what a contender finds wrong', async () => {
    const turns: string[] = []
    const named = (name: string): Contender => {
      return () => {
        if (turns.at(-1) !== name) turns.push(name)
        return undefined
      }
    }
    await measure([named('a'), named('b')], { seconds: 0.01, inFlight: 2 })
    expect(turns.slice(0, 4)).toEqual(['a', 'b', 'a', 'b'])
    const wrong: Contender = () => {
      throw new Error('wrong')
    }
    await expect(measure([wrong], { seconds: 0.01, inFlight: 1 })).rejects.toThrow('wrong')
  })

  it('gives the median and the quartiles, whatever the order', () => {
    expect(summary([5, 1, 4, 2, 3])).toEqual({ median: 3, lower: 2, upper: 4 })
    expect(summary([7])).toEqual({ median: 7, lower: 7, upper: 7 })
  })

  it('shows three digits of a ratio', () => {
    expect(formatRatio({ median: 1.234, lower: 0.5, upper: 12.34 })).toBe('1.23 (0.50-12.3)')
    expect(formatRatio({ median: 123.4, lower: 99.94, upper: 1000 })).toBe('123 (99.9-1000)')
  })

  it('shows a time in microseconds', () => {
    expect(formatTime({ median: 1.234, lower: 0.5, upper: 12.34 })).toBe('1.23 us (0.50-12.3)')
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
