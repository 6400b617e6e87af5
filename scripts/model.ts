/**
 * `npm run model -- [--size 3] [--situation NAME]`: all orders of the storage calls of one, two and three operations of
 * the token lifecycle, with a crash after any of them, from each situation. Fails with the schedule that breaks an
 * invariant. `--histories N [--seed S]`: plays so many histories of devices, thieves, lost answers, clocks that jump and
 * processes that die. `--guards`: takes out one guard after the other, and fails if nothing breaks.
 */
import { parseArgs } from 'node:util'
import {
  type Checked,
  checkSituation,
  combinationsOf,
  firstViolation,
} from '../test/lifecycle/model/check.js'
import { FACADE_GUARDS, GUARDS } from '../test/lifecycle/model/guards.js'
import { playMany } from '../test/lifecycle/model/histories/run.js'
import { loadMachine } from '../test/lifecycle/model/load-machine.js'
import { createSituation, SITUATIONS } from '../test/lifecycle/model/situation.js'

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '3' },
    situation: { type: 'string' },
    histories: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    guards: { type: 'boolean', default: false },
  },
})

const size = Number(values.size)
const [count, seed] = [Number(values.histories), Number(values.seed)]
if (![1, 2, 3].includes(size) || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
  console.error('Give a size of 1, 2 or 3, and whole numbers.')
  process.exit(2)
}
/** So many histories have one seed. */
const CHUNK = 10_000

process.exitCode = (await chosen()) ? 0 : 1

function chosen(): Promise<boolean> {
  if (values.guards) return withoutGuards()
  return count > 0 ? manyHistories() : allSchedules()
}

async function manyHistories(): Promise<boolean> {
  const machine = await loadMachine()
  const total = { histories: 0, requests: 0, calls: 0 }
  const started = performance.now()
  for (let first = 0; first < count; first += CHUNK) {
    const played = await playMany(machine, Math.min(CHUNK, count - first), seed + first / CHUNK)
    total.histories += played.histories
    total.requests += played.requests
    total.calls += played.calls
    if (played.failure !== null) {
      console.error(played.failure)
      return false
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(0)
    console.log(
      `${total.histories} histories, ${total.requests} requests, ${total.calls} storage calls in ${seconds} s: no violation`,
    )
  }
  return true
}

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
  for (const [name, edit] of Object.entries(FACADE_GUARDS)) {
    const { failure } = await playMany(await loadMachine([edit]), 1_000, 1)
    console.log(`${name}: ${failure?.split('\n').at(-1) ?? 'SURVIVED'}`)
    if (failure === null) survivors += 1
  }
  const guards = Object.keys(GUARDS).length + Object.keys(FACADE_GUARDS).length
  console.log(`${guards} guards, ${survivors} of them not missed`)
  return survivors === 0
}
