import type { Law, Sample } from './law.js'
import { type Define, printed, sampleSituations, smallerSamples } from './situation.js'

export interface LawReport {
  readonly law: Law
  readonly runs: number
  readonly seconds: number
  /** The first sample that breaks the law, made as small as it gets; null if none does. */
  readonly counterexample: string | null
}

interface Options {
  readonly laws: readonly Law[]
  /** For each law. */
  readonly runs: number
  readonly seed: number
  /** Default: the library's `defineScopes`. */
  readonly define?: Define
  /** Called with the runs done so far, some hundred times in all. */
  readonly onProgress?: (runs: number) => void
}

/**
 * Checks each law in so many samples. The laws take turns at the samples of one vocabulary; a law that has been broken
 * takes none any more.
 */
export function checkLaws({ laws, runs, seed, define, onProgress }: Options): LawReport[] {
  const states = laws.map((law) => ({
    law,
    runs: 0,
    seconds: 0,
    counterexample: null as string | null, // a string once it is broken
  }))
  let done = 0
  for (const samples of sampleSituations(runs, seed, define)) {
    if (states.every(({ counterexample }) => counterexample !== null)) break
    for (const state of states) {
      if (state.counterexample !== null) continue
      const started = performance.now()
      for (const sample of samples) {
        state.runs += 1
        if (complaintOf(state.law, sample) === null) continue
        state.counterexample = `seed ${seed}, run ${state.runs}\n${describe(state.law, shrink(state.law, sample))}`
        break
      }
      state.seconds += (performance.now() - started) / 1_000
    }
    const before = Math.floor((done * STEPS) / runs)
    done += samples.length
    if (Math.floor((done * STEPS) / runs) > before) onProgress?.(done)
  }
  return states
}

function complaintOf(law: Law, sample: Sample): string | null {
  try {
    return law.check(sample)
  } catch (error) {
    return `threw ${String(error)}`
  }
}

/** Takes away what the failure does not need, one thing after the other. */
function shrink(law: Law, sample: Sample): Sample {
  for (let current = sample; ; ) {
    const smaller = firstBroken(law, smallerSamples(current))
    if (smaller === null) return current
    current = smaller
  }
}

function firstBroken(law: Law, candidates: readonly (() => Sample)[]): Sample | null {
  for (const create of candidates) {
    const sample = made(create)
    if (sample !== null && complaintOf(law, sample) !== null) return sample
  }
  return null
}

function made(create: () => Sample): Sample | null {
  try {
    return create()
  } catch {
    return null
  }
}

function describe(law: Law, sample: Sample): string {
  const [left, right] = sample.requirements
  return [
    `  ${complaintOf(law, sample)}`,
    `  vocabulary   ${printed(sample.situation.plain)}`,
    ...sample.claims.map((claim) => `  claim        ${JSON.stringify(claim.join(' '))}`),
    `  requirements ${JSON.stringify(left)} ${JSON.stringify(right)}`,
    `  number       ${sample.number}`,
  ].join('\n')
}

const STEPS = 100
