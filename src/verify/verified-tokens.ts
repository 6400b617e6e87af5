import type { StandingJwt } from '../jwt/token-judge.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import type { Scopes } from '../scope/vocabulary.js'
import { TextCache } from '../shared/text-cache.js'
import { isShareable } from './principal-from-claims.js'
import type { VerificationContext, VerifiedCredential } from './verifier.js'

/** How many tokens a verifier remembers, and for how long. */
export interface VerifiedTokensSettings {
  readonly maxTokens: number
  readonly maxAgeSeconds: number
}

/** What came of a token. */
export interface KnownToken<Proven extends IdentifiedPrincipal> {
  readonly verification: VerifiedCredential<Proven>
  /** What the token is bound to, which each request has to prove anew. */
  readonly cnf: unknown
}

/**
 * The tokens that one verifier has verified a moment ago, with the principal that came of each.
 *
 * Holds positives only: a flood of made-up tokens puts nothing in and pushes nothing out. INVARIANT: each use asks whether
 * the token still stands (times, key served), and for the vocabulary that its grant was read with; the proof of
 * who is bound to it, revocation, step-up and whatever else depends on the request come after this, at every request.
 */
export class VerifiedTokens<Proven extends IdentifiedPrincipal> {
  readonly #tokens: TextCache<Entry<Proven>>
  readonly #maxAgeSeconds: number

  constructor({ maxTokens, maxAgeSeconds }: VerifiedTokensSettings) {
    this.#tokens = new TextCache(maxTokens)
    this.#maxAgeSeconds = maxAgeSeconds
  }

  /** What came of this very text, if that still holds. */
  find(text: string, { now, scopes, report }: VerificationContext): KnownToken<Proven> | null {
    const entry = this.#tokens.find(text)
    if (entry === null || entry.scopes !== scopes) return null
    if (now < entry.until && entry.stands(now, report)) return entry
    this.#tokens.drop(text)
    return null
  }

  keep(
    text: string,
    { verification, cnf }: KnownToken<Proven>,
    stands: StandingJwt['stands'],
    { now, scopes }: VerificationContext,
  ): void {
    if (!isShareable(verification.principal)) return
    const until = now + this.#maxAgeSeconds
    this.#tokens.keep({ text, scopes, verification, cnf, stands, until })
  }
}

interface Entry<Proven extends IdentifiedPrincipal> extends KnownToken<Proven> {
  readonly text: string
  readonly scopes: Scopes
  readonly stands: StandingJwt['stands']
  readonly until: number
}
