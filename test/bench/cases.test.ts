import { describe, expect, it } from 'vitest'
import { createCase } from '../../bench/cases.js'
import { CASES } from '../../bench/names.js'

describe('the cases of the benchmark', () => {
  // A contender rejects when its answer is not the one that its row promises.
  it.each(CASES)(
    '%s: gate, route, handler and bare work agree about the credential',
    async (name) => {
      const { decide, bare, guarded, open } = await createCase(name)
      const contenders = [decide, guarded, open, ...(bare === null ? [] : [bare])]
      for (const contender of contenders) await expect(contender()).resolves.toBeUndefined()
      expect(bare === null).toBe(name === 'missing')
    },
  )
})
