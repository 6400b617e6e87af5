import type { StorePart } from '../names.js'
import { type Contender, measure, microseconds, ratio, type Times } from '../rounds.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { PLACES } from './places.js'
import { type StoreContenders, storeContenders } from './rotations.js'

/** Measures the stores, one after the other, and says what a swap takes and what a rotation is to it. */
export async function measureStores(
  parts: readonly StorePart[],
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  const alone: (readonly string[])[] = [[...HEADINGS]]
  const together: (readonly string[])[] = [[...HEADINGS]]
  for (const part of parts) {
    const place = await PLACES[part]()
    if (place === null) continue
    try {
      const contenders = await storeContenders(place, IN_FLIGHT * 2)
      const all = Object.values(contenders)
      const share = seconds / parts.length / 2
      for (const [table, inFlight] of [
        [alone, 1],
        [together, IN_FLIGHT],
      ] as const) {
        table.push(rowOf(part, contenders, await measure(all, { seconds: share, inFlight })))
      }
    } finally {
      await place.close()
    }
  }
  say(`One at a time\n\n${formatTable(alone)}\n`)
  say(`${IN_FLIGHT} in flight\n\n${formatTable(together)}\n`)
}

/** Rates, so that 1 is as fast as the swap, and 0.5 half as fast. */
function rowOf(part: StorePart, contenders: StoreContenders, times: Times): readonly string[] {
  const { bare, swap, getAndSwap, trips, rotation, rotationES256 } = contenders
  const rate = (of: Contender, under: Contender): string => formatRatio(ratio(times, under, of))
  return [
    part,
    formatTime(microseconds(times, swap)),
    rate(swap, bare),
    rate(rotation, swap),
    rate(rotation, getAndSwap),
    rate(rotation, trips),
    rate(rotationES256, swap),
    rate(rotationES256, trips),
  ]
}

const IN_FLIGHT = 64

const HEADINGS = [
  'store',
  'swap',
  'swap / bare',
  'rotation / swap',
  '/ get + swap',
  '/ its trips',
  'ES256: / swap',
  '/ its trips',
] as const
