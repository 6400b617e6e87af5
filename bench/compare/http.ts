import { performance } from 'node:perf_hooks'
import { type Client, connectTo, type Load } from '../load.js'
import type { FrameworkName } from '../names.js'
import { type Ratio, summary } from '../rounds.js'
import { type ServerProcess, startServer } from '../server-process.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { NAMES, PATH } from './routes.js'
import type { Section, Target } from './section.js'
import type { Ready } from './server.js'

/** A guarded route on this framework beside a bare one, one with a middleware that does nothing, and the peers'. */
export async function measureHttp(framework: FrameworkName, seconds: number): Promise<Section> {
  const server = await startServer<Ready>(new URL('server.ts', import.meta.url), [framework])
  const clients = new Map<string, Client>()
  try {
    for (const { name, port, values, guarded } of server.ready) {
      const load = { port, path: PATH, field: 'Authorization', values, status: 200 }
      if (guarded) await assertRefusing(load)
      clients.set(name, await connectTo(load))
    }
    const slices = await inTurns(server, clients, seconds)
    const names = [...clients.keys()].filter((name) => name !== NAMES.bare)
    return {
      title: `${framework}: requests/s as a share, and processor time that is added to a request`,
      table: formatTable([
        ['', 'requests/s, of bare', 'of no-op', 'added to bare', 'to no-op'],
        ...names.map((name) => [name, ...cellsOf(slices, name)]),
      ]),
      targets: targetsOf(framework, slices),
    }
  } finally {
    for (const client of clients.values()) client.close()
    server.stop()
  }
}

/** A guard that lets everything through would be the fastest of all. */
async function assertRefusing(load: Load): Promise<void> {
  const values = load.values.map((value) => `${value.slice(0, -8)}AAAAAAAA`)
  const client = await connectTo({ ...load, values, status: 401 })
  await client.send(1).finally(() => client.close())
}

/** What one contender did in one round. */
interface Slice {
  readonly perSecond: number
  /** Microseconds of processor time for each request, with all threads of the server. */
  readonly cost: number
}

type Slices = ReadonlyMap<string, readonly Slice[]>

async function inTurns(
  server: ServerProcess<Ready>,
  clients: ReadonlyMap<string, Client>,
  seconds: number,
): Promise<Slices> {
  const slices = new Map<string, Slice[]>([...clients.keys()].map((name) => [name, []]))
  const perRound = (seconds * 1000) / LEAST_ROUNDS / clients.size
  const milliseconds = Math.min(SLICE_MILLISECONDS, perRound)
  for (const client of clients.values()) await client.send(WARM_UP_MILLISECONDS)
  const end = performance.now() + seconds * 1000
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
    for (const [name, client] of clients) {
      const used = await server.microsecondsUsed()
      const start = performance.now()
      const requests = await client.send(milliseconds)
      const perSecond = (requests * 1000) / (performance.now() - start)
      const cost = ((await server.microsecondsUsed()) - used) / requests
      slices.get(name)?.push({ perSecond, cost })
    }
  }
  return slices
}

function cellsOf(slices: Slices, name: string): readonly string[] {
  const others = [NAMES.bare, NAMES.noop]
  return [
    ...others.map((other) => formatRatio(speed(slices, name, other))),
    ...others.map((other) => formatTime(added(slices, name, other))),
  ]
}

/** Requests per second, as a share of the other's in the same round. */
function speed(slices: Slices, name: string, other: string): Ratio {
  return compared(slices, [name, other], (one, two) => one.perSecond / two.perSecond)
}

/** Microseconds of processor time for a request that are more than the other's in the same round. */
function added(slices: Slices, name: string, other: string): Ratio {
  return compared(slices, [name, other], (one, two) => one.cost - two.cost)
}

/** How many times what one adds to the bare route the other adds. */
function addedShare(slices: Slices, name: string, other: string): Ratio {
  return compared(
    slices,
    [name, other],
    (one, two, bare) => (one.cost - bare.cost) / (two.cost - bare.cost),
  )
}

function compared(
  slices: Slices,
  [name, other]: readonly [string, string],
  compare: (one: Slice, two: Slice, bare: Slice) => number,
): Ratio {
  const [ones = [], twos = [], bares = []] = [name, other, NAMES.bare].map((n) => slices.get(n))
  return summary(
    ones.flatMap((one, round) => {
      const [two, bare] = [twos[round], bares[round]]
      return two === undefined || bare === undefined ? [] : [compare(one, two, bare)]
    }),
  )
}

function targetsOf(framework: FrameworkName, slices: Slices): readonly Target[] {
  const cached = `${NAMES.cached}, ${ALGORITHM}`
  const uncached = `${NAMES.uncached}, ${ALGORITHM}`
  const peers = [...slices.keys()].filter(
    (name) => name.endsWith(ALGORITHM) && !name.includes('cached') && !name.startsWith(NAMES.jose),
  )
  return [
    {
      work: `${framework}, cached ${ALGORITHM}: requests/s / no-op`,
      figure: speed(slices, cached, NAMES.noop),
      wanted: 'at least',
      limit: 0.88,
    },
    {
      work: `${framework}, cached ${ALGORITHM}: processor time over no-op`,
      figure: added(slices, cached, NAMES.noop),
      wanted: 'at most',
      limit: 10,
      unit: 'us',
    },
    {
      work: `${framework}, uncached ${ALGORITHM}: added time / own jose adapter`,
      figure: addedShare(slices, uncached, `${NAMES.jose}, ${ALGORITHM}`),
      wanted: 'at most',
      limit: 1.05,
    },
    ...peers.map(
      (peer): Target => ({
        work: `${framework}, uncached: added time / ${peer}`,
        figure: addedShare(slices, uncached, peer),
        wanted: 'at most',
        limit: 1,
      }),
    ),
  ]
}

const ALGORITHM = 'RS256'
const LEAST_ROUNDS = 5
const SLICE_MILLISECONDS = 150
const WARM_UP_MILLISECONDS = 400
