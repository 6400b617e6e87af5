import type { PeerAlgorithm } from '../names.js'
import { type Contender, measure, microseconds, ratio, type Times } from '../rounds.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { others, ours } from './candidates.js'
import { judging } from './judging.js'
import type { Peers } from './packages.js'
import type { Section, Target } from './section.js'
import { signTokens } from './tokens.js'

/** Verification without a cache, beside the peers, one at a time and with many in flight. */
export async function measureMiss(
  algorithms: readonly PeerAlgorithm[],
  peers: Peers | null,
  seconds: number,
): Promise<readonly Section[]> {
  const columns: Column[] = []
  for (const algorithm of algorithms) {
    const signed = await signTokens(algorithm)
    const { verify, decide } = ours(signed)
    const contenders = new Map<string, Contender>()
    for (const candidate of [verify, decide, ...others(signed, peers)]) {
      contenders.set(candidate.name, judging(candidate, signed.values, true))
    }
    columns.push({ algorithm, contenders })
  }
  const all = columns.flatMap(({ contenders }) => [...contenders.values()])
  const alone = await measure(all, { seconds: seconds / 2, inFlight: 1 })
  const together = await measure(all, { seconds: seconds / 2, inFlight: IN_FLIGHT })
  return [
    {
      title: 'Verification without a cache, one at a time: time of each / sallyport verify',
      table: tableOf(columns, alone),
      targets: columns.flatMap((column) => targetsAlone(column, alone)),
    },
    {
      title: `The same, ${IN_FLIGHT} in flight`,
      table: tableOf(columns, together),
      targets: columns.flatMap((column) => targetsTogether(column, together)),
    },
  ]
}

/** What is measured of one algorithm: contenders by name, ours first. */
interface Column {
  readonly algorithm: PeerAlgorithm
  readonly contenders: ReadonlyMap<string, Contender>
}

function tableOf(columns: readonly Column[], times: Times): string {
  const names = new Set(columns.flatMap(({ contenders }) => [...contenders.keys()]))
  const cell = ({ contenders }: Column, name: string): string => {
    const [contender, verify] = [contenders.get(name), contenders.get(VERIFY)]
    if (contender === undefined || verify === undefined) return '-'
    return contender === verify
      ? formatTime(microseconds(times, verify))
      : formatRatio(ratio(times, contender, verify))
  }
  return formatTable([
    ['', ...columns.map(({ algorithm }) => algorithm)],
    ...[...names].map((name) => [name, ...columns.map((column) => cell(column, name))]),
  ])
}

function targetsAlone(column: Column, times: Times): readonly Target[] {
  return [
    ...against(column, times, 'floor A (node:crypto)', 0.85, 'one at a time'),
    ...against(column, times, 'fast-jwt', 1, 'one at a time'),
  ]
}

function targetsTogether(column: Column, times: Times): readonly Target[] {
  const limit = column.algorithm === 'HS256' ? 4 : 1
  return against(column, times, 'jose', limit, `${IN_FLIGHT} in flight`)
}

/** How many times as fast as the other we are to be. */
function against(
  { algorithm, contenders }: Column,
  times: Times,
  other: string,
  limit: number,
  mode: string,
): readonly Target[] {
  const [verify, contender] = [contenders.get(VERIFY), contenders.get(other)]
  if (verify === undefined || contender === undefined) return []
  const work = `${algorithm} without a cache, ${mode}: speed / ${other}`
  return [{ work, figure: ratio(times, contender, verify), wanted: 'at least', limit }]
}

const VERIFY = 'sallyport verify'
const IN_FLIGHT = 64
