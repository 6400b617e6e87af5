import { scrypt } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
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
  const columns = new Map<number, ReadonlyMap<string, Ratio>>()
  for (const jobs of JOBS) {
    columns.set(jobs, await latencies(contenders, jobs, seconds / JOBS.length))
  }
  const idle = columns.get(0)
  const row = (name: string): readonly string[] =>
    JOBS.map((jobs) => {
      const figure = columns.get(jobs)?.get(name)
      return figure === undefined ? '-' : formatTime(figure)
    })
  return {
    title: 'One verification at a time beside running scrypt jobs: median time, and quartiles',
    table: formatTable([
      ['', ...JOBS.map((jobs) => `${jobs} jobs`)],
      ...[...contenders.keys()].map((name) => [name, ...row(name)]),
    ]),
    targets: MEASURED.flatMap((algorithm) =>
      JOBS.slice(1).flatMap((jobs) => {
        const name = `sallyport verify, ${algorithm}`
        return targetOf(algorithm, jobs, columns.get(jobs)?.get(name), idle?.get(name))
      }),
    ),
  }
}

function targetOf(
  algorithm: PeerAlgorithm,
  jobs: number,
  busy: Ratio | undefined,
  idle: Ratio | undefined,
): readonly Target[] {
  if (busy === undefined || idle === undefined) return []
  const of = (time: number): number => time / idle.median
  const figure = { median: of(busy.median), lower: of(busy.lower), upper: of(busy.upper) }
  const work = `${algorithm} verification beside ${jobs} scrypt jobs: median / idle`
  return [{ work, figure, wanted: 'at most', limit: 2 }]
}

/** Microseconds of single calls, the contenders in turns, while so many jobs run. */
async function latencies(
  contenders: ReadonlyMap<string, Contender>,
  jobs: number,
  seconds: number,
): Promise<ReadonlyMap<string, Ratio>> {
  const stopped = { yet: false }
  const running = Array.from({ length: jobs }, () => hashUntil(stopped))
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
async function hashUntil(stopped: { readonly yet: boolean }): Promise<void> {
  while (!stopped.yet) {
    await new Promise<void>((resolve, reject) => {
      const options = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 }
      scrypt('correct horse battery staple', 'salt', 32, options, (error) =>
        error === null ? resolve() : reject(error),
      )
    })
  }
}

const MEASURED: readonly PeerAlgorithm[] = ['HS256', 'RS256', 'ES256']
const COMPARED = ['sallyport verify', 'jose']
const JOBS = [0, 4, 8]
const LEAST_ROUNDS = 9
const PAUSE_MILLISECONDS = 2
