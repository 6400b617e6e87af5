/**
 * `npm run endurance -- [--requests N] [--samples N]`: what only shows over many requests. Memory under names that nobody
 * has used before, identities crossed between clients, and what time tells of secrets. The first two fail if they must.
 */
import { parseArgs } from 'node:util'
import { createTarget } from '../test/attacks/support/target.js'
import { identityCrossings } from '../test/endurance/crossings.js'
import { growthUnder } from '../test/endurance/memory.js'
import { timings } from '../test/endurance/timing.js'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '400000' },
  },
})
const [requests, samples] = [Number(values.requests), Number(values.samples)]
if (!Number.isSafeInteger(requests) || !Number.isSafeInteger(samples)) {
  console.error('Give whole numbers.')
  process.exit(2)
}

const target = await createTarget()
const megabytes = (await growthUnder(target, requests)) / 1_048_576
console.log(
  `memory: ${megabytes.toFixed(1)} MB more after ${requests} requests with fresh names (< 20)`,
)
const crossings = await identityCrossings(requests, 1)
console.log(`identities: ${crossings} crossed in ${requests} requests of 200 clients (0)`)
// One that remembers nothing yet: what stands beside a text in a map would show, too.
const fresh = await createTarget()
for (const { name, t, nanoseconds } of await timings(fresh, samples)) {
  const [score, difference] = [Math.abs(t).toFixed(1), Math.abs(nanoseconds).toFixed(1)]
  console.log(`timing: |t| ${score.padStart(8)}, ${difference.padStart(6)} ns  ${name}`)
}
await target.close()
await fresh.close()
process.exit(megabytes < 20 && crossings === 0 ? 0 : 1)
