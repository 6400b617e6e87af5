import { ConfigurationError } from '../errors.js'
import { fail } from '../shared/result.js'
import { type AlgorithmEntry, everyAlgorithm } from './algorithms.js'
import { isKeyId } from './compact.js'
import type { Jwk } from './jwk.js'
import { type JwkSet, MAX_KEYS } from './jwk-set.js'
import type { SkippedKeyProblem } from './key-event.js'
import type { KeyProblem } from './key-vetting.js'
import { type VerificationKey, verificationKey } from './keys.js'

/** The usable keys of one set. */
export interface Keyring {
  /**
   * The only key that can have made a signature, or null. A `kid` is compared exactly, as an opaque value; without
   * one, the ring must hold a single key for this algorithm.
   */
  find(kid: string | null, algorithm: AlgorithmEntry): VerificationKey | null
  /** Whether this very key is one of the ring. */
  holds(key: VerificationKey): boolean
  /** How many keys are usable. With none, no token can be judged. */
  readonly size: number
  /** The keys of a remote set that are faulty. Those that are only meant for others are not listed. */
  readonly skipped: readonly SkippedKey[]
}

export interface SkippedKey {
  /** Null if it has none, or none that could be one. */
  readonly kid: string | null
  readonly problem: SkippedKeyProblem
}

/**
 * Judges every key of a set and keeps those that may verify tokens of the allowed algorithms.
 *
 * In the configuration (`static`) each bad key is a mistake and throws. In a document from the network (`remote`) it
 * is left out and the others serve, for an issuer may publish kinds of keys that we do not use; shared secrets are
 * never taken from there. Two keys with one `kid` for one algorithm are both left out: which of them would verify is
 * an accident of their order.
 *
 * @throws ConfigurationError `key_invalid`, with origin `static` only
 */
export function keyring(
  set: JwkSet,
  allowed: readonly AlgorithmEntry[],
  { origin }: { readonly origin: 'static' | 'remote' },
): Keyring {
  const { keys, skipped } =
    origin === 'static' ? { keys: everyKey(set, allowed), skipped: [] } : usableKeys(set, allowed)
  const byKid = groupedByKid(keys)
  const held = new Set(keys)
  return {
    size: keys.length,
    skipped,
    holds: (key) => held.has(key),
    find(kid, algorithm) {
      const candidates = kid === null ? keys : (byKid.get(kid) ?? [])
      const [only, ...others] = candidates.filter((key) => isFor(key, algorithm))
      return only !== undefined && others.length === 0 ? only : null
    },
  }
}

/** Whether a set from the network holds a key that any verifier could use, whatever its algorithms. */
export function holdsUsableKey(set: JwkSet): boolean {
  return everyAlgorithm().some((entry) => keyring(set, [entry], { origin: 'remote' }).size > 0)
}

/** An exact Map: a `kid` such as `__proto__` or `../../key` is only a string that is not in it. */
function groupedByKid(keys: readonly VerificationKey[]): ReadonlyMap<string, VerificationKey[]> {
  const groups = new Map<string, VerificationKey[]>()
  for (const key of keys) {
    if (key.kid === null) continue
    const group = groups.get(key.kid)
    if (group === undefined) groups.set(key.kid, [key])
    else group.push(key)
  }
  return groups
}

function everyKey(set: JwkSet, allowed: readonly AlgorithmEntry[]): readonly VerificationKey[] {
  if (set.keys.length === 0 || set.keys.length > MAX_KEYS) {
    throw new ConfigurationError('key_invalid', `A key set must hold 1 to ${MAX_KEYS} keys.`)
  }
  const keys: VerificationKey[] = []
  for (const [position, jwk] of set.keys.entries()) {
    const judged = verificationKey(jwk, allowed)
    if (!judged.ok) throw keyInvalid(jwk, position, judged.reason)
    const { kid, algorithm } = judged.value
    if (kid !== null && keys.some((key) => key.kid === kid && isFor(key, algorithm))) {
      throw keyInvalid(jwk, position, 'kid_duplicate')
    }
    keys.push(judged.value)
  }
  return keys
}

function usableKeys(
  set: JwkSet,
  allowed: readonly AlgorithmEntry[],
): { readonly keys: readonly VerificationKey[]; readonly skipped: readonly SkippedKey[] } {
  const keys: VerificationKey[] = []
  const skipped: SkippedKey[] = []
  for (const jwk of set.keys.slice(0, MAX_KEYS)) {
    const problem = jwk.kty === 'oct' ? 'shared_secret' : null
    const judged = problem === null ? verificationKey(jwk, allowed) : fail(problem)
    if (judged.ok) keys.push(judged.value)
    else if (!MEANT_FOR_OTHERS.has(judged.reason)) {
      skipped.push({ kid: isKeyId(jwk.kid) ? jwk.kid : null, problem: judged.reason })
    }
  }
  const isTwin = (key: VerificationKey) =>
    key.kid !== null &&
    keys.some((other) => other !== key && other.kid === key.kid && isFor(other, key.algorithm))
  for (const { kid } of keys.filter(isTwin)) skipped.push({ kid, problem: 'kid_duplicate' })
  return { keys: keys.filter((key) => !isTwin(key)), skipped }
}

function isFor(key: VerificationKey, algorithm: AlgorithmEntry): boolean {
  return key.algorithm.identity === algorithm.identity
}

function keyInvalid(jwk: Jwk, position: number, problem: KeyProblem): ConfigurationError {
  const kid = typeof jwk?.kid === 'string' ? ` (kid ${JSON.stringify(jwk.kid.slice(0, 80))})` : ''
  return new ConfigurationError(
    'key_invalid',
    `Key ${position + 1} of the set${kid} is refused: ${KEY_PROBLEMS[problem]}.`,
  )
}

/** An issuer may publish kinds of keys that we do not use (RFC 7517 section 5): nothing is wrong with them. */
const MEANT_FOR_OTHERS: ReadonlySet<SkippedKeyProblem> = new Set([
  'kty_unknown',
  'alg_unknown',
  'alg_not_allowed',
  'use_mismatch',
])

const KEY_PROBLEMS: Readonly<Record<KeyProblem, string>> = {
  malformed: 'a member is missing or not canonical base64url of the right length',
  kid_malformed: 'its kid must be a string of 1 to 256 characters',
  kid_duplicate: 'another key has the same kid and algorithm',
  kty_unknown: 'its kty must be RSA, EC, OKP or oct',
  alg_unknown: 'its alg is not in the table of algorithms',
  alg_mismatch: 'its alg does not fit its kty and crv',
  alg_not_allowed: 'it fits none of the algorithms that the verifier allows',
  alg_ambiguous: 'several allowed algorithms fit it: give it an alg',
  use_mismatch:
    'its use must be sig, and its key_ops verify alone (a secret may name sign as well)',
  private_member: 'it holds private members: give the public key',
  rsa_modulus_size: 'its RSA modulus must have 2048 to 16384 bits',
  rsa_modulus_weak: 'its RSA modulus is weak: make a new key',
  rsa_exponent: 'its RSA exponent must be odd and at least 65537',
  point_invalid: 'its coordinates are not a usable point of its curve',
  secret_too_short: 'its secret is shorter than the hash of its algorithm',
}
