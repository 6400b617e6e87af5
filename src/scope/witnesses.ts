import type { Atoms } from './atoms.js'
import type { EdgeCause, ExplanationEdge, ExplanationStep } from './explanation.js'
import type { Meanings } from './meanings.js'
import { byCodeUnits } from './normal-form.js'

/** Finds out how scopes are held. */
export interface Witnesses {
  /**
   * For each of these scopes that one of the tokens covers, the token with the shortest path to it: its own name before
   * another spelling, that before a pattern, then the first by code units. Does not depend on the order of the tokens.
   */
  stepsFor(names: readonly string[], tokens: readonly string[]): ExplanationStep[]
}

/** @param superuser the vocabulary's, or null */
export function createWitnesses(
  atoms: Atoms,
  meanings: Meanings,
  superuser: string | null,
): Witnesses {
  // Turned round when somebody first asks: most processes never explain anything.
  let impliers: ReadonlyMap<string, readonly string[]> | null = null
  return {
    stepsFor(names, tokens) {
      impliers ??= turnedRound(atoms.implied)
      const starts = startsOf(tokens, atoms, meanings)
      const steps: ExplanationStep[] = []
      for (const atom of names) {
        const step = stepFor(atom, starts, impliers, superuser)
        if (step !== null) steps.push(step)
      }
      return steps
    },
  }
}

/** Where a token leads at once: itself, or whatever matches it. */
interface Start {
  readonly token: string
  readonly cause: EdgeCause
  readonly names: readonly string[]
}

function startsOf(tokens: readonly string[], atoms: Atoms, meanings: Meanings): Start[] {
  const starts = tokens.map((token): Start => {
    if (atoms.names.has(token)) return { token, cause: 'own_name', names: [token] }
    const name = meanings.nameOf(token)
    if (name !== undefined) return { token, cause: 'second_spelling', names: [name] }
    const matched = meanings.match(token)
    const names = matched === null ? [] : meanings.namesIn(matched)
    return { token, cause: 'wildcard', names: names.sort(byCodeUnits) }
  })
  return starts.sort(
    (left, right) => RANK[left.cause] - RANK[right.cause] || byCodeUnits(left.token, right.token),
  )
}

function stepFor(
  atom: string,
  starts: readonly Start[],
  impliers: ReadonlyMap<string, readonly string[]>,
  superuser: string | null,
): ExplanationStep | null {
  const ahead = waysTo(atom, impliers)
  let best: { readonly start: Start; readonly name: string; readonly length: number } | null = null
  for (const start of starts) {
    for (const name of start.names) {
      const length = ahead.get(name)?.length
      if (length !== undefined && (best === null || length < best.length)) {
        best = { start, name, length }
      }
    }
  }
  if (best === null) return null
  const { start, name } = best
  const path: ExplanationEdge[] = [{ cause: start.cause, from: start.token, to: name }]
  for (let from = name; from !== atom; ) {
    const to = ahead.get(from)?.next ?? atom
    path.push({ cause: from === superuser ? 'superuser' : 'implication', from, to })
    from = to
  }
  return { atom, witness: start.token, path }
}

interface Way {
  /** How many implications away. */
  readonly length: number
  readonly next: string
}

/** For every scope that leads to this one, the first step of the shortest way. */
function waysTo(
  atom: string,
  impliers: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>([[atom, { length: 0, next: atom }]])
  // A Map goes on with what is added while it is gone through, in that order: the nearest first.
  for (const [next, { length }] of ways) {
    for (const from of impliers.get(next) ?? []) {
      if (!ways.has(from)) ways.set(from, { length: length + 1, next })
    }
  }
  return ways
}

function turnedRound(implied: Atoms['implied']): ReadonlyMap<string, readonly string[]> {
  const impliers = new Map<string, string[]>()
  for (const [from, targets] of implied) {
    for (const to of targets) {
      const known = impliers.get(to)
      if (known === undefined) impliers.set(to, [from])
      else known.push(from)
    }
  }
  for (const list of impliers.values()) list.sort(byCodeUnits)
  return impliers
}

const RANK: Readonly<Record<EdgeCause, number>> = {
  own_name: 0,
  second_spelling: 1,
  wildcard: 2,
  implication: 3,
  superuser: 3,
}
