import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSituation, combinationsOf } from './check.js'
import { loadMachine } from './load-machine.js'
import { createSituation, SITUATIONS } from './situation.js'

const machine = await loadMachine()
const triples = [...combinationsOf(3)]

describe('all orders of the storage calls of two operations, with a crash after any of them', () => {
  test.each(SITUATIONS)(
    'keep every invariant: %s',
    (name) => {
      const { combinations, states } = checkSituation(
        createSituation(machine, name),
        combinationsOf(2),
      )
      expect(combinations).toBeGreaterThan(200)
      expect(states).toBeGreaterThan(1_500)
    },
    60_000,
  )
})

describe('the same of three operations', () => {
  const sample = fc.sample(fc.constantFrom(...triples), { numRuns: 60, seed: 7 })

  test.each(SITUATIONS)(
    'keeps every invariant: %s; some of them, `npm run model` takes all',
    (name) => {
      const { states } = checkSituation(createSituation(machine, name), sample)
      expect(states).toBeGreaterThan(500)
    },
    60_000,
  )
})
