// Mutates good tokens and asks whether we ever accept what jose refuses: `npm run mutants -- --count 1000000 --seed 1`.
// Exits with 1 at the first such token, and says how to make it again.
import { parseArgs } from 'node:util'
import { allParties, runMutants } from '../test/conformance/mutants/run.js'

const USAGE = `Usage: npm run mutants -- [--count <mutants>] [--seed <number>] [--first <number>] [--sample <one in>]

  --count   how many mutants; 100000 by default
  --seed    determines the mutations; 1 by default
  --first   the number of the first mutant; 0 by default
  --sample  of those that we refuse, one in so many is shown to jose as well; 10 by default
`

function wholeNumber(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(USAGE)
  return process.exit(2)
}

const { values } = parseArgs({
  options: {
    count: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'string' },
    sample: { type: 'string' },
  },
})
const count = wholeNumber(values.count, 100_000)
const seed = wholeNumber(values.seed, 1)
const first = wholeNumber(values.first, 0)
const sampleOneIn = Math.max(1, wholeNumber(values.sample, 10))

const started = performance.now()
const { looser, ...tally } = await runMutants(
  { count, seed, first, sampleOneIn },
  await allParties(),
)
const seconds = ((performance.now() - started) / 1_000).toFixed(1)
console.log(`${tally.mutants} mutants of seed ${seed} in ${seconds} s, on ${process.version}`)
console.log(`  accepted by us and by jose        ${tally.acceptedByBoth}`)
console.log(`  refused by us                     ${tally.refusedByUs}`)
console.log(`    of which shown to jose          ${tally.sampled}`)
console.log(`    refused by jose as well         ${tally.refusedByBoth}`)
console.log(`    accepted by jose alone          ${tally.acceptedByJoseOnly}`)
console.log(`  accepted by us, but not by jose   ${looser === null ? 0 : 1}`)
if (looser !== null) {
  console.error(JSON.stringify(looser, null, 2))
  console.error(`Again: npm run mutants -- --seed ${seed} --first ${looser.number} --count 1`)
  process.exitCode = 1
}
