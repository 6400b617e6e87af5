import { ConfigurationError } from '../errors.js'
import type { AlgorithmEntry } from './algorithms.js'
import type { JwkSet, KeySetLookup, KeySource, StaticKeySource } from './jwk-set.js'
import { type Keyring, keyring } from './keyring.js'
import type { VerificationKey } from './keys.js'

/** Finds the key of a token for one verifier, whatever its keys come from. */
export interface KeyLookup {
  /** Never rejects: a source that fails is `unavailable`. */
  find(kid: string | null, algorithm: AlgorithmEntry, now: number): Promise<FoundKey>
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
    find: (kid, algorithm) => Promise.resolve(asFound(ring.find(kid, algorithm))),
  }
}

function sourceLookup(source: KeySource, algorithms: readonly AlgorithmEntry[]): KeyLookup {
  /** One ring for each state of the set, so that keys are judged and imported once. */
  const rings = new WeakMap<JwkSet, Keyring>()
  const ringOf = (set: JwkSet): Keyring => {
    const ring = rings.get(set) ?? keyring(set, algorithms, { origin: 'remote' })
    rings.set(set, ring)
    return ring
  }
  return {
    async find(kid, algorithm, now) {
      try {
        const lookup = await source.current(now)
        if (lookup.kind === 'unavailable') return lookup
        const key = ringOf(lookup.set).find(kid, algorithm)
        if (key !== null) return asFound(key)
        // The issuer may have changed its keys: ask once more, as often as the source thinks fit.
        const newer = await source.refreshed(now, lookup.set)
        if (newer.kind === 'unavailable') return newer
        const ring = ringOf(newer.set)
        if (ring.size === 0) throw new Error('the key set holds no key for this verifier')
        return asFound(ring.find(kid, algorithm))
      } catch (cause) {
        return { kind: 'unavailable', retryAfterSeconds: RETRY_AFTER_SECONDS, cause }
      }
    },
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
