/** Numbers that look random and come again with the seed. */
export interface Random {
  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number
  /** True this often, from 0 to 1. */
  chance(share: number): boolean
  /** One of these. */
  pick<Member>(members: readonly Member[]): Member
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32: 32 bits of state are plenty for choosing mutations.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    chance: (share) => next() < share,
    pick(members) {
      const member = members[below(members.length)]
      if (member === undefined) throw new Error('nothing to pick from')
      return member
    },
  }
}
