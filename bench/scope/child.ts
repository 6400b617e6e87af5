/**
 * The process that `run.ts` starts for one contender and one size: `child.ts <part> <contender> <size> <seconds>`. On
 * Node 20, all contenders in one process bring V8's deoptimizer down; besides, what one leaves on the heap slows the next.
 */
import type { Outcome } from './claims.js'
import { DECIDING, type Deciding } from './deciding.js'
import { HOLDING_BARE, type Holding } from './holding.js'
import { HOLDING_PEERS } from './holding-peers.js'
import { READING, type Reading } from './reading.js'
import { type Comparison, compare } from './work.js'

/** What one process has measured: the contender against the unit of its part, where the scope is held and where not. */
export type Measured = Readonly<Record<Outcome, Comparison>>

/** The contenders of each part, in the order of the tables, and which of them is the unit. */
const PARTS: Readonly<
  Record<string, { readonly unit: Holding; readonly contenders: Contenders } | undefined>
> = {
  warm: { unit: HOLDING_BARE['Set.has'], contenders: { ...HOLDING_BARE, ...HOLDING_PEERS } },
  policy: { unit: DECIDING['sallyport decide'], contenders: DECIDING },
  cold: { unit: READING["new Set(split(' '))"], contenders: READING },
}

type Contenders = Readonly<Record<string, Holding | Reading | Deciding>>

const [part = '', name = '', size, seconds] = process.argv.slice(2)
const contenders = PARTS[part]
const contender = contenders?.contenders[name]
if (contenders !== undefined && contender !== undefined) {
  const measured = async (outcome: Outcome): Promise<Comparison> =>
    compare(
      await contender(Number(size), outcome),
      await contenders.unit(Number(size), outcome),
      Number(seconds) / 2,
    )
  const figures: Measured = { hit: await measured('hit'), miss: await measured('miss') }
  process.send?.(figures)
}
