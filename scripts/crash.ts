/**
 * `npm run crash -- --store sqlite|redis|postgres|all [--kills 300] [--seed S]`: kills a server (SIGKILL) while sixteen
 * clients refresh, and starts it again. Fails if one of them loses its family, has two leaves, or is taken for a thief.
 * `--races N`: N times a hundred refreshes of one token, and exchanges of one code, from two processes.
 */
import { parseArgs } from 'node:util'
import { crash } from '../test/lifecycle/crash/crash.js'
import { STORES } from '../test/lifecycle/crash/places.js'
import { races } from '../test/lifecycle/crash/races.js'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'all' },
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    races: { type: 'string', default: '0' },
  },
})
const stores = values.store === 'all' ? STORES : STORES.filter((name) => name === values.store)
const [kills, seed, count] = [values.kills, values.seed, values.races].map(Number)
if (stores.length === 0 || !kills || !seed || count === undefined || Number.isNaN(count)) {
  console.error('Name a store (sqlite, redis, postgres, all) and whole numbers.')
  process.exit(2)
}

let hasFailed = false
for (const store of stores) {
  const started = performance.now()
  const onProgress = (done: number): void => {
    if (done % 50 === 0) console.log(`  ${store}: ${done}`)
  }
  const report =
    count > 0
      ? await races({ store, races: count, onProgress })
      : await crash({ store, kills, seed, onProgress })
  const seconds = ((performance.now() - started) / 1_000).toFixed(0)
  if (report === null) {
    console.error(`${store}: not there`)
    hasFailed = true
    continue
  }
  const { failures, ...counts } = report
  console.log(`${store}: ${JSON.stringify(counts)} in ${seconds} s, ${failures.length} failures`)
  for (const failure of failures.slice(0, 20)) console.error(`  ${failure}`)
  hasFailed ||= failures.length > 0
}
process.exit(hasFailed ? 1 : 0)
