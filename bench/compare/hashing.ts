import { scrypt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { hashPassword } from 'sallyport'
import type { PeerAlgorithm } from '../names.js'
import { type Contender, type Ratio, summary } from '../rounds.js'
import { formatTable, formatTime } from '../table.js'
import { others, ours } from './candidates.js'
import { judging } from './judging.js'
import type { Section, Target } from './section.js'
import { signTokens } from './tokens.js'

/** How long one verification takes while password hashes run on the thread pool, which WebCrypto shares with them. */
export async function measureBesideHashing(seconds: number): Promise<Section> {
  const contenders = new Map<string, Contender>()
  for (const algorithm of MEASURED) {
    const signed = await signTokens(algorithm)
    for (const candidate of [ours(signed).verify, ...others(signed, null)]) {
      if (COMPARED.includes(candidate.name)) {
        contenders.set(`${candidate.name}, ${algorithm}`, judging(candidate, signed.values, true))
      }
    }
  }
  const columns = new Map<Load, ReadonlyMap<string, Ratio>>()
  for (const load of LOADS) {
    columns.set(load, await latencies(contenders, load, seconds / LOADS.length))
  }
  const row = (name: string): readonly string[] =>
    LOADS.map((load) => {
      const figure = columns.get(load)?.get(name)
      return figure === undefined ? '-' : formatTime(figure)
    })
  const ratio = (name: string, load: Load, to: Load): Ratio | null => {
    const [busy, base] = [columns.get(load)?.get(name), columns.get(to)?.get(name)]
    if (busy === undefined || base === undefined) return null
    const of = (time: number): number => time / base.median
    return { median: of(busy.median), lower: of(busy.lower), upper: of(busy.upper) }
  }
  const target = (work: string, figure: Ratio | null, limit: number): readonly Target[] =>
    figure === null ? [] : [{ work, figure, wanted: 'at most', limit }]
  return {
    title: 'One verification at a time beside running scrypt jobs: median time, and quartiles',
    table: formatTable([
      ['', ...LOADS.map(({ name }) => name)],
      ...[...contenders.keys()].map((name) => [name, ...row(name)]),
    ]),
    targets: MEASURED.flatMap((algorithm) => [
      ...[FOUR, EIGHT].flatMap((load) =>
        target(
          `${algorithm} verification beside ${load.jobs} scrypt jobs: median / idle`,
          ratio(`sallyport verify, ${algorithm}`, load, IDLE),
          2,
        ),
      ),
      // What others do in the pool is what our hashing must leave a thread to.
      ...target(
        `${algorithm} verification by jose beside ${OURS.jobs} hashPassword: median / idle`,
        ratio(`jose, ${algorithm}`, OURS, IDLE),
        2,
      ),
    ]),
  }
}

/** Microseconds of single calls, the contenders in turns, while so many jobs run. */
async function latencies(
  contenders: ReadonlyMap<string, Contender>,
  { jobs, hash }: Load,
  seconds: number,
): Promise<ReadonlyMap<string, Ratio>> {
  const stopped = { yet: false }
  const running = Array.from({ length: jobs }, () => hashUntil(stopped, hash))
  const times = new Map<string, number[]>([...contenders.keys()].map((name) => [name, []]))
  const end = performance.now() + seconds * 1000
  for (let round = 0; round < LEAST_ROUNDS || performance.now() < end; round++) {
    for (const [name, contender] of contenders) {
      // As requests do: the call comes when the loop has been idle.
      await setTimeout(PAUSE_MILLISECONDS)
      const start = performance.now()
      await contender()
      times.get(name)?.push((performance.now() - start) * 1000)
    }
  }
  stopped.yet = true
  await Promise.all(running)
  return new Map([...times].map(([name, figures]) => [name, summary(figures)]))
}

/** One job after another: a server that many log in to. */
async function hashUntil(
  stopped: { readonly yet: boolean },
  hash: () => Promise<unknown>,
): Promise<void> {
  while (!stopped.yet) await hash()
}

/** So many jobs, each one hash after another. */
interface Load {
  readonly name: string
  readonly jobs: number
  hash(): Promise<unknown>
}

const PASSWORD = 'correct horse battery staple'

function bareScrypt(): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 }
    scrypt(PASSWORD, 'salt', 32, options, (error) => (error === null ? resolve() : reject(error)))
  })
}

const IDLE: Load = { name: 'idle', jobs: 0, hash: bareScrypt }
const FOUR: Load = { name: '4 jobs', jobs: 4, hash: bareScrypt }
const EIGHT: Load = { name: '8 jobs', jobs: 8, hash: bareScrypt }
/** The same hashes, made by us. */
const OURS: Load = {
  name: '8 hashPassword',
  jobs: 8,
  hash: () => hashPassword(PASSWORD, { algorithm: 'scrypt', ln: 15, r: 8, p: 3 }),
}
const LOADS: readonly Load[] = [IDLE, FOUR, EIGHT, OURS]

const MEASURED: readonly PeerAlgorithm[] = ['HS256', 'RS256', 'ES256']
const COMPARED = ['sallyport verify', 'jose']
const LEAST_ROUNDS = 9
const PAUSE_MILLISECONDS = 2
