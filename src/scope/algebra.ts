import { type DownscopeRequest, type Downscoping, downscope } from './downscope.js'
import type { Grant } from './grant.js'
import { type GrantSource, heldNames, isWithin } from './grant-source.js'
import type { ScopeLimits } from './limits.js'
import type { Meanings } from './meanings.js'
import { byCodeUnits, normalTokens } from './normal-form.js'

/**
 * What can be worked out about grants, as sets of the scopes they cover. Every question takes grants or what they are
 * read from, and none throws for any text; what is unknown, malformed or refused covers nothing.
 *
 * What may be granted is answered as a grant, in normal form; what is only a finding as a list of names by code units.
 * Text comes from `format` alone, and from where a protocol has a parameter for it.
 */
export interface ScopeAlgebra<Name extends string = string> {
  /**
   * The same scopes with as few tokens as a look at single ones allows: without unknown and malformed tokens, without
   * those that another covers whole, by code units, in the vocabulary's own dialect. A pattern stays a pattern, unless
   * only another dialect can write it.
   */
  normalize(granted: GrantSource): Grant
  /** The text of the normal form: the value of a `scope` claim or parameter. Reading it again gives the same scopes. */
  format(granted: GrantSource): string
  /** Every scope that is covered, by code units. Grants with the same list cover the same. */
  toAtoms(granted: GrantSource): readonly Name[]
  /** What both cover, as names. Reading its text again never gives more than either side had. */
  intersect(left: GrantSource, right: GrantSource): Grant
  /** What at least one covers, as names: a pattern becomes what it stands for today. */
  union(left: GrantSource, right: GrantSource): Grant
  /**
   * What the left covers and the right does not, by code units. For people to read: never grant it, because a scope in it
   * may imply another that is not.
   */
  difference(left: GrantSource, right: GrantSource): readonly Name[]
  /** Whether the right covers all that the left does. */
  subsetOf(left: GrantSource, right: GrantSource): boolean
  /** Whether both cover the same. */
  equivalent(left: GrantSource, right: GrantSource): boolean
  /**
   * What to give a client that asks for these scopes and has that grant: never more than either. What is held of nothing,
   * or too long to be read again, is refused; the answer is never an empty scope. Throws for nothing that a client sends.
   * @see RFC 6749 section 3.3, RFC 8693 section 2.1
   */
  downscope(request: DownscopeRequest): Downscoping<Name>
}

interface Parts {
  readonly meanings: Meanings
  readonly limits: ScopeLimits
  /** What is meant by a request for nothing in particular; it may be empty. */
  readonly defaults: ReadonlySet<string>
  readonly read: (granted: GrantSource) => Grant
  /** Reads whatever a request has under `scope`: an object there is malformed, and never taken for a grant. */
  readonly readClaim: (value: unknown) => Grant
  /** Makes a grant of tokens of the vocabulary, however many. */
  readonly grantOf: (tokens: Iterable<string>) => Grant
}

/** The algebra of one vocabulary. */
export function createAlgebra({
  meanings,
  limits,
  defaults,
  read,
  readClaim,
  grantOf,
}: Parts): ScopeAlgebra {
  const held = (granted: GrantSource): ReadonlySet<string> => heldNames(read(granted), meanings)
  const ofNames = (names: Iterable<string>): Grant => grantOf(normalTokens(names, meanings))
  const normalize = (granted: GrantSource): Grant => {
    const grant = read(granted)
    const names = heldNames(grant, meanings)
    // The names stand in for every token that is no name, and no pattern, as the vocabulary itself writes them.
    const patterns = grant.tokens.filter(
      (token) =>
        meanings.ownPattern(token) !== null && isWithin(meanings.get(token) ?? names, names),
    )
    return ofNames([...patterns, ...names])
  }
  const requestOf = (requested: DownscopeRequest['requested']): Grant | null => {
    const request = readClaim(requested ?? '')
    const isEmpty = request.tokens.length + request.unknown.length + request.malformed.length === 0
    if (!isEmpty || request.problem !== null) return request
    return defaults.size === 0 ? null : grantOf(defaults)
  }

  return {
    normalize,
    format: (granted) => normalize(granted).tokens.join(' '),
    toAtoms: (granted) => [...held(granted)].sort(byCodeUnits),
    intersect(left, right) {
      const others = held(right)
      return ofNames([...held(left)].filter((name) => others.has(name)))
    },
    union: (left, right) => ofNames([...held(left), ...held(right)]),
    difference(left, right) {
      const others = held(right)
      return [...held(left)].filter((name) => !others.has(name)).sort(byCodeUnits)
    },
    subsetOf: (left, right) => isWithin(held(left), held(right)),
    equivalent(left, right) {
      const [ones, others] = [held(left), held(right)]
      return ones.size === others.size && isWithin(ones, others)
    },
    downscope: ({ requested, granted, mode = 'narrow' }) =>
      downscope(requestOf(requested), read(granted), mode, meanings, limits),
  }
}
