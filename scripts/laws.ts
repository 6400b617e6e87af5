/**
 * `npm run laws -- --runs N [--seed S] [--law L7|L|P]`: the laws of scopes (L), each in so many random vocabularies and claims, and
 * of policies (P), each with so many questions to random policies. Fails with the smallest counterexample of each law that is
 * broken.
 */
import { parseArgs } from 'node:util'
import { ANALYSIS_LAWS } from '../test/policy/analysis/analysis-laws.js'
import { checkPolicyLaws } from '../test/policy/laws/check-policy-laws.js'
import { POLICY_LAWS } from '../test/policy/laws/policy-laws.js'
import { checkLaws } from '../test/scope/laws/check-laws.js'
import { LAWS } from '../test/scope/laws/laws.js'
import { BUDGET, timeReading } from '../test/scope/laws/reading-time.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    law: { type: 'string' },
  },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]
const isWanted = ({ id }: { readonly id: string }): boolean =>
  values.law === undefined || id === values.law || id[0] === values.law
const laws = LAWS.filter(isWanted)
const policyLaws = [...POLICY_LAWS, ...ANALYSIS_LAWS].filter(isWanted)
const all = laws.length + policyLaws.length
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed) || all === 0) {
  console.error(
    'Give whole numbers, and a law from L1 to L24 or P0 to P18, or L or P for all of them.',
  )
  process.exit(2)
}

const started = performance.now()
const onProgress = (done: number): void =>
  console.log(`${done} of ${runs} runs in ${secondsSince(started)} s`)
const reports = [
  ...(laws.length === 0 ? [] : checkLaws({ laws, runs, seed, onProgress })),
  ...(policyLaws.length === 0
    ? []
    : await checkPolicyLaws({ laws: policyLaws, runs, seed, onProgress })),
]
for (const { law, runs: checked, seconds, counterexample } of reports) {
  const verdict = counterexample === null ? 'holds' : 'BROKEN'
  console.log(`${law.id} ${verdict}, ${checked} runs, ${seconds.toFixed(1)} s: ${law.name}`)
  if (counterexample !== null) console.log(counterexample)
}
let broken = reports.filter(({ counterexample }) => counterexample !== null).length
if (laws.some(({ id }) => id === 'L24')) {
  const { worst, unit, ratio } = timeReading()
  const verdict = worst <= BUDGET ? 'holds' : 'BROKEN'
  console.log(
    `L24 ${verdict}, 8,192 characters are read in ${worst.toFixed(0)} of ${BUDGET} microseconds at most (${JSON.stringify(unit)}, ${ratio.toFixed(1)} times as long as for 1,024)`,
  )
  if (worst > BUDGET) broken += 1
}
console.log(`${all} laws, ${broken} broken, seed ${seed}, ${secondsSince(started)} s in all`)
process.exitCode = broken === 0 ? 0 : 1

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1_000).toFixed(0)
}
