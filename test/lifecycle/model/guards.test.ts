import { describe, expect, test } from 'vitest'
import { firstViolation } from './check.js'
import { GUARDS } from './guards.js'
import { loadMachine } from './load-machine.js'

describe('without one guard', () => {
  test.each(Object.entries(GUARDS))(
    'an invariant is broken: %s',
    async (_, edit) => {
      expect(firstViolation(await loadMachine([edit]), [1, 2])).toMatch(/^[A-Z]/)
    },
    300_000,
  )

  test('that has moved, the model says so', async () => {
    const edit = { file: 'stores/memory.ts', from: 'this text stands nowhere', to: '' }
    await expect(loadMachine([edit])).rejects.toThrow('this text stands nowhere')
  })
})
