import { frozenSet } from '../shared/frozen.js'
import type { ClaimReading } from './claim.js'
import type { Grant, GrantProblem } from './grant.js'
import type { Meanings } from './meanings.js'
import { addBit, addBits, type Bits, hasBit } from './name-set.js'
import { isScopeToken } from './token.js'

/** Says what a claim means in one vocabulary. What its tokens imply is worked out when someone asks. */
export function readGrant({ pieces, problem }: ClaimReading, meanings: Meanings): Grant {
  const tokens: string[] = []
  const unknown: string[] = []
  const malformed: string[] = []
  const bits = meanings.none()
  let mayRepeat = false
  for (const piece of pieces) {
    const number = meanings.numberOf(piece)
    if (number !== undefined) {
      mayRepeat ||= hasBit(bits, number)
      addBit(bits, number)
      tokens.push(piece)
      continue
    }
    const matched = meanings.match(piece)
    if (matched !== null) {
      mayRepeat = true
      addBits(bits, matched)
      tokens.push(piece)
    } else if (isScopeToken(piece)) {
      unknown.push(piece)
    } else {
      malformed.push(piece)
    }
  }
  const lists = {
    tokens: mayRepeat ? each(tokens) : Object.freeze(tokens),
    unknown: each(unknown),
    malformed: each(malformed),
  }
  return new ReadGrant(lists, problem, meanings, bits)
}

/**
 * The scopes that a grant covers, as bits, or null if it was not read with this vocabulary: then its `covered` says it.
 *
 * INVARIANT: the grant's own; never to be written to.
 */
export function coveredBits(grant: Grant, meanings: Meanings): Bits | null {
  return ReadGrant.covered(grant, meanings)
}

type Lists = Pick<Grant, 'tokens' | 'unknown' | 'malformed'>

/** A class, because of `covered`: whoever never looks at it does not pay for it. */
class ReadGrant implements Grant {
  readonly tokens: readonly string[]
  readonly unknown: readonly string[]
  readonly malformed: readonly string[]
  readonly problem: GrantProblem | null
  readonly #meanings: Meanings
  readonly #bits: Bits
  #isClosed = false
  #names: ReadonlySet<string> | null = null

  constructor(lists: Lists, problem: GrantProblem | null, meanings: Meanings, bits: Bits) {
    this.tokens = lists.tokens
    this.unknown = lists.unknown
    this.malformed = lists.malformed
    this.problem = problem
    this.#meanings = meanings
    this.#bits = bits
    Object.freeze(this)
  }

  // One grant serves every request of a token that is remembered: what one handler wrote would let in the next.
  get covered(): ReadonlySet<string> {
    this.#names ??= frozenSet(this.#meanings.namesIn(this.#closed()))
    return this.#names
  }

  static covered(grant: Grant, meanings: Meanings): Bits | null {
    return #bits in grant && grant.#meanings === meanings ? grant.#closed() : null
  }

  #closed(): Bits {
    if (!this.#isClosed) {
      this.#meanings.close(this.#bits)
      this.#isClosed = true
    }
    return this.#bits
  }
}

function each(list: string[]): readonly string[] {
  if (list.length === 0) return NONE
  return Object.freeze(list.length === 1 ? list : [...new Set(list)])
}

const NONE: readonly string[] = Object.freeze([])
