import { askerOf } from '../../asker.js'
import type { Truth } from '../../condition/truth.js'
import { truthOf } from '../../condition/truth.js'
import { hasRole } from '../../decide.js'
import { combinations, isBeyond, isTooMuch } from './case-bounds.js'
import type { Factor, Outcome } from './factor.js'
import type { Fact } from './facts.js'

/**
 * Everything that roles can do: each combination of truths once, with the fewest roles that were found to bring it about.
 *
 * Whatever several roles come to, each of them adds its own part. So it is enough to add them one by one.
 *
 * @returns null if there are more than the most: as soon as that can be told, and then before most of them are written out
 */
export function roleFactor(
  facts: readonly Fact[],
  roles: readonly string[],
  most: number,
): Factor | null {
  const places = rolePlaces(facts)
  const alone = roles.map((role) => roleOutcome(facts, places, [role]))
  if (isBeyond(combinations(distinctive(alone).map(() => 2)), most)) return null
  const found = new Map<string, Outcome>()
  const add = (outcome: Outcome): void => {
    const key = outcome.truths.join()
    if (!found.has(key)) found.set(key, outcome)
  }
  add(roleOutcome(facts, places, []))
  for (const outcome of alone) add(outcome)
  if (isBeyond(found.size, most)) return null
  for (const one of alone) {
    for (const other of [...found.values()]) {
      const held = new Set([...(other.assumed.roles ?? []), ...(one.assumed.roles ?? [])])
      const truths = other.truths.map((truth, index) =>
        truth === 'true' ? truth : (one.truths[index] ?? truth),
      )
      add({ truths, assumed: { roles: [...held] } })
      if (isBeyond(found.size, most) || isTooMuch(found.size, places.length, most)) return null
    }
  }
  return { facts: places, outcomes: [...found.values()] }
}

/** Those that do something that no other role does: with and without each of them are two combinations. */
function distinctive(alone: readonly Outcome[]): readonly Outcome[] {
  const holders = new Map<number, number>()
  const held = ({ truths }: Outcome): readonly number[] =>
    [...truths.keys()].filter((place) => truths[place] === 'true')
  for (const outcome of alone) {
    for (const place of held(outcome)) holders.set(place, (holders.get(place) ?? 0) + 1)
  }
  return alone.filter((outcome) => held(outcome).some((place) => holders.get(place) === 1))
}

/** What just these roles do. */
export function fixedRoles(facts: readonly Fact[], roles: readonly string[]): Factor {
  const places = rolePlaces(facts)
  return { facts: places, outcomes: [roleOutcome(facts, places, roles)] }
}

function rolePlaces(facts: readonly Fact[]): readonly number[] {
  return [...facts.keys()].filter((place) => {
    const fact = facts[place]
    return fact?.kind === 'role' || (fact?.kind === 'atom' && fact.atom.kind === 'role')
  })
}

function roleOutcome(
  facts: readonly Fact[],
  places: readonly number[],
  roles: readonly string[],
): Outcome {
  const truths = places.map((place): Truth => {
    const fact = facts[place]
    if (fact === undefined || fact.kind === 'tenant') return 'failed'
    const { ready } = fact.side
    const held = askerOf(ready, { principal: { roles }, grant: 'undelegated' }).roles
    if (fact.kind === 'role') return truthOf(hasRole(ready.model, held, fact.action))
    return truthOf(fact.atom.kind === 'role' && held.has(fact.atom.name))
  })
  return { truths, assumed: { roles } }
}
