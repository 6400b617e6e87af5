import { describe, expect, test } from 'vitest'
import { checkPolicyLaws } from '../laws/check-policy-laws.js'
import { ANALYSIS_LAWS } from './analysis-laws.js'

describe('the laws of analysis', async () => {
  const reports = await checkPolicyLaws({ laws: ANALYSIS_LAWS, runs: 5_000, seed: 1 })

  test.each(reports.map((report) => [report.law.id, report.law.name, report] as const))(
    '%s: %s',
    (_id, _name, { counterexample, runs }) => {
      expect(counterexample).toBeNull()
      expect(runs).toBe(5_000)
    },
  )
})
