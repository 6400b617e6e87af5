import { isWithin } from './grant-source.js'
import type { Meanings } from './meanings.js'

/**
 * The tokens without those that another single one of them covers whole, by code units. Of tokens that mean the same,
 * the first stays: `*` sorts before every letter, so a pattern is not lost to a name that happens to mean as much today.
 *
 * Which tokens stay depends neither on their order nor on how often they are there. Tokens without a meaning go.
 */
export function normalTokens(tokens: Iterable<string>, meanings: Meanings): string[] {
  const candidates = [...new Set(tokens)]
    .map((token) => ({ token, meaning: meanings.get(token) ?? NOTHING }))
    .filter(({ meaning }) => meaning.size > 0)
    .sort(
      (left, right) =>
        right.meaning.size - left.meaning.size || byCodeUnits(left.token, right.token),
    )
  const kept: typeof candidates = []
  const covered = new Set<string>()
  for (const candidate of candidates) {
    const { token, meaning } = candidate
    // A name lies within a token exactly if the token covers it, so one lookup stands for a look at every token kept.
    const isSpare = meaning.has(token)
      ? covered.has(token)
      : kept.some((wider) => isWithin(meaning, wider.meaning))
    if (isSpare) continue
    kept.push(candidate)
    for (const name of meaning) covered.add(name)
  }
  return kept.map(({ token }) => token).sort(byCodeUnits)
}

/** Order by code units: the same everywhere, whatever the locale. */
export function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

const NOTHING: ReadonlySet<string> = new Set()
