import type { GrantProblem } from './grant.js'
import { ownMember } from './own-members.js'
import { isScopeToken, MAX_TOKEN_CHARACTERS } from './token.js'

/** What a claim says, before any vocabulary: tokens and malformed pieces, each once, in their order. */
export interface ClaimReading {
  readonly tokens: ReadonlySet<string>
  readonly malformed: ReadonlySet<string>
  /** With a problem there are no tokens and no malformed pieces. */
  readonly problem: GrantProblem | null
}

/**
 * Reads the claims `scope` (a string) and `scp` (a string or an array), own members only. Absent is empty, which is
 * not the same as unrestricted. If both are there they must say the same. Never throws.
 *
 * @see RFC 8693 section 4.2, RFC 9068 section 2.2.3
 */
export function readScopeClaims(claims: unknown): ClaimReading {
  if (typeof claims !== 'object' || claims === null) return MALFORMED
  const scope = ownMember(claims, 'scope')
  const scp = ownMember(claims, 'scp')
  if (scope === undefined) return scp === undefined ? EMPTY : readScopeValue(scp)
  // An array is the shape of `scp` alone; under the other name it is nobody's format.
  const first = typeof scope === 'string' ? readText(scope) : MALFORMED
  if (scp === undefined || first.problem !== null) return first
  const second = readScopeValue(scp)
  if (second.problem !== null) return second
  const same = areEqual(first.tokens, second.tokens) && areEqual(first.malformed, second.malformed)
  return same ? first : AMBIGUOUS
}

/**
 * Reads one claim: text with single spaces between tokens, or a list of single tokens. Never throws.
 *
 * Only U+0020 separates; a tab, a no-break space or a newline makes its piece malformed. Empty pieces are dropped.
 * More than 8,192 characters, 512 pieces or 256 characters in one piece refuse the whole.
 *
 * @see RFC 6749 section 3.3
 */
export function readScopeValue(value: unknown): ClaimReading {
  if (typeof value === 'string') return readText(value)
  return Array.isArray(value) ? readList(value) : MALFORMED
}

function readText(text: string): ClaimReading {
  return text.length > MAX_CHARACTERS ? OVER_LIMIT : readPieces(text.split(' '))
}

function readList(list: readonly unknown[]): ClaimReading {
  if (list.length > MAX_TOKENS) return OVER_LIMIT
  const pieces: string[] = []
  // As long as the text would be: the elements and the spaces between them.
  let characters = list.length - 1
  for (const element of list) {
    if (typeof element !== 'string') return MALFORMED
    characters += element.length
    pieces.push(element)
  }
  return characters > MAX_CHARACTERS ? OVER_LIMIT : readPieces(pieces)
}

function readPieces(pieces: readonly string[]): ClaimReading {
  const tokens = new Set<string>()
  const malformed = new Set<string>()
  let count = 0
  for (const piece of pieces) {
    if (piece === '') continue
    count += 1
    if (count > MAX_TOKENS || piece.length > MAX_TOKEN_CHARACTERS) return OVER_LIMIT
    if (isScopeToken(piece)) tokens.add(piece)
    else malformed.add(piece)
  }
  return { tokens, malformed, problem: null }
}

function areEqual(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  if (left.size !== right.size) return false
  for (const one of left) if (!right.has(one)) return false
  return true
}

function nothing(problem: GrantProblem | null): ClaimReading {
  return { tokens: new Set(), malformed: new Set(), problem }
}

const MAX_CHARACTERS = 8_192
const MAX_TOKENS = 512

const EMPTY = nothing(null)
const MALFORMED = nothing('scope_claim_malformed')
const OVER_LIMIT = nothing('scope_limit')
const AMBIGUOUS = nothing('scope_claim_ambiguous')
