import { isWithin } from '../../shared/duration.js'
import { RecentMap } from '../../shared/recent-map.js'
import type { IntrospectedToken } from './introspected-token.js'

/** What is known of a token. */
export type KnownToken =
  | { readonly kind: 'active'; readonly token: IntrospectedToken }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'unusable'; readonly cause: unknown } // the server answers for this one, but not usably

export interface IntrospectionCacheSettings {
  /** How long a token counts as active without asking again. */
  readonly maxAgeSeconds: number
  /** How long it counts as inactive, or its answer as unusable. */
  readonly negativeMaxAgeSeconds: number
  /** Active tokens that are remembered, and as many others. */
  readonly maxTokens: number
}

/**
 * Remembers what an authorization server said of tokens, by their hash.
 *
 * An answer counts from the moment at which it was asked for, and not at all before that: a clock that is set back
 * forgets. INVARIANT: an active token is never found from its `exp` on, whatever the settings.
 *
 * Active tokens stand apart from all others: junk can be sent at will, and must not push them out.
 */
export class IntrospectionCache {
  readonly #settings: IntrospectionCacheSettings
  readonly #active: RecentMap<string, Kept<'active'>>
  readonly #others: RecentMap<string, Kept<'inactive' | 'unusable'>>

  constructor(settings: IntrospectionCacheSettings) {
    this.#settings = settings
    this.#active = new RecentMap(settings.maxTokens)
    this.#others = new RecentMap(settings.maxTokens)
  }

  /** What is still known of this token at `now`, or null. */
  find(hash: string, now: number): KnownToken | null {
    const { maxAgeSeconds, negativeMaxAgeSeconds } = this.#settings
    const active = this.#active.get(hash)
    if (active !== undefined) {
      const { expiresAt } = active.known.token.registered
      const isOver = expiresAt !== null && !(now < expiresAt)
      if (!isOver && isWithin(maxAgeSeconds, active.askedAt, now)) return active.known
    }
    const other = this.#others.get(hash)
    if (other !== undefined && isWithin(negativeMaxAgeSeconds, other.askedAt, now)) {
      return other.known
    }
    return null
  }

  /** Remembers the newest answer, in the place of every other. */
  keep(hash: string, known: KnownToken, askedAt: number): void {
    if (known.kind === 'active') {
      this.#others.delete(hash)
      this.#active.set(hash, { known, askedAt })
    } else {
      // INVARIANT: what was active once is forgotten, so that no step of the clock can bring it back.
      this.#active.delete(hash)
      this.#others.set(hash, { known, askedAt })
    }
  }
}

interface Kept<Kind extends KnownToken['kind']> {
  readonly known: Extract<KnownToken, { readonly kind: Kind }>
  readonly askedAt: number
}
