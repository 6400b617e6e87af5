import {
  addBit,
  addNames,
  type Bits,
  bitsInBoth,
  type NameSet,
  nameSetOf,
  noBits,
} from './name-set.js'

/** The names of one dialect, so laid out that a pattern's meaning takes few steps to find. */
export interface PatternIndex {
  /**
   * The names that a pattern matches, or null if there is none.
   *
   * `*` stands for one whole segment; `**`, where the dialect has it, for one or more at the end; any other text for
   * itself. Takes at most one step for each segment and thirty-two names, whatever the pattern.
   *
   * @param pattern its segments, at least one
   */
  match(pattern: readonly string[]): Bits | null
}

/**
 * Lays the names out by what stands at which place. That is linear in their segments; the patterns of a name double
 * with each of them and are never written out.
 *
 * @param names the segments of each name that a pattern may match, by its number
 * @param size how many names the vocabulary has
 */
export function indexPatterns(
  names: ReadonlyMap<number, readonly string[]>,
  size: number,
  hasTails: boolean,
): PatternIndex {
  const byLength: number[][] = []
  const byPlace: Map<string, number[]>[] = []
  for (const [number, segments] of names) {
    listAt(byLength, segments.length).push(number)
    segments.forEach((segment, place) => {
      byPlace[place] ??= new Map()
      const numbers = byPlace[place].get(segment) ?? []
      byPlace[place].set(segment, numbers)
      numbers.push(number)
    })
  }
  const setOf = (numbers: readonly number[]): NameSet => {
    const bits = noBits(size)
    for (const number of numbers) addBit(bits, number)
    return nameSetOf(bits)
  }
  const ofLength = Array.from(byLength, (numbers) => setOf(numbers ?? []))
  // INVARIANT: at each index the names of that many segments or more.
  const ofLengthAtLeast = Array.from(byLength, (_, least) => setOf(byLength.slice(least).flat()))
  const withSegment = byPlace.map(
    (places) => new Map([...places].map(([segment, numbers]) => [segment, setOf(numbers)])),
  )

  return {
    match(pattern) {
      const isOpen = hasTails && pattern.at(-1) === '**'
      const candidates = isOpen ? ofLengthAtLeast[pattern.length] : ofLength[pattern.length]
      if (candidates === undefined) return null
      let matched = noBits(size)
      addNames(matched, candidates)
      const fixed = isOpen ? pattern.length - 1 : pattern.length
      for (let place = 0; place < fixed; place++) {
        const segment = pattern[place] ?? ''
        if (segment === '*') continue
        const those = withSegment[place]?.get(segment)
        if (those === undefined) return null
        matched = bitsInBoth(matched, those)
      }
      return matched.some((word) => word !== 0) ? matched : null
    },
  }
}

function listAt(lists: number[][], index: number): number[] {
  const list = lists[index] ?? []
  lists[index] = list
  return list
}
