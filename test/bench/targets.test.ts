import { describe, expect, it } from 'vitest'
import { isMet, type Target } from '../../bench/compare/section.js'
import { formatTargets } from '../../bench/compare/targets.js'

const target = (median: number, more: Partial<Target> = {}): Target => ({
  work: 'some work',
  figure: { median, lower: 0, upper: 9 },
  wanted: 'at most',
  limit: 2,
  ...more,
})

describe('what was aimed at', () => {
  it('is met by the median, the limit included', () => {
    expect([1.99, 2, 2.01].map((figure) => isMet(target(figure)))).toEqual([true, true, false])
    const least = { wanted: 'at least' } as const
    expect([1.99, 2, 2.01].map((figure) => isMet(target(figure, least)))).toEqual([
      false,
      true,
      true,
    ])
  })

  it('is missed by a figure that was not measured', () => {
    expect(isMet(target(Number.NaN))).toBe(false)
    expect(isMet(target(Number.NaN, { wanted: 'at least' }))).toBe(false)
  })

  it('is listed with its figure, its unit and the verdict', () => {
    const lines = formatTargets([target(1), target(3, { unit: 'us' })]).split('\n')
    expect(lines.slice(2)).toEqual([
      '| some work | 1.00 (0.00-9.00)    | at most 2    | met    |',
      '| some work | 3.00 (0.00-9.00) us | at most 2 us | MISSED |',
    ])
  })
})
