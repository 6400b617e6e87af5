/**
 * `npm run model -- [--size 3] [--situation NAME] [--guards]`: all orders of the storage calls of one, two and three
 * operations of the token lifecycle, with a crash after any of them, from each situation. Fails with the schedule that
 * breaks an invariant. With `--guards`: takes out one guard after the other, and fails if nothing breaks.
 */
import { parseArgs } from 'node:util'
import {
  type Checked,
  checkSituation,
  combinationsOf,
  firstViolation,
} from '../test/lifecycle/model/check.js'
import { GUARDS } from '../test/lifecycle/model/guards.js'
import { loadMachine } from '../test/lifecycle/model/load-machine.js'
import { createSituation, SITUATIONS } from '../test/lifecycle/model/situation.js'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '3' },
    situation: { type: 'string' },
    guards: { type: 'boolean', default: false },
  },
})

const size = Number(values.size)
if (![1, 2, 3].includes(size)) {
  console.error('Give a size of 1, 2 or 3.')
  process.exit(2)
}
process.exitCode = (await (values.guards ? withoutGuards() : allSchedules())) ? 0 : 1

async function allSchedules(): Promise<boolean> {
  const machine = await loadMachine()
  const sizes = Array.from({ length: size }, (_, index) => index + 1)
  const total: Checked = { combinations: 0, schedules: 0, states: 0 }
  for (const name of SITUATIONS.filter((each) => each === (values.situation ?? each))) {
    const started = performance.now()
    const situation = createSituation(machine, name)
    for (const each of sizes) {
      const checked = checkSituation(situation, combinationsOf(each))
      total.combinations += checked.combinations
      total.schedules += checked.schedules
      total.states += checked.states
    }
    console.log(`${name}: ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  }
  console.log(
    `${total.combinations} combinations of operations, ${total.schedules} schedules, ${total.states} states: no violation`,
  )
  return total.states > 0
}

async function withoutGuards(): Promise<boolean> {
  let survivors = 0
  for (const [name, edit] of Object.entries(GUARDS)) {
    const violation = firstViolation(await loadMachine([edit]), [1, 2])
    const [first = '', second = ''] = violation?.split('\n') ?? []
    console.log(violation === null ? `${name}: SURVIVED` : `${name}: ${first} (${second})`)
    if (violation === null) survivors += 1
  }
  console.log(`${Object.keys(GUARDS).length} guards, ${survivors} of them not missed`)
  return survivors === 0
}
