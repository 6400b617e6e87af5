/** `npm run bench`: what a guarded request costs, as ratios. README.md beside this file says how to read them. */
import { availableParallelism } from 'node:os'
import { measurePeers } from './compare/run.js'
import { measureInProcess } from './in-process.js'
import { readOptions, USAGE } from './options.js'
import { measureOverHttp } from './over-http.js'
import { measureScopes } from './scope/run.js'
import { measureStores } from './stores/run.js'

const options = readOptions(process.argv.slice(2))
if (options === null) {
  console.error(USAGE)
  process.exitCode = 2
} else {
  // Without the build, or with the paths of tsconfig.json, the name means the source.
  const measured = import.meta.resolve('sallyport').includes('/dist/') ? 'dist' : 'src'
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, ${measured}\n`)
  if (options.kind === 'peers') {
    await measurePeers(options.parts, options.seconds, console.log)
  } else if (options.kind === 'scopes') {
    await measureScopes(options.parts, options.seconds, console.log)
  } else if (options.kind === 'stores') {
    await measureStores(options.parts, options.seconds, console.log)
  } else {
    const measure = options.http ? measureOverHttp : measureInProcess
    console.log(await measure(options.cases, options.seconds))
  }
}
