import { describe, expect, test } from 'vitest'
import { checkLaws } from './laws/check-laws.js'
import { LAWS } from './laws/laws.js'

describe('the laws of scopes', () => {
  const reports = checkLaws({ laws: LAWS, runs: 5_000, seed: 1 })

  test.each(reports.map((report) => [report.law.id, report.law.name, report] as const))(
    '%s: %s',
    (_id, _name, { counterexample, runs }) => {
      expect(counterexample).toBeNull()
      expect(runs).toBe(5_000)
    },
  )
})
