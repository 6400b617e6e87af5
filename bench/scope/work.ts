import { performance } from 'node:perf_hooks'
import { type Ratio, summary } from '../rounds.js'

/**
 * Work of nanoseconds, done many times between two looks at the clock. The clock is the processor time of this process with
 * all of its threads: what others do on the machine is not in it, and what collecting the garbage takes is.
 */
export interface Work {
  /**
   * Gets ready to do it so many times, which is not measured. What is returned does it, and says how many answers were
   * yes. The loop is each contender's own, so that the runtime compiles it for that one alone.
   */
  prepare(times: number): () => number
  /** Whether every answer has to be yes, or none. */
  readonly yes: boolean
}

/** How two works compare, and nanoseconds of the one they are compared by. */
export interface Comparison {
  readonly ratio: Ratio
  /** Of `over`. */
  readonly nanoseconds: Ratio
}

/** Measures two works in turns, and divides within each round. At least 9 rounds, or for so many seconds. */
export function compare(over: Work, under: Work, seconds: number): Comparison {
  const [overTimes, underTimes] = [calibrate(over), calibrate(under)]
  const quotients: number[] = []
  const figures: number[] = []
  const end = performance.now() + seconds * 1000
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
    const isFirst = round % 2 === 0
    const before = isFirst ? 0 : nanosecondsOf(under, underTimes)
    const figure = nanosecondsOf(over, overTimes)
    quotients.push(figure / (isFirst ? nanosecondsOf(under, underTimes) : before))
    figures.push(figure)
  }
  return { ratio: summary(quotients), nanoseconds: summary(figures) }
}

/** How many times fill one slice; what is tried until then warms up. */
function calibrate(work: Work): number {
  let times = 1
  // The least of several: a compiler or a collector that is at work meanwhile makes one of them look long.
  const least = (): number =>
    Math.min(...Array.from({ length: TRIES }, () => nanosecondsOf(work, times)))
  while (least() * times < SLICE_NANOSECONDS) times *= 2
  for (let turn = 0; turn < WARM_UPS; turn++) nanosecondsOf(work, times)
  return times
}

function nanosecondsOf(work: Work, times: number): number {
  const run = work.prepare(times)
  const start = process.cpuUsage()
  const yes = run()
  const { user, system } = process.cpuUsage(start)
  const nanoseconds = ((user + system) * 1000) / times
  if (yes !== (work.yes ? times : 0)) throw new Error('A contender has given a wrong answer.')
  return nanoseconds
}

const SLICE_NANOSECONDS = 4e6
const LEAST_ROUNDS = 9
const WARM_UPS = 6
const TRIES = 3
