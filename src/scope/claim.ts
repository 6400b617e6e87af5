import { ownMember } from '../shared/own-members.js'
import type { GrantProblem } from './grant.js'
import type { ScopeLimits } from './limits.js'

/** What a claim says, before any vocabulary, within the limits. */
export interface ClaimReading {
  /** Text as it came, or a list of pieces, frozen. Some may be empty, and some repeated. */
  readonly source: string | readonly string[]
  /** With a problem the source is empty. */
  readonly problem: GrantProblem | null
}

/** The pieces of a source in their order, repeated ones too. None is empty. */
export function piecesOf(source: ClaimReading['source']): readonly string[] {
  return (typeof source === 'string' ? source.split(' ') : source).filter((piece) => piece !== '')
}

/**
 * Reads the claims of these names, own members only. Absent is empty, which is not the same as unrestricted.
 *
 * `scope` is a string. Any other claim may be a list as well. If `scope` and `scp` are both read and there, they must say
 * the same; what further claims say is added. Never throws.
 *
 * @see RFC 8693 section 4.2, RFC 9068 section 2.2.3
 */
export function readScopeClaims(
  claims: unknown,
  names: Iterable<string>,
  limits: ScopeLimits,
): ClaimReading {
  if (typeof claims !== 'object' || claims === null) return MALFORMED
  let all = EMPTY
  let scope: ClaimReading | null = null
  for (const name of names) {
    const value = ownMember(claims, name)
    if (value === undefined) continue
    // An array is the shape of `scp`; under the name of the RFCs it is nobody's format.
    if (name === 'scope' && typeof value !== 'string') return MALFORMED
    const reading = readScopeValue(value, limits)
    if (reading.problem !== null) return reading
    if (name === 'scope' || name === 'scp') {
      if (scope !== null) {
        if (!saySame(scope, reading)) return AMBIGUOUS
        continue
      }
      scope = reading
    }
    all = all === EMPTY ? reading : joined(all, reading)
  }
  return all
}

/**
 * Reads one claim: text with single spaces between tokens, or a list of single tokens. Never throws.
 *
 * Only U+0020 separates; a tab, a no-break space or a newline is part of its piece. Empty pieces are dropped. What breaks
 * a limit is refused as a whole.
 *
 * @see RFC 6749 section 3.3
 */
export function readScopeValue(value: unknown, limits: ScopeLimits): ClaimReading {
  if (typeof value === 'string') return readText(value, limits)
  return Array.isArray(value) ? readList(value, limits) : MALFORMED
}

function readText(text: string, limits: ScopeLimits): ClaimReading {
  return isOverLimit(text, limits) ? OVER_LIMIT : { source: text, problem: null }
}

function isOverLimit(text: string, { characters, tokens, tokenCharacters }: ScopeLimits): boolean {
  if (text.length > characters) return true
  // So short a text cannot hold too many, or one that is too long.
  if (text.length <= tokenCharacters && text.length <= tokens * 2) return false
  let count = 0
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(' ', start)
    const end = space === -1 ? text.length : space
    if (end > start) {
      count += 1
      if (count > tokens || end - start > tokenCharacters) return true
    }
    start = end + 1
  }
  return false
}

function readList(list: readonly unknown[], limits: ScopeLimits): ClaimReading {
  if (list.length > limits.tokens) return OVER_LIMIT
  const source: string[] = []
  // As long as the text would be: the elements and the spaces between them.
  let characters = list.length - 1
  let isTooLong = false
  for (const element of list) {
    if (typeof element !== 'string') return MALFORMED
    characters += element.length
    if (element.length > limits.tokenCharacters) isTooLong = true
    source.push(element)
  }
  if (isTooLong || characters > limits.characters) return OVER_LIMIT
  return { source: Object.freeze(source), problem: null }
}

function joined(one: ClaimReading, other: ClaimReading): ClaimReading {
  const source = [...piecesOf(one.source), ...piecesOf(other.source)]
  return { source: Object.freeze(source), problem: null }
}

function saySame(left: ClaimReading, right: ClaimReading): boolean {
  const ones = new Set(piecesOf(left.source))
  const others = new Set(piecesOf(right.source))
  if (ones.size !== others.size) return false
  for (const one of ones) if (!others.has(one)) return false
  return true
}

function nothing(problem: GrantProblem | null): ClaimReading {
  return { source: '', problem }
}

const EMPTY = nothing(null)
const MALFORMED = nothing('scope_claim_malformed')
const OVER_LIMIT = nothing('scope_limit')
const AMBIGUOUS = nothing('scope_claim_ambiguous')
