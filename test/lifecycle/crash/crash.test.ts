import { describe, expect, test } from 'vitest'
import { crash } from './crash.js'
import { STORES } from './places.js'
import { races } from './races.js'

// Bounded: `npm run crash` kills three hundred times, and races a thousand.
describe.each(STORES)('on %s', (store) => {
  test('a server that is killed while sixteen clients refresh costs none of them its family', async () => {
    const report = await crash({ store, kills: 4, seed: 1 })
    if (report === null) return
    expect(report.failures).toEqual([])
    expect(report.kills).toBe(4)
    expect(report.refreshes).toBeGreaterThan(16)
    expect(report.revocations).toBeGreaterThan(16)
  }, 180_000)

  test('of a hundred refreshes from two processes one rotates and all get its successor; a code has one winner', async () => {
    const report = await races({ store, races: 3 })
    if (report === null) return
    expect(report).toMatchObject({ failures: [], races: 3, rotations: 3, successes: 300 })
    expect(report.winners).toBeLessThanOrEqual(3)
  }, 180_000)
})

test('without a grace the same clients do lose their families: the run would notice', async () => {
  const report = await crash({ store: 'sqlite', kills: 2, seed: 1, graceSeconds: 0 })
  expect(report?.failures.join('\n')).toMatch(/lost its family/)
}, 180_000)
