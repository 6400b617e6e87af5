import { type Alternative, leastAddition } from './alternatives.js'
import type { Meanings } from './meanings.js'
import { byCodeUnits } from './normal-form.js'

/**
 * The scopes that meet all requirements with none to spare, by code units: taking any of them away leaves one unmet.
 *
 * Of an `anyOf` it takes the alternative that adds the least to what the others need anyway, then the first by code
 * units. The smallest set of all would take exponential time to find, so with several `anyOf` that overlap this may be
 * a larger one; it is never one that could be made smaller by leaving something out.
 *
 * @param requirements for each requirement its alternatives. Their order does not matter
 */
export function leastNames(
  requirements: readonly (readonly Alternative[])[],
  meanings: Meanings,
): readonly string[] {
  const chosen = new Set<string>()
  const held = new Set<string>()
  for (const alternatives of inFixedOrder(requirements)) {
    const { names, meaning } = leastAddition(alternatives, held)
    for (const name of names) chosen.add(name)
    for (const name of meaning) held.add(name)
  }
  return withoutSpare([...chosen].sort(byCodeUnits), requirements, meanings)
}

/** Every scope that is of use for one of the requirements, whichever alternative is taken, with what it implies. */
export function usefulNames(
  requirements: readonly (readonly Alternative[])[],
): ReadonlySet<string> {
  const useful = new Set<string>()
  for (const { meaning } of requirements.flat()) for (const name of meaning) useful.add(name)
  return useful
}

/** First those that leave no choice: what they need may be all that the others need. */
function inFixedOrder(
  requirements: readonly (readonly Alternative[])[],
): (readonly Alternative[])[] {
  return requirements
    .map((alternatives) => ({ alternatives, key: keyOf(alternatives) }))
    .sort(
      (left, right) =>
        Math.min(left.alternatives.length, 2) - Math.min(right.alternatives.length, 2) ||
        byCodeUnits(left.key, right.key),
    )
    .map(({ alternatives }) => alternatives)
}

/** No scope contains a space or a line feed. */
function keyOf(alternatives: readonly Alternative[]): string {
  return alternatives.map(({ names }) => [...names].sort(byCodeUnits).join(' ')).join('\n')
}

/**
 * Leaves out, the widest first, every name without which the rest is still enough. One round will do: what is needed
 * beside many others is needed beside fewer.
 */
function withoutSpare(
  names: readonly string[],
  requirements: readonly (readonly Alternative[])[],
  meanings: Meanings,
): readonly string[] {
  const coveredBy = new Map<string, number>()
  const count = (name: string, by: 1 | -1): void => {
    for (const one of meanings.get(name) ?? []) coveredBy.set(one, (coveredBy.get(one) ?? 0) + by)
  }
  for (const name of names) count(name, 1)
  const isCovered = (name: string): boolean => (coveredBy.get(name) ?? 0) > 0
  const isEnough = (): boolean =>
    requirements.every((one) => one.some((alternative) => alternative.names.every(isCovered)))

  const width = (name: string): number => meanings.get(name)?.size ?? 0
  const widestFirst = [...names].sort(
    (left, right) => width(right) - width(left) || byCodeUnits(right, left),
  )
  const spare = new Set<string>()
  for (const name of widestFirst) {
    count(name, -1)
    if (isEnough()) spare.add(name)
    else count(name, 1)
  }
  return names.filter((name) => !spare.has(name))
}
