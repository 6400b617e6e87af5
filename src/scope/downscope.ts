import type { Grant } from './grant.js'
import { type GrantSource, heldNames, isWithin } from './grant-source.js'
import type { ScopeLimits } from './limits.js'
import type { Meanings } from './meanings.js'
import { byCodeUnits, normalTokens } from './normal-form.js'
import { coveredNames } from './read-grant.js'

/** What a client asks for, and what its credential has. */
export interface DownscopeRequest {
  /**
   * The `scope` parameter as it came, or a list of single tokens. Undefined, null or without a token: the `defaults` of
   * the vocabulary are meant. Where an omitted scope means all that was granted (RFC 6749 section 6), pass that.
   * @see RFC 6749 section 3.3
   */
  readonly requested: string | readonly string[] | null | undefined
  /** What may be given at most. */
  readonly granted: GrantSource
  /** `'narrow'` gives what is held of the request, `'exact'` all of it or nothing. Default `'narrow'`. */
  readonly mode?: 'narrow' | 'exact'
}

/** The answer of a vocabulary's `downscope`. */
export type Downscoping<Name extends string = string> = Narrowed<Name> | NotNarrowed<Name>

interface Narrowed<Name extends string> extends Unmet<Name> {
  readonly kind: 'narrowed'
  /** What to grant, as a claim or parameter in normal form. Never empty, and within the limits of a claim. */
  readonly scope: string
}

interface NotNarrowed<Name extends string> extends Unmet<Name> {
  readonly kind: 'refused'
  /** For the client. An empty `scope` would be no answer: whoever reads it may take it for no restriction. */
  readonly error: 'invalid_scope'
  /** For you. */
  readonly reason: DownscopeReason
}

interface Unmet<Name extends string> {
  /** The scopes that were asked for and are not held, by code units. */
  readonly missing: readonly Name[]
  /** Tokens of the request that mean nothing here. */
  readonly ignored: readonly string[]
  /** Pieces of the request with characters that no scope has. Whoever prints them must escape them. */
  readonly malformed: readonly string[]
}

/** Why `downscope` refused. */
export type DownscopeReason =
  | 'scope_omitted' // no scope was asked for, and the vocabulary has no `defaults`
  | 'scope_exceeded' // nothing of the request is held; in mode `exact`, not all of it
  | 'scope_answer_limit' // what is held of the request is longer than a claim may be
  | 'scope_limit' // the request is longer than a claim may be
  | 'scope_claim_malformed' // the request is neither text nor a list of texts

/**
 * Narrows a grant to what a request asks for: never more than either.
 *
 * A requested token of which everything is held stays as it is, the others become the names that are held. A requested
 * pattern stays only if the grant holds one at least as wide: otherwise the answer would grow with the vocabulary, and
 * the grant would not.
 *
 * @param request read with the vocabulary, or its defaults; null if there is neither
 */
export function downscope(
  request: Grant | null,
  granted: Grant,
  mode: 'narrow' | 'exact',
  meanings: Meanings,
  limits: ScopeLimits,
): Downscoping {
  if (request === null) return refused('scope_omitted', { missing: [], ignored: [], malformed: [] })
  const held = heldNames(granted, meanings)
  const unmet: Unmet<string> = {
    missing: [...coveredNames(request)].filter((name) => !held.has(name)).sort(byCodeUnits),
    ignored: request.unknown,
    malformed: request.malformed,
  }
  if (request.problem !== null) {
    return refused(
      request.problem === 'scope_limit' ? 'scope_limit' : 'scope_claim_malformed',
      unmet,
    )
  }
  const count = unmet.missing.length + unmet.ignored.length + unmet.malformed.length
  if (mode === 'exact' && count > 0) return refused('scope_exceeded', unmet)

  const patterns = granted.tokens.flatMap((token) => {
    const segments = meanings.ownPattern(token)
    return segments === null || !isWithin(meanings.get(token) ?? held, held) ? [] : [segments]
  })
  const kept = request.tokens.flatMap((token) => {
    const pattern = meanings.ownPattern(token)
    if (pattern !== null && patterns.some((wider) => isPatternWithin(pattern, wider))) return token
    const meaning = meanings.get(token) ?? NOTHING
    return [...meaning].filter((name) => held.has(name))
  })
  const answer = normalTokens(kept, meanings)
  const scope = answer.join(' ')
  if (answer.length === 0) return refused('scope_exceeded', unmet)
  if (answer.length > limits.tokens || scope.length > limits.characters) {
    return refused('scope_answer_limit', unmet)
  }
  return { kind: 'narrowed', scope, ...unmet }
}

/** Whether whatever matches the one pattern matches the other as well, in this vocabulary and any that is larger. */
function isPatternWithin(pattern: readonly string[], wider: readonly string[]): boolean {
  const isOpen = wider.at(-1) === '**'
  if (isOpen ? pattern.length < wider.length : pattern.length !== wider.length) return false
  const fixed = isOpen ? wider.slice(0, -1) : wider
  return fixed.every(
    (segment, place) => segment === pattern[place] || (segment === '*' && pattern[place] !== '**'),
  )
}

function refused(reason: DownscopeReason, unmet: Unmet<string>): Downscoping {
  return { kind: 'refused', error: 'invalid_scope', reason, ...unmet }
}

const NOTHING: ReadonlySet<string> = new Set()
