import { describe, expect, test } from 'vitest'
import { checkPolicyLaws } from './check-policy-laws.js'
import { POLICY_LAWS } from './policy-laws.js'

describe('the laws of policies', async () => {
  const reports = await checkPolicyLaws({ laws: POLICY_LAWS, runs: 5_000, seed: 1 })

  test.each(reports.map((report) => [report.law.id, report.law.name, report] as const))(
    '%s: %s',
    (_id, _name, { counterexample, runs }) => {
      expect(counterexample).toBeNull()
      expect(runs).toBe(5_000)
    },
  )
})
