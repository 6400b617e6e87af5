import { createRandom } from '../../fuzz/random.js'
import { asPolicyDefinition } from '../../support/define-plain-policy.js'
import { createPlainPolicy } from '../../support/policy-arbitraries.js'
import { createQuestion } from '../../support/policy-questions.js'
import { createWorld, type DefinePlain, type PolicyLaw, type PolicySample } from './law.js'
import { smallerSamples } from './smaller-samples.js'

export interface PolicyLawReport {
  readonly law: PolicyLaw
  readonly runs: number
  readonly seconds: number
  /** The first sample that breaks the law, made as small as it gets; null if none does. */
  readonly counterexample: string | null
}

interface Options {
  readonly laws: readonly PolicyLaw[]
  /** For each law. */
  readonly runs: number
  readonly seed: number
  /** Default: the library's `definePolicy`. */
  readonly define?: DefinePlain
  /** Called with the runs done so far, some hundred times in all. */
  readonly onProgress?: (runs: number) => void
}

/** Checks each law in so many samples. A law that has been broken takes none any more. */
export async function checkPolicyLaws({
  laws,
  runs,
  seed,
  define,
  onProgress,
}: Options): Promise<PolicyLawReport[]> {
  const states = laws.map((law) => ({
    law,
    runs: 0,
    seconds: 0,
    counterexample: null as string | null, // a string once it is broken
  }))
  let done = 0
  for (const samples of samplePolicies(runs, seed, define)) {
    for (const state of states) {
      if (state.counterexample !== null) continue
      const started = performance.now()
      for (const sample of samples) {
        state.runs += 1
        if ((await complaintOf(state.law, sample)) === null) continue
        const smallest = await shrink(state.law, sample)
        state.counterexample = `seed ${seed}, run ${state.runs}\n${await describe(state.law, smallest)}`
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

/** The samples of so many runs, one policy after the other. The same seed gives the same samples. */
function* samplePolicies(
  runs: number,
  seed: number,
  define?: DefinePlain,
): Generator<readonly PolicySample[]> {
  for (let first = 0, index = 0; first < runs; first += RUNS_PER_POLICY, index++) {
    const random = createRandom(seed * 1_000_003 + index)
    const plain = createPlainPolicy(random)
    const world = createWorld(plain, define)
    yield Array.from({ length: Math.min(RUNS_PER_POLICY, runs - first) }, () => {
      const question = createQuestion(random, plain)
      const next = createQuestion(random, plain)
      // Often about the same resource, or nothing that one question has loaded would serve the other.
      const { type, resource } = question
      const other = random.chance(0.5) ? { ...next, type, resource } : next
      return { world, question, other, number: random.below(2 ** 31) }
    })
  }
}

async function complaintOf(law: PolicyLaw, sample: PolicySample): Promise<string | null> {
  try {
    return await law.check(sample)
  } catch (error) {
    return `threw ${String(error)}`
  }
}

/** Takes away what the failure does not need, one thing after the other. */
async function shrink(law: PolicyLaw, sample: PolicySample): Promise<PolicySample> {
  for (let current = sample; ; ) {
    const smaller = await firstBroken(law, smallerSamples(current))
    if (smaller === null) return current
    current = smaller
  }
}

async function firstBroken(
  law: PolicyLaw,
  candidates: readonly (() => PolicySample)[],
): Promise<PolicySample | null> {
  for (const create of candidates) {
    try {
      const sample = create()
      if ((await complaintOf(law, sample)) !== null) return sample
    } catch {
      // Without what was taken away it is no policy.
    }
  }
  return null
}

async function describe(law: PolicyLaw, sample: PolicySample): Promise<string> {
  const { world, question, other, number } = sample
  return [
    `  ${await complaintOf(law, sample)}`,
    `  policy   ${JSON.stringify(asPolicyDefinition(world.plain))}`,
    `  question ${printedQuestion(question)}`,
    `  other    ${printedQuestion(other)}`,
    `  number   ${number}`,
  ].join('\n')
}

function printedQuestion(question: object): string {
  return JSON.stringify(question, (_key, value: unknown) =>
    typeof value === 'bigint' || typeof value === 'number' ? String(value) : value,
  )
}

/** So many runs share one policy: making it and its relatives costs as much as all of them. */
const RUNS_PER_POLICY = 25
const STEPS = 100
