import { fork } from 'node:child_process'
import { once } from 'node:events'
import { arePeersInstalled, installPeers } from '../compare/packages.js'
import type { Section, Target } from '../compare/section.js'
import { formatTargets } from '../compare/targets.js'
import type { ScopePart } from '../names.js'
import type { Ratio } from '../rounds.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import type { Measured } from './child.js'
import { type Outcome, SIZES } from './claims.js'
import { DECIDING } from './deciding.js'
import { HOLDING_BARE } from './holding.js'
import { HOLDING_PEERS } from './holding-peers.js'
import { READING } from './reading.js'

/** Measures the scope check beside the peers, each in a process of its own, and says what came out of each part. */
export async function measureScopes(
  parts: readonly ScopePart[],
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  if (!arePeersInstalled()) {
    say('Installing the peers (50 MB, once) ...\n')
    installPeers()
  }
  const targets: Target[] = []
  for (const part of parts) {
    const section = await SECTIONS[part](seconds / parts.length)
    targets.push(...section.targets)
    say(`${section.title}\n\n${section.table}\n`)
  }
  say(formatTargets(targets))
}

const SECTIONS: Readonly<Record<ScopePart, (seconds: number) => Promise<Section>>> = {
  warm: async (seconds) => {
    const names = [...Object.keys(HOLDING_BARE), ...Object.keys(HOLDING_PEERS)]
    const figures = await measureAll('warm', names, seconds)
    const targets = SIZES.flatMap((size) =>
      OURS.flatMap((name): Target[] => {
        const held = (contender: string): Ratio => ratioOf(figures, contender, size, 'hit')
        const fastest = Object.keys(HOLDING_PEERS)
          .map((peer) => ({ peer, median: held(peer).median }))
          .reduce((least, other) => (other.median < least.median ? other : least))
        return [
          {
            work: `${name}, ${size} held: can / Set.has`,
            figure: held(name),
            wanted: 'at most',
            limit: 2,
          },
          {
            work: `${name}, ${size} held: can / ${fastest.peer}, the fastest peer`,
            figure: dividedBy(held(name), fastest.median),
            wanted: 'at most',
            limit: 1,
          },
        ]
      }),
    )
    return {
      title: `Is users:write held? Everything is ready: times a Set.has`,
      table: tableOf(names, figures),
      targets,
    }
  },
  cold: async (seconds) => {
    const names = Object.keys(READING)
    const figures = await measureAll('cold', names, seconds)
    const targets = SIZES.flatMap((size) =>
      OURS.map(
        (name): Target => ({
          work: `${name}, ${size} held: a new claim and one can / new Set(split(' '))`,
          figure: ratioOf(figures, name, size, 'hit'),
          wanted: 'at most',
          limit: 1.5,
        }),
      ),
    )
    return {
      title: "The same of a claim that has just come: times new Set(claim.split(' ')).has",
      table: tableOf(names, figures),
      targets,
    }
  },
  policy: async (seconds) => {
    const names = Object.keys(DECIDING)
    const figures = await measureAll('policy', names, seconds, [RULES])
    const time = (name: string, outcome: Outcome): Ratio =>
      dividedBy(measuredOf(figures, name, RULES)[outcome].nanoseconds, 1000)
    const row = (name: string): readonly string[] =>
      (['hit', 'miss'] as const).flatMap((outcome) => [
        formatTime(time(name, outcome)),
        formatRatio(ratioOf(figures, name, RULES, outcome)),
      ])
    return {
      title: 'May the post be written, by ten rules about it?',
      table: formatTable([
        ['', 'permitted', 'times ours', 'refused', 'times ours'],
        ...names.map((name) => [name, ...row(name)]),
      ]),
      targets: OUR_DECISIONS.map((name) => ({
        work: `${name}, ten rules, no loader`,
        figure: time(name, 'hit'),
        wanted: 'at most',
        limit: 1,
        unit: 'us',
      })),
    }
  },
}

/** By contender and size. */
type Figures = ReadonlyMap<string, Measured>

async function measureAll(
  part: ScopePart,
  names: readonly string[],
  seconds: number,
  sizes: readonly number[] = SIZES,
): Promise<Figures> {
  const figures = new Map<string, Measured>()
  const share = seconds / names.length / sizes.length
  for (const size of sizes) {
    for (const name of names) figures.set(keyOf(name, size), await ask(part, name, size, share))
  }
  return figures
}

async function ask(
  part: ScopePart,
  name: string,
  size: number,
  seconds: number,
): Promise<Measured> {
  const child = fork(new URL('./child.ts', import.meta.url), [
    part,
    name,
    String(size),
    String(seconds),
  ])
  const ended = once(child, 'exit')
  const answer = await Promise.race([once(child, 'message'), ended.then(() => null)])
  if (answer === null) throw new Error(`${name} has ended; what it wrote before says why.`)
  child.disconnect()
  await ended
  // The one message that `child.ts` sends.
  return answer[0] as Measured
}

function tableOf(names: readonly string[], figures: Figures): string {
  const headings = SIZES.flatMap((size) => [`hit, ${size}`, `miss, ${size}`])
  const cells = (name: string): readonly string[] =>
    SIZES.flatMap((size) => [
      formatRatio(ratioOf(figures, name, size, 'hit')),
      formatRatio(ratioOf(figures, name, size, 'miss')),
    ])
  return formatTable([['', ...headings], ...names.map((name) => [name, ...cells(name)])])
}

function ratioOf(figures: Figures, name: string, size: number, outcome: Outcome): Ratio {
  return measuredOf(figures, name, size)[outcome].ratio
}

function measuredOf(figures: Figures, name: string, size: number): Measured {
  const measured = figures.get(keyOf(name, size))
  if (measured === undefined) throw new Error(`${name} was not measured at ${size}.`)
  return measured
}

function dividedBy({ median, lower, upper }: Ratio, by: number): Ratio {
  return { median: median / by, lower: lower / by, upper: upper / by }
}

function keyOf(name: string, size: number): string {
  return `${name} ${size}`
}

const OUR_DECISIONS = ['sallyport decide', 'sallyport decide, with roles and tenants']
const RULES = 10
const OURS = ['sallyport', 'sallyport, wildcards and implications']
