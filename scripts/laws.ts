/**
 * `npm run laws -- --runs N [--seed S] [--law L7]`: the laws of scopes, each in so many random vocabularies and claims.
 * Fails with the smallest counterexample of each law that is broken.
 */
import { parseArgs } from 'node:util'
import { checkLaws } from '../test/scope/laws/check-laws.js'
import { LAWS } from '../test/scope/laws/laws.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    law: { type: 'string' },
  },
})
const [runs, seed] = [Number(values.runs), Number(values.seed)]
const laws = LAWS.filter((law) => law.id === (values.law ?? law.id))
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed) || laws.length === 0) {
  console.error('Give whole numbers, and a law from L1 to L24.')
  process.exit(2)
}

const started = performance.now()
const reports = checkLaws({
  laws,
  runs,
  seed,
  onProgress: (done) => console.log(`${done} of ${runs} runs in ${secondsSince(started)} s`),
})
for (const { law, runs: checked, seconds, counterexample } of reports) {
  const verdict = counterexample === null ? 'holds' : 'BROKEN'
  console.log(`${law.id} ${verdict}, ${checked} runs, ${seconds.toFixed(1)} s: ${law.name}`)
  if (counterexample !== null) console.log(counterexample)
}
const broken = reports.filter(({ counterexample }) => counterexample !== null).length
console.log(
  `${laws.length} laws, ${broken} broken, seed ${seed}, ${secondsSince(started)} s in all`,
)
process.exitCode = broken === 0 ? 0 : 1

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1_000).toFixed(0)
}
