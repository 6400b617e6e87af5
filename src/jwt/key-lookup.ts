import { ConfigurationError } from '../errors.js'
import { type Eventual, isThenable, whenReady } from '../shared/eventual.js'
import { tell } from '../shared/tell.js'
import type { AlgorithmEntry } from './algorithms.js'
import type { JwkSet, KeySetLookup, KeySource, StaticKeySource } from './jwk-set.js'
import type { KeyReport } from './key-event.js'
import { type Keyring, keyring } from './keyring.js'
import type { VerificationKey } from './keys.js'

/** Finds the key of a token for one verifier, whatever its keys come from. */
export interface KeyLookup {
  /** Answers at once if the source does. Never rejects: a source that fails is `unavailable`. */
  find(
    kid: string | null,
    algorithm: AlgorithmEntry,
    now: number,
    report?: KeyReport,
  ): Eventual<FoundKey>
  /**
   * Whether a key that was found may be used still: the set that holds it is the current one, and neither withdrawn nor
   * too old. Cheap and synchronous, for tokens that were verified before; asks the source as `find` does, so that keys
   * are refreshed ahead of their age even if no token is new. A source that answers with promises serves no key here.
   */
  serves(key: VerificationKey, now: number, report?: KeyReport): boolean
}

export type FoundKey =
  | { readonly kind: 'key'; readonly key: VerificationKey }
  | { readonly kind: 'unknown' }
  | Extract<KeySetLookup, { readonly kind: 'unavailable' }>

/**
 * Joins a key source with the algorithms of a verifier.
 *
 * @throws ConfigurationError `key_invalid` for a bad key of the configuration; `option_invalid` if shared secrets are
 *   to come from anywhere else
 */
export function createKeyLookup(
  keys: JwkSet | KeySource,
  algorithms: readonly AlgorithmEntry[],
): KeyLookup {
  if ('keys' in keys) return staticLookup(keys, algorithms)
  if (isStatic(keys)) return staticLookup(keys.set, algorithms)
  if (algorithms.some(({ family }) => family === 'hmac')) {
    throw new ConfigurationError(
      'option_invalid',
      'HMAC keys are shared secrets: give them as keys, not through a key source.',
    )
  }
  return sourceLookup(keys, algorithms)
}

function staticLookup(set: JwkSet, algorithms: readonly AlgorithmEntry[]): KeyLookup {
  const ring = keyring(set, algorithms, { origin: 'static' })
  return {
    find: (kid, algorithm) => asFound(ring.find(kid, algorithm)),
    serves: (key) => ring.holds(key),
  }
}

function sourceLookup(source: KeySource, algorithms: readonly AlgorithmEntry[]): KeyLookup {
  /** One ring for each state of the set, so that keys are judged, reported and imported once. */
  const rings = new WeakMap<JwkSet, Keyring>()
  const ringOf = (set: JwkSet, now: number, report: KeyReport | undefined): Keyring => {
    const known = rings.get(set)
    if (known !== undefined) return known
    const ring = keyring(set, algorithms, { origin: 'remote' })
    rings.set(set, ring)
    for (const { kid, problem } of ring.skipped) {
      tell(report, { kind: 'key_skipped', at: now, source: source.name ?? null, kid, problem })
    }
    return ring
  }
  return {
    find(kid, algorithm, now, report) {
      return attempt(() =>
        whenReady(source.current(now, report), (lookup) => {
          if (lookup.kind === 'unavailable') return lookup
          const key = ringOf(lookup.set, now, report).find(kid, algorithm)
          if (key !== null) return asFound(key)
          // The issuer may have changed its keys: ask once more, as often as the source thinks fit.
          return whenReady(source.refreshed(now, lookup.set, report), (newer) => {
            if (newer.kind === 'unavailable') return newer
            const ring = ringOf(newer.set, now, report)
            if (ring.size === 0) throw new Error('the key set holds no key for this verifier')
            return asFound(ring.find(kid, algorithm))
          })
        }),
      )
    },
    serves(key, now, report) {
      try {
        const lookup = source.current(now, report)
        if (isThenable(lookup)) {
          // Whoever goes on to `find` waits for the same answer, and hears of its failure.
          Promise.resolve(lookup).catch(() => undefined)
          return false
        }
        return lookup.kind === 'set' && rings.get(lookup.set)?.holds(key) === true
      } catch {
        return false
      }
    },
  }
}

/** What a source of the user's own throws or rejects with is an outage too. */
function attempt(find: () => Eventual<FoundKey>): Eventual<FoundKey> {
  const failed = (cause: unknown): FoundKey => ({
    kind: 'unavailable',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  })
  try {
    const found = find()
    return isThenable(found) ? found.catch(failed) : found
  } catch (cause) {
    return failed(cause)
  }
}

function asFound(key: VerificationKey | null): FoundKey {
  return key === null ? { kind: 'unknown' } : { kind: 'key', key }
}

function isStatic(source: KeySource): source is StaticKeySource {
  return 'set' in source
}

/** What to tell a client when a key source of the user's own breaks its promise and throws. */
const RETRY_AFTER_SECONDS = 5
