import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { performance } from 'node:perf_hooks'
import { type Load, send } from './load.js'
import { type CaseName, FRAMEWORKS, type FrameworkName, isScheme, OPEN_PATH } from './names.js'
import { type Ratio, summary } from './rounds.js'
import type { Ready } from './server.js'
import { formatRatio, formatTable } from './table.js'

/**
 * Measures servers on the frameworks, one after another, each a process of its own.
 *
 * What is compared is the processor time that the server used for each request, with all of its threads: on a machine
 * that the client shares, requests per second would tell as much of the client.
 */
export async function measureOverHttp(
  names: readonly CaseName[],
  seconds: number,
): Promise<string> {
  const columns: (readonly Ratio[])[] = []
  for (const framework of FRAMEWORKS) {
    columns.push(await measureFramework(framework, names, seconds / FRAMEWORKS.length))
  }
  const rows = names.map((name, row) => [
    isScheme(name) ? name : `refused: ${name}`,
    ...columns.map((ratios) => {
      const ratio = ratios[row]
      return ratio === undefined ? '-' : formatRatio(ratio)
    }),
  ])
  return formatTable([['guarded / open, CPU per request', ...FRAMEWORKS], ...rows])
}

/** The ratios of the cases on one framework, in their order. */
async function measureFramework(
  framework: FrameworkName,
  names: readonly CaseName[],
  seconds: number,
): Promise<readonly Ratio[]> {
  const server = fork(new URL('server.ts', import.meta.url), [framework, ...names])
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  try {
    // The first message of `server.ts` is its `Ready`.
    const { openPort, guardedPort, requests } = (await messageFrom(server)) as Ready
    const open: Load = {
      agent,
      port: openPort,
      path: OPEN_PATH,
      field: '',
      values: [],
      status: 200,
    }
    const loads = requests.map((each): Load => ({ agent, port: guardedPort, ...each }))
    for (const load of [open, ...loads]) await send(load, WARM_UP_MILLISECONDS)
    const quotients: number[][] = loads.map(() => [])
    const end = performance.now() + seconds * 1000
    const slice = Math.min(SLICE_MILLISECONDS, (seconds * 1000) / LEAST_ROUNDS / (loads.length + 1))
    for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
      const divisor = await cost(server, open, slice)
      for (const [index, load] of loads.entries()) {
        quotients[index]?.push((await cost(server, load, slice)) / divisor)
      }
    }
    return quotients.map(summary)
  } finally {
    agent.destroy()
    server.kill()
  }
}

/** Microseconds of processor time for each request. */
async function cost(server: ChildProcess, load: Load, milliseconds: number): Promise<number> {
  const before = await microsecondsUsed(server)
  const requests = await send(load, milliseconds)
  return ((await microsecondsUsed(server)) - before) / requests
}

async function microsecondsUsed(server: ChildProcess): Promise<number> {
  server.send('used')
  return Number(await messageFrom(server))
}

/** The next message of a server; rejects if it ends without one. */
async function messageFrom(server: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const abort = (): void => ended.abort()
  server.once('exit', abort)
  try {
    const [message] = await once(server, 'message', { signal: ended.signal })
    return message
  } catch {
    throw new Error('The server has ended; what it wrote before says why.')
  } finally {
    server.off('exit', abort)
  }
}

const CONNECTIONS = 32
const LEAST_ROUNDS = 5
const SLICE_MILLISECONDS = 150
const WARM_UP_MILLISECONDS = 150
