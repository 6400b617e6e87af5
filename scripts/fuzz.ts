/**
 * `npm run fuzz -- --requests N [--seed S] [--adapter express|fastify|hono|fetch|all] [--connections C]`: throws
 * malformed requests at each adapter over raw sockets. Fails, with the bytes, if one crashes it, hangs, is answered with
 * a server error, or is let in without a good credential.
 */
import { parseArgs } from 'node:util'
import { ADAPTERS, type AdapterName } from '../test/attacks/support/serve.js'
import { type FuzzReport, fuzz } from '../test/fuzz/fuzz.js'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    adapter: { type: 'string', default: 'all' },
    connections: { type: 'string', default: '8' },
  },
})
const adapters =
  values.adapter === 'all' ? ADAPTERS : ADAPTERS.filter((name) => name === values.adapter)
const [requests, seed, connections] = [values.requests, values.seed, values.connections].map(Number)
if (
  adapters.length === 0 ||
  !requests ||
  seed === undefined ||
  Number.isNaN(seed) ||
  !connections
) {
  console.error('Name an adapter (express, fastify, hono, fetch, all) and whole numbers.')
  process.exit(2)
}

/** Characters of a failure that are shown: a request of ordinary size in full. */
const LONGEST = 3_000

let failed = false
for (const adapter of adapters) {
  const report = await fuzz({
    adapter,
    requests,
    seed,
    connections,
    onProgress: progressOf(adapter),
  })
  print(adapter, report)
  failed ||= report.failures.length > 0
}
process.exit(failed ? 1 : 0)

function print(
  adapter: AdapterName,
  { sent, seconds, statuses, controls, reconnects, residentBytes, failures }: FuzzReport,
): void {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`
  console.log(
    `${adapter}: ${sent} requests in ${seconds.toFixed(1)} s (${Math.round(sent / seconds)}/s), seed ${seed}`,
  )
  console.log(
    `  answers ${JSON.stringify(statuses)}, good ones ${controls}, connections closed ${reconnects}`,
  )
  console.log(
    `  memory ${megabytes(residentBytes.start)} at first, ${megabytes(residentBytes.most)} at most, ${megabytes(residentBytes.end)} at last`,
  )
  console.log(
    failures.length === 0
      ? '  no failure'
      : failures.map((failure) => `  ${failure.slice(0, LONGEST)}`).join('\n'),
  )
}

function progressOf(adapter: AdapterName): (sent: number) => void {
  let told = 0
  return (sent) => {
    if (sent - told < 100_000) return
    told = sent
    console.log(`  ${adapter}: ${sent} sent`)
  }
}
