import { expect, test } from 'vitest'
import { createTarget } from '../attacks/support/target.js'
import { identityCrossings } from './crossings.js'
import { growthUnder } from './memory.js'
import { welch } from './timing.js'

test('ten thousand credentials that nobody has seen before leave nothing behind', async () => {
  const target = await createTarget()
  // `npm run endurance` sends a million; the bound is the same, for what the engine itself keeps.
  expect(await growthUnder(target, 10_000)).toBeLessThan(20_000_000)
  await target.close()
})

test('two hundred clients behind a store that answers whenever it likes are never taken for one another', async () => {
  expect(await identityCrossings(10_000, 1)).toBe(0)
})

test('the measurement tells two samples apart if they differ, and not if they do not', () => {
  const sample = (shift: number) =>
    Float64Array.from({ length: 2_000 }, (_, index) => ((index * 7_919) % 101) + shift)
  expect(Math.abs(welch(sample(0), sample(0)).t)).toBeLessThan(1)
  expect(Math.abs(welch(sample(0), sample(20)).t)).toBeGreaterThan(10)
})
