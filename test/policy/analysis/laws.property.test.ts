import { describe, expect, test } from 'vitest'
import { createRandom } from '../../fuzz/random.js'
import { ANALYSIS_LAWS } from './laws.js'

describe('the laws of analysis', () => {
  test.each(ANALYSIS_LAWS)('$id: $name', async ({ check }) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      expect(await check(createRandom(seed)), `seed ${seed}`).toBeNull()
    }
  })
})

/** Policies for each law, each with 20 requests. */
const RUNS = Number(process.env['ANALYSIS_RUNS'] ?? 250)
