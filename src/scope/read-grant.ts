import { frozenSet } from '../shared/frozen.js'
import type { ClaimReading } from './claim.js'
import type { Grant } from './grant.js'
import type { Meanings } from './meanings.js'

/** Says what a claim means in one vocabulary: the union of what its tokens mean, computed once. */
export function readGrant(reading: ClaimReading, meanings: Meanings): Grant {
  const tokens: string[] = []
  const unknown: string[] = []
  const covered = new Set<string>()
  for (const token of reading.tokens) {
    const meaning = meanings.get(token)
    if (meaning === undefined) {
      unknown.push(token)
      continue
    }
    tokens.push(token)
    // What is covered is closed under implication: with the name, everything it implies is there already.
    if (!covered.has(token)) for (const name of meaning) covered.add(name)
  }
  return Object.freeze({
    tokens: Object.freeze(tokens),
    // One grant serves every request of a token that is remembered: what one handler wrote would let in the next.
    covered: frozenSet(covered),
    unknown: Object.freeze(unknown),
    malformed: Object.freeze([...reading.malformed]),
    problem: reading.problem,
  })
}
