/**
 * How many combinations that makes, without making one. Infinity where a number cannot say it.
 *
 * @param counts of what is chosen from, each at least 1
 */
export function combinations(counts: Iterable<number>): number {
  let product = 1
  for (const count of counts) product *= count
  return product
}

/** Whether so many are more than are to be looked at. What is no number bounds nothing, so everything is too many for it. */
export function isBeyond(count: number, most: number): boolean {
  return !(count <= most) || !Number.isFinite(count)
}

/** Whether so many cases of so many facts each are too much to work out, and to keep. */
export function isTooMuch(cases: number, facts: number, mostCases: number): boolean {
  return isBeyond(cases * facts, mostCases * MOST_FACTS)
}

/** Of one case, on average, where all cases that are allowed are there: fewer of them may have more. */
const MOST_FACTS = 32
