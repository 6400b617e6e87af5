/** A stream of numbers that a seed determines, so that a run can be repeated. Not for secrets. */
export interface Random {
  /** A whole number from 0 up to `end`, exclusive. */
  below(end: number): number
  /** Whether an event of one in `odds` happens. */
  oneIn(odds: number): boolean
  pick<Item>(items: readonly [Item, ...Item[]]): Item
}

/** The stream of one mutant of one run: any mutant can be made again without those before it. */
export function randomOf(seed: number, number: number): Random {
  let state = scrambled(scrambled(seed | 0) + number)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    return scrambled(state) >>> 0
  }
  const below = (end: number): number => Math.floor((next() / 2 ** 32) * end)
  return {
    below,
    oneIn: (odds) => below(odds) === 0,
    // The index is in range, and the list is not empty.
    pick: (items) => items[below(items.length)] ?? items[0],
  }
}

/** Spreads the bits of a 32-bit number (the finalizer of mulberry32). */
function scrambled(value: number): number {
  let bits = Math.imul(value ^ (value >>> 15), value | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return bits ^ (bits >>> 14)
}
