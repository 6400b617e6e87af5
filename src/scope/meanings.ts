import type { Atoms } from './atoms.js'
import { successorsFirst } from './closure.js'
import { DIALECTS } from './dialects.js'
import {
  addBit,
  addNames,
  type Bits,
  hasName,
  type NameSet,
  nameSetOf,
  noBits,
  numbersIn,
} from './name-set.js'
import { indexPatterns, type PatternIndex } from './pattern-index.js'
import { assertPatternsAgree, otherSpellings } from './spellings.js'

/**
 * What every token means in one vocabulary. No token is ever compared by its beginning: a name is looked up whole, and a
 * pattern segment by segment.
 */
export interface Meanings {
  /** The number of each name, in the order of the definition. Other spellings are not in here. */
  readonly numbers: ReadonlyMap<string, number>
  /**
   * The scopes that a token covers, in the order of the definition, or undefined if it means nothing.
   *
   * INVARIANT: closed under implication, so a union of such sets is too. Not handed out: it decides.
   */
  get(token: string): ReadonlySet<string> | undefined
  /** How many scopes a name covers, however it is spelt; undefined for a pattern. */
  width(token: string): number | undefined
  /** Whether a token may be a pattern. */
  readonly hasPatterns: boolean
  /**
   * The tokens that cover a scope, patterns aside: its name, the names that imply it, and their other spellings. Null if
   * they are more than a handful. None for a name that is not in the vocabulary.
   */
  givers(name: string): readonly string[] | null
  /** The number of the name that a token is or spells. */
  numberOf(token: string): number | undefined
  /** The name that a token is or spells. */
  nameOf(token: string): string | undefined
  /** The segments of a pattern that the vocabulary's own dialect writes and that matches something; otherwise null. */
  ownPattern(token: string): readonly string[] | null
  /** The names that a pattern matches, without what they imply, or null if it is none or matches none. */
  match(token: string): Bits | null
  /** No names yet. */
  none(): Bits
  /** Adds all that these names imply. */
  close(bits: Bits): void
  /** The names, in the order of the definition. */
  namesIn(bits: Bits): string[]
}

/**
 * Compiles what names, their other spellings and, with wildcards, patterns mean. Takes time and memory in proportion to
 * the segments of all names and to what they imply; patterns are not written out.
 *
 * @throws ConfigurationError `scope_invalid` for implications that go round in a circle, and for a text that would mean
 * two things in the dialects that are accepted
 */
