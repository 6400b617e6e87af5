import { explore, type State, type Step, Thread } from './explore.js'
import { INVARIANTS, type View, WRITE_INVARIANTS } from './invariants.js'
import type { Machine } from './load-machine.js'
import {
  OPERATIONS,
  type Operation,
  type OperationName,
  type Outcome,
  operationOf,
} from './operations.js'
import { createSituation, NOW, SITUATIONS, type Situation } from './situation.js'

/** How much was checked. */
export interface Checked {
  /** Choices of operations that can run at once. */
  combinations: number
  /** Orders of their storage calls in which all of them finish. */
  schedules: number
  /** Different states on the way, each judged as the one in which all that has not finished has crashed. */
  states: number
}

/** A combination of operations that broke an invariant in one of its schedules. */
class Violation extends Error {
  override readonly name = 'Violation'
}

/** Explores one situation with some combinations of operations, and judges every state. */
export function checkSituation(
  situation: Situation,
  combinations: Iterable<readonly OperationName[]>,
): Checked {
  const threads = threadsOf(situation)
  const total: Checked = { combinations: 0, schedules: 0, states: 0 }
  for (const names of combinations) {
    const chosen = names.map((name, place) => threads(name, place))
    const operations = chosen.flatMap((each) => each?.operation ?? [])
    if (operations.length < names.length) continue
    const view = ({ snapshot, progress }: State<Outcome>): View => ({
      situation,
      snapshot,
      running: operations.flatMap((operation, index) => {
        const each = progress[index]
        return each === undefined ? [] : [{ operation, progress: each }]
      }),
    })
    const { schedules, states } = explore(
      situation.snapshot,
      chosen.flatMap((each) => each?.thread ?? []),
      (state) => {
        const seen = view(state)
        for (const [name, holds] of Object.entries(INVARIANTS)) {
          const problem = holds(seen)
          if (problem !== null) throw violation(name, problem, situation, operations, state)
        }
      },
      (before, step, after, state) => {
        for (const [name, holds] of Object.entries(WRITE_INVARIANTS)) {
          const problem = holds(before, step, after)
          if (problem !== null) throw violation(name, problem, situation, operations, state)
        }
      },
    )
    total.combinations += 1
    total.schedules += schedules
    total.states += states
  }
  return total
}

/** The invariant that a machine breaks in one of these combinations, from whatever situation; null if there is none. */
export function firstViolation(machine: Machine, sizes: readonly number[]): string | null {
  try {
    for (const size of sizes) {
      for (const name of SITUATIONS) {
        checkSituation(createSituation(machine, name), combinationsOf(size))
      }
    }
    return null
  } catch (problem) {
    if (problem instanceof Violation) return problem.message
    throw problem
  }
}

/** Each choice of so many operations, with repetition. */
export function* combinationsOf(size: number, from = 0): Generator<readonly OperationName[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let index = from; index < OPERATIONS.length; index++) {
    const name = OPERATIONS[index]
    if (name === undefined) return
    for (const rest of combinationsOf(size - 1, index)) yield [name, ...rest]
  }
}

function threadsOf(situation: Situation) {
  const made = new Map<string, { operation: Operation; thread: Thread<Outcome> } | null>()
  return (name: OperationName, place: number) => {
    const key = `${place} ${name}`
    const known = made.get(key)
    if (known !== undefined) return known
    const operation = operationOf(situation, name)
    const now = NOW + (situation.skew[place] ?? 0)
    const begun = operation && {
      operation,
      thread: new Thread<Outcome>(`${situation.name} ${key}`, () => operation.steps(now)),
    }
    made.set(key, begun)
    return begun
  }
}

function violation(
  invariant: string,
  problem: string,
  { name }: Situation,
  operations: readonly Operation[],
  { progress, schedule }: State<Outcome>,
): Violation {
  const taken = operations.map(() => 0)
  const lines = schedule.map((index) => {
    const at = taken[index] ?? 0
    taken[index] = at + 1
    const step = progress[index]?.steps[at]
    return `  ${index} ${operations[index]?.name}: ${step === undefined ? '' : shown(step)}`
  })
  const outcomes = progress.map(
    ({ outcome }, index) =>
      `  ${index} ${operations[index]?.name}: ${outcome === null ? 'crashed' : JSON.stringify(outcome)}`,
  )
  return new Violation(
    [`${invariant}: ${problem}`, `starting ${name}`, ...lines, 'so that', ...outcomes].join('\n'),
  )
}

function shown({ call, answer }: Step): string {
  const keys = call.verb === 'get' ? call.keys : call.verb === 'list' ? [] : [call.key]
  const names = keys.map(({ kind, id }) => `${kind} ${id}`).join(', ')
  return `${call.verb} ${names} -> ${JSON.stringify(answer).slice(0, LONGEST)}`
}

/** Characters of an answer that are shown. */
const LONGEST = 1_500
