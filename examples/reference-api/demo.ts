/** `npm run demo`: the API on each framework in turn, asked over real HTTP. See README.md. */
import { main, type Terminal } from './demo/main.js'

const terminal: Terminal = {
  print: (line) => console.log(line),
  complain: (line) => console.error(line),
  colours: process.stdout.isTTY === true && !process.env['NO_COLOR'],
  stopped: () =>
    new Promise((resolve) => {
      process.once('SIGINT', () => resolve())
      process.once('SIGTERM', () => resolve())
    }),
}

try {
  process.exitCode = await main(process.argv.slice(2), terminal)
} catch (error) {
  // A port that is taken, for one.
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