export function compileMeanings(atoms: Atoms, wildcards: 'off' | 'grants'): Meanings {
  const names = [...atoms.names]
  const numbers = new Map(names.map((name, number) => [name, number]))
  const tokens = new Map(numbers)
  const spelled = new Map<string, string[]>()
  for (const [text, name] of otherSpellings(atoms)) {
    const number = numbers.get(name)
    if (number === undefined) continue
    tokens.set(text, number)
    spelled.set(name, [...(spelled.get(name) ?? []), text])
  }
  if (wildcards === 'grants') assertPatternsAgree(atoms)
  const indexes = wildcards === 'grants' ? indexesOf(atoms, numbers) : []

  const implied = closeOver(atoms, numbers)
  const implying = noBits(names.length)
  for (const number of implied.keys()) addBit(implying, number)

  const none = noBits(names.length)
  const giversOf = new Map<string, readonly string[] | null>()
  const sets: (ReadonlySet<string> | undefined)[] = []
  const patternSets = new Map<string, ReadonlySet<string>>()

  const match = (token: string): Bits | null => {
    if (!token.includes('*')) return null
    for (const { separator, index } of indexes) {
      // Where two of them match, they match the same.
      const matched = index.match(token.split(separator))
      if (matched !== null) return matched
    }
    return null
  }
  const close = (bits: Bits): void => {
    if (implied.size === 0) return
    const both = bits.map((word, index) => word & (implying[index] ?? 0))
    for (const number of numbersIn(both)) {
      const set = implied.get(number)
      if (set !== undefined) addNames(bits, set)
    }
  }
  const namesIn = (bits: Bits): string[] => numbersIn(bits).map((number) => names[number] ?? '')
  const closedSet = (bits: Bits): ReadonlySet<string> => {
    close(bits)
    return new Set(namesIn(bits))
  }

  const findGivers = (name: string): readonly string[] | null => {
    const number = numbers.get(name)
    if (number === undefined) return NOBODY
    const givers = [name]
    for (const [from, set] of implied) {
      const giver = names[from]
      if (giver !== undefined && hasName(set, number)) givers.push(giver)
      if (givers.length > MOST_GIVERS) return null
    }
    const all = givers.flatMap((giver) => [giver, ...(spelled.get(giver) ?? [])])
    return all.length > MOST_GIVERS ? null : all
  }

  return {
    numbers,
    hasPatterns: wildcards === 'grants',
    givers: (name) => {
      const known = giversOf.get(name)
      if (known !== undefined) return known
      const givers = findGivers(name)
      // Only of names: what callers ask for besides is without end.
      if (givers !== NOBODY) giversOf.set(name, givers)
      return givers
    },
    numberOf: (token) => tokens.get(token),
    nameOf(token) {
      const number = tokens.get(token)
      return number === undefined ? undefined : names[number]
    },
    ownPattern(token) {
      const own = token.includes('*') ? indexes[0] : undefined
      const segments = own === undefined ? [] : token.split(own.separator)
      return own?.index.match(segments) ? segments : null
    },
    match,
    none: () => none.slice(),
    close,
    namesIn,
    width: (token) => {
      const number = tokens.get(token)
      if (number === undefined) return undefined
      return 1 + (implied.get(number)?.size ?? 0)
    },
    get: (token) => {
      const number = tokens.get(token)
      if (number === undefined) {
        const known = patternSets.get(token)
        if (known !== undefined) return known
        const matched = match(token)
        if (matched === null) return undefined
        const made = closedSet(matched)
        if (patternSets.size < MOST_PATTERN_SETS) patternSets.set(token, made)
        return made
      }
      const set = sets[number]
      if (set !== undefined) return set
      const bits = none.slice()
      addBit(bits, number)
      const made = closedSet(bits)
      sets[number] = made
      return made
    },
  }
}

interface DialectIndex {
  readonly separator: string
  readonly index: PatternIndex
}

/** The vocabulary's own dialect first. A name that is explicit-only is in none of them. */
function indexesOf(atoms: Atoms, numbers: ReadonlyMap<string, number>): DialectIndex[] {
  return [...atoms.spelled].map(([dialect, written]) => {
    const segmentsOf = new Map<number, readonly string[]>()
    for (const [name, segments] of written) {
      const number = numbers.get(name)
      if (number !== undefined && !atoms.explicitOnly.has(name)) segmentsOf.set(number, segments)
    }
    const { separator, hasTails } = DIALECTS[dialect]
    return { separator, index: indexPatterns(segmentsOf, numbers.size, hasTails) }
  })
}

/** For every name that implies another, all that can be reached from it. */
function closeOver(
  { implied }: Atoms,
  numbers: ReadonlyMap<string, number>,
): ReadonlyMap<number, NameSet> {
  const closed = new Map<number, NameSet>()
  for (const name of successorsFirst('defineScopes: implies', implied)) {
    const successors = implied.get(name)
    const from = numbers.get(name)
    if (from === undefined || successors === undefined || successors.size === 0) continue
    const bits = noBits(numbers.size)
    for (const successor of successors) {
      const to = numbers.get(successor) ?? from
      addBit(bits, to)
      const further = closed.get(to)
      if (further !== undefined) addNames(bits, further)
    }
    closed.set(from, nameSetOf(bits))
  }
  return closed
}

const NOBODY: readonly string[] = []
const MOST_GIVERS = 4
const MOST_PATTERN_SETS = 64
