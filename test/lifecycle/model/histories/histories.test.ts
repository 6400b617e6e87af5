import { describe, expect, test } from 'vitest'
import { FACADE_GUARDS } from '../guards.js'
import { loadMachine } from '../load-machine.js'
import { playMany } from './run.js'

describe('histories of devices, thieves, lost answers, clocks that jump and processes that die', () => {
  test('are as the reference has them: some of them, `npm run model` plays more', async () => {
    const { failure, histories } = await playMany(await loadMachine(), 2_000, 1)
    expect(failure).toBeNull()
    expect(histories).toBe(2_000)
  }, 300_000)
})

describe('without one guard', () => {
  test.each(Object.entries(FACADE_GUARDS))(
    'a history goes wrong: %s',
    async (_, edit) => {
      const { failure } = await playMany(await loadMachine([edit]), 1_000, 1)
      expect(failure).toMatch(/Error: I\d/)
    },
    300_000,
  )
})
