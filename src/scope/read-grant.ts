import { frozenSet } from '../shared/frozen.js'
import { type ClaimReading, piecesOf } from './claim.js'
import type { Grant, GrantProblem } from './grant.js'
import type { Meanings } from './meanings.js'
import { addBit, addBits, type Bits } from './name-set.js'
import { isScopeToken } from './token.js'

/**
 * What a claim means in one vocabulary. Its tokens are taken apart when someone wants to see them, or asks many
 * questions: the first few are answered by a look through the text for the few tokens that would do.
 */
export function readGrant({ source, problem }: ClaimReading, meanings: Meanings): Grant {
  return new ReadGrant(source, problem, meanings)
}

/** Whether a grant covers a scope of this vocabulary. One that was read elsewhere is judged by its `covered`. */
export function coversName(grant: Grant, name: string, meanings: Meanings): boolean {
  return ReadGrant.covers(grant, name, meanings)
}

/** Whether this vocabulary read the grant, so that what it covers is closed under what is implied here. */
export function isReadWith(grant: Grant, meanings: Meanings): boolean {
  return ReadGrant.isReadWith(grant, meanings)
}

/** Whether it can be told what a grant covers: not of a copy that has lost it. Throws for null and undefined. */
export function isReadable(grant: Grant): boolean {
  return ReadGrant.isReadable(grant)
}

/**
 * What a grant covers; nothing if it is a copy that has lost it, or cannot be read. For deciding only: what is handed out is
 * a copy of it. Never throws for an object.
 */
export function coveredNames(grant: Grant): ReadonlySet<string> {
  return ReadGrant.names(grant)
}

/** A class, because of what is worked out later. Its own members are what tells two grants apart in a comparison. */
class ReadGrant implements Grant {
  readonly source: string | readonly string[]
  readonly problem: GrantProblem | null
  readonly #meanings: Meanings
  #questions = 0
  #reading: Reading | null = null
  /** What decides. Grants share it, so nobody is given it: a shut set still yields to a borrowed `Set.prototype.add`. */
  #names: ReadonlySet<string> | null = null
  #covered: ReadonlySet<string> | null = null

  constructor(source: ClaimReading['source'], problem: GrantProblem | null, meanings: Meanings) {
    this.source = source
    this.problem = problem
    this.#meanings = meanings
    Object.freeze(this)
  }

  get tokens(): readonly string[] {
    return this.#read().tokens
  }

  get unknown(): readonly string[] {
    return this.#read().unknown
  }

  get malformed(): readonly string[] {
    return this.#read().malformed
  }

  get covered(): ReadonlySet<string> {
    this.#covered ??= frozenSet(this.#known())
    return this.#covered
  }

  static names(grant: Grant): ReadonlySet<string> {
    return #meanings in grant ? grant.#known() : strangeNames(grant)
  }

  static isReadWith(grant: Grant, meanings: Meanings): boolean {
    return #meanings in grant && grant.#meanings === meanings
  }

  static isReadable(grant: Grant): boolean {
    return #meanings in grant || strangeNames(grant) !== NOTHING
  }

  static covers(grant: Grant, name: string, meanings: Meanings): boolean {
    if (!(#meanings in grant) || grant.#meanings !== meanings) {
      // A name that is not in the vocabulary is covered by nothing, whoever read the grant.
      if (!meanings.numbers.has(name)) return false
      return #meanings in grant ? grant.#known().has(name) : hasStrangeName(grant, name)
    }
    return grant.#names === null ? grant.#find(name) : grant.#names.has(name)
  }

  #find(name: string): boolean {
    if (this.#questions < GLANCES) {
      this.#questions += 1
      const answer = glance(this.source, name, this.#meanings)
      if (answer !== null) return answer
    }
    return this.#known().has(name)
  }

  #known(): ReadonlySet<string> {
    this.#names ??= coveredBy(this.#read(), this.#meanings)
    return this.#names
  }

  #read(): Reading {
    this.#reading ??= readTokens(this.source, this.#meanings)
    return this.#reading
  }
}

interface Reading extends Pick<Grant, 'tokens' | 'unknown' | 'malformed'> {
  /** What the tokens name, without what that implies. */
  readonly named: Bits
}

function readTokens(source: ClaimReading['source'], meanings: Meanings): Reading {
  const tokens: string[] = []
  const unknown: string[] = []
  const malformed: string[] = []
  const named = meanings.none()
  for (const piece of new Set(piecesOf(source))) {
    const number = meanings.numberOf(piece)
    const matched = number === undefined ? meanings.match(piece) : null
    if (number !== undefined) addBit(named, number)
    if (matched !== null) addBits(named, matched)
    if (number !== undefined || matched !== null) tokens.push(piece)
    else if (isScopeToken(piece)) unknown.push(piece)
    else malformed.push(piece)
  }
  const lists = { tokens, unknown, malformed }
  for (const list of Object.values(lists)) Object.freeze(list)
  return { ...lists, named }
}

/**
 * Where one of the tokens covers it all, it is the set that all such grants share.
 */
function coveredBy({ tokens, named }: Reading, meanings: Meanings): ReadonlySet<string> {
  const bits = named.slice()
  meanings.close(bits)
  const names = meanings.namesIn(bits)
  const widest =
    tokens.length === 1 ? tokens[0] : tokens.find((one) => meanings.width(one) === names.length)
  return (widest === undefined ? undefined : meanings.get(widest)) ?? new Set(names)
}

/** Of a grant that no vocabulary of this copy of the module read: a stand-in, or one behind a proxy. */
function strangeNames(grant: Grant): ReadonlySet<string> {
  try {
    // Throws for what is no set, whatever methods it has.
    return new Set(valuesOf.call(grant.covered))
  } catch {
    return NOTHING
  }
}

/** The same of one name, without the copy. */
function hasStrangeName(grant: Grant, name: string): boolean {
  try {
    return hasOf.call(grant.covered, name)
  } catch {
    return false
  }
}

/** Looks for the tokens that would give the name; null if they are too many, or there may be patterns. */
function glance(source: ClaimReading['source'], name: string, meanings: Meanings): boolean | null {
  const tokens = meanings.givers(name)
  if (tokens === null) return null
  if (typeof source !== 'string') {
    return meanings.hasPatterns ? null : tokens.some((token) => source.includes(token))
  }
  if (meanings.hasPatterns && source.includes('*')) return null
  return tokens.some((token) => holdsPiece(source, token))
}

/** Whether the token is one of the pieces of the text: whole, from one space or end to the next. */
function holdsPiece(text: string, token: string): boolean {
  for (let start = text.indexOf(token); start !== -1; ) {
    const end = start + token.length
    const isWhole =
      (start === 0 || text.charCodeAt(start - 1) === SPACE) &&
      (end === text.length || text.charCodeAt(end) === SPACE)
    if (isWhole) return true
    // No piece begins before the next space, so no text is looked at more than twice.
    const space = text.indexOf(' ', start)
    start = space === -1 ? -1 : text.indexOf(token, space + 1)
  }
  return false
}

/** As many looks through a text as cost what taking it apart would: whoever asks on and on pays at most twice. */
const GLANCES = 8
const NOTHING: ReadonlySet<string> = new Set()
const { has: hasOf, values: valuesOf } = Set.prototype as Set<string>
const SPACE = 0x20
