import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSituation, combinationsOf, firstViolation } from './check.js'
import { FACADE_GUARDS, GUARDS } from './guards.js'
import { playMany } from './histories/run.js'
import { loadMachine } from './load-machine.js'
import { createSituation, SITUATIONS } from './situation.js'

const machine = await loadMachine()
const triples = [...combinationsOf(3)]

describe('all orders of the storage calls of two operations, with a crash after any of them', () => {
  test.each(SITUATIONS)('keep every invariant: %s', (name) => {
    const { combinations, states } = checkSituation(
      createSituation(machine, name),
      combinationsOf(2),
    )
    expect(combinations).toBeGreaterThan(200)
    expect(states).toBeGreaterThan(1_500)
  })
})

describe('the same of three operations', () => {
  test('keeps every invariant: some of them, `npm run model` takes all', () => {
    const sample = fc.sample(fc.constantFrom(...triples), { numRuns: 60, seed: 7 })
    for (const name of SITUATIONS) {
      checkSituation(createSituation(machine, name), sample)
    }
  })
})

describe('histories of devices, thieves, lost answers, clocks that jump and processes that die', () => {
  test('are as the reference has them: some of them, `npm run model` plays more', async () => {
    const { failure, histories } = await playMany(machine, 2_000, 1)
    expect(failure).toBeNull()
    expect(histories).toBe(2_000)
  }, 120_000)
})

describe('without one guard', () => {
  test.each(Object.entries(GUARDS))(
    'an invariant is broken: %s',
    async (_, edit) => {
      expect(firstViolation(await loadMachine([edit]), [1, 2])).toMatch(/^[A-Z]/)
    },
    120_000,
  )

  test.each(Object.entries(FACADE_GUARDS))(
    'a history goes wrong: %s',
    async (_, edit) => {
      const { failure } = await playMany(await loadMachine([edit]), 1_000, 1)
      expect(failure).toMatch(/Error: I\d/)
    },
    120_000,
  )

  test('that has moved, the model says so', async () => {
    const edit = { file: 'stores/memory.ts', from: 'this text stands nowhere', to: '' }
    await expect(loadMachine([edit])).rejects.toThrow('this text stands nowhere')
  })
})
