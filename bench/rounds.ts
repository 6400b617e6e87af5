import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'

/**
 * Work that is measured: one call does it once, and throws or rejects if the result is not the expected one. What can
 * answer at once does so, as it would in a server; a promise that nobody needs would be measured as well.
 */
export type Contender = () => undefined | Promise<void>

/** Milliseconds per call, one figure for each round. */
export type Times = ReadonlyMap<Contender, readonly number[]>

/** How many times one figure is the other: the median of all rounds, and the quartiles around it. */
export interface Ratio {
  readonly median: number
  readonly lower: number
  readonly upper: number
}

/**
 * Measures contenders in turns, so that whatever slows the machine for a while slows all of them.
 *
 * @param options.inFlight how many calls of one contender are under way at once
 */
export async function measure(
  contenders: readonly Contender[],
  options: { readonly seconds: number; readonly inFlight: number },
): Promise<Times> {
  const { seconds, inFlight } = options
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]))
  const perRound = (seconds * 1000) / LEAST_ROUNDS / contenders.length
  const slice = Math.min(SLICE_MILLISECONDS, perRound)
  for (const contender of contenders) await timeOf(contender, WARM_UP_MILLISECONDS, inFlight)
  const end = performance.now() + seconds * 1000
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
    for (const [contender, figures] of times) {
      figures.push(await timeOf(contender, slice, inFlight))
    }
  }
  return times
}

/** Compares two contenders round by round: what they share in a round cancels out. */
export function ratio(times: Times, over: Contender, under: Contender): Ratio {
  const divisors = times.get(under) ?? []
  const quotients = (times.get(over) ?? []).map(
    (time, round) => time / (divisors[round] ?? Number.NaN),
  )
  return summary(quotients)
}

/** Microseconds per call of one contender: to see how large its work is, not to compare it. */
export function microseconds(times: Times, contender: Contender): Ratio {
  return summary((times.get(contender) ?? []).map((time) => time * 1000))
}

/** The median and the quartiles of these figures. */
export function summary(figures: readonly number[]): Ratio {
  const sorted = [...figures].sort((left, right) => left - right)
  const at = (share: number): number =>
    sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) }
}

async function timeOf(
  contender: Contender,
  milliseconds: number,
  inFlight: number,
): Promise<number> {
  // What the last contender has left to the event loop must not be put to this one's account.
  await settled()
  let calls = 0
  const start = performance.now()
  const end = start + milliseconds
  const caller = async (): Promise<void> => {
    do {
      const pending = contender()
      // Where several are under way, each call lets the others go on, also one that has its answer at once.
      if (pending !== undefined || inFlight > 1) await pending
      calls++
    } while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  return (performance.now() - start) / calls
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
}

const LEAST_ROUNDS = 5
const SLICE_MILLISECONDS = 20
const WARM_UP_MILLISECONDS = 60
/** Of the event loop; finalizers and their like take more than one. */
const TURNS = 3
