/**
 * `npm run cedar -- [--requests 100000] [--seed 1]`: random policies in Cedar's language, run by Cedar's own engine, beside
 * ours, on random requests. Fails with the first on which they do not agree; the same seed shows it again.
 */
import { parseArgs } from 'node:util'
import { compareMany } from '../test/policy/cedar/agree.js'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
})
const [requests, seed] = [Number(values.requests), Number(values.seed)]
if (!Number.isSafeInteger(requests) || !Number.isSafeInteger(seed)) {
  console.error('Give whole numbers.')
  process.exit(2)
}

const started = performance.now()
const { tally, disagreement } = await compareMany(requests, seed)
const width = Math.max(...Object.keys(tally).map((name) => name.length))
for (const [name, count] of Object.entries(tally)) {
  console.log(`${name.padEnd(width)} ${String(count).padStart(9)}`)
}
console.log(`${((performance.now() - started) / 1_000).toFixed(0)} s`)
if (disagreement !== null) {
  console.error(`seed ${seed}: ${disagreement}`)
  process.exitCode = 1
}
