import { performance } from 'node:perf_hooks'
import { type Client, connectTo } from './load.js'
import { type CaseName, FRAMEWORKS, type FrameworkName, isScheme, OPEN_PATH } from './names.js'
import { type Ratio, summary } from './rounds.js'
import type { Ready } from './server.js'
import { type ServerProcess, startServer } from './server-process.js'
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
  const url = new URL('server.ts', import.meta.url)
  const server = await startServer<Ready>(url, [framework, ...names])
  const clients: Client[] = []
  try {
    const { openPort, guardedPort, requests } = server.ready
    const nothing = { path: OPEN_PATH, field: '', values: [], status: 200 }
    const open = await connectTo({ port: openPort, ...nothing })
    clients.push(open)
    for (const request of requests) {
      clients.push(await connectTo({ port: guardedPort, ...request }))
    }
    for (const client of clients) await client.send(WARM_UP_MILLISECONDS)
    const [, ...guarded] = clients
    const quotients: number[][] = guarded.map(() => [])
    const end = performance.now() + seconds * 1000
    const slice = Math.min(SLICE_MILLISECONDS, (seconds * 1000) / LEAST_ROUNDS / clients.length)
    for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
      const divisor = await cost(server, open, slice)
      for (const [index, client] of guarded.entries()) {
        quotients[index]?.push((await cost(server, client, slice)) / divisor)
      }
    }
    return quotients.map(summary)
  } finally {
    for (const client of clients) client.close()
    server.stop()
  }
}

/** Microseconds of processor time for each request. */
async function cost(
  server: ServerProcess<Ready>,
  client: Client,
  milliseconds: number,
): Promise<number> {
  const before = await server.microsecondsUsed()
  const requests = await client.send(milliseconds)
  return ((await server.microsecondsUsed()) - before) / requests
}

const LEAST_ROUNDS = 5
const SLICE_MILLISECONDS = 150
const WARM_UP_MILLISECONDS = 150
