import type { Atoms } from './atoms.js'

/**
 * Every token that means something, with all the scopes it covers. A token that is not in here means nothing, so
 * judging a token is one lookup: no token is ever cut into pieces or compared by its beginning.
 *
 * INVARIANT: each set is closed under implication, so a union of them is too.
 */
export type Meanings = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Compiles the meaning of each name and, with wildcards, of each of the finitely many patterns that match a name.
 *
 * `*` stands for one whole segment. Only names with segments are matched, and of those none that is explicit-only.
 *
 * @param reached for every name, itself and what it implies
 */
export function compileMeanings(
  atoms: Atoms,
  reached: Meanings,
  wildcards: 'off' | 'grants',
): Meanings {
  const meanings = new Map<string, ReadonlySet<string>>(reached)
  if (wildcards === 'off') return meanings
  const patterns = new Map<string, Set<string>>()
  for (const [name, [first, second]] of atoms.segments) {
    if (atoms.explicitOnly.has(name)) continue
    for (const pattern of [`${first}:*`, `*:${second}`, '*:*']) {
      const covered = patterns.get(pattern) ?? new Set()
      patterns.set(pattern, covered)
      for (const one of reached.get(name) ?? []) covered.add(one)
    }
  }
  // No name contains `*`, so a pattern never takes the place of one.
  for (const [pattern, covered] of patterns) meanings.set(pattern, covered)
  return meanings
}
