import { describe, expect, test } from 'vitest'
import { checkLaws } from './check-laws.js'
import { LAWS } from './laws.js'
import { SABOTAGES } from './sabotages.js'

describe('a vocabulary that is wrong', () => {
  test.each(SABOTAGES.map((one) => [one.breaks, one.how, one] as const))(
    'breaks "%s": %s',
    (_breaks, _how, { breaks, define }) => {
      const laws = LAWS.filter((law) => law.name === breaks)
      const [report] = checkLaws({ laws, runs: 2_000, seed: 1, define })
      expect(report?.counterexample).toContain('vocabulary')
      // Failing to run at all is no proof that the law looks at the right thing.
      if (report?.law.id !== 'L9') expect(report?.counterexample).not.toContain('threw')
    },
  )

  test('exists for every law', () => {
    const broken = new Set(SABOTAGES.map((one) => one.breaks))
    expect(LAWS.filter((law) => !broken.has(law.name)).map((law) => law.name)).toEqual([])
  })
})
