/** `npm run bench:revocation`: what a revocation check costs, and how late another process hears of a revocation. */
import { measureChecks } from './check.js'
import { measureLag } from './lag.js'

const [what = 'all', ...urls] = process.argv.slice(2)
console.log(`Node ${process.versions.node}\n`)
if (what !== 'lag') await measureChecks(console.log)
if (what !== 'check') {
  console.log('\n| store | median | 95 of 100 | most |\n| --- | --- | --- | --- |')
  for (const url of urls.length > 0 ? urls : defaultStores()) await measureLag(url, console.log)
}

function defaultStores(): readonly string[] {
  return ['sqlite:', 'redis://127.0.0.1:6379', 'postgres://postgres@127.0.0.1:5432/test']
}
