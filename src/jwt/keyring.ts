import { ConfigurationError } from '../errors.js'
import type { AlgorithmEntry } from './algorithms.js'
import type { Jwk } from './jwk.js'
import { type JwkSet, MAX_KEYS } from './jwk-set.js'
import type { KeyProblem } from './key-vetting.js'
import { type VerificationKey, verificationKey } from './keys.js'

/** The usable keys of one set. */
export interface Keyring {
  /**
   * The only key that can have made a signature, or null. A `kid` is compared exactly, as an opaque value; without
   * one, the ring must hold a single key for this algorithm.
   */
  find(kid: string | null, algorithm: AlgorithmEntry): VerificationKey | null
  /** How many keys are usable. With none, no token can be judged. */
  readonly size: number
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
  const keys = origin === 'static' ? everyKey(set, allowed) : usableKeys(set, allowed)
  const byKid = groupedByKid(keys)
  return {
    size: keys.length,
    find(kid, algorithm) {
      const candidates = kid === null ? keys : (byKid.get(kid) ?? [])
      const [only, ...others] = candidates.filter((key) => isFor(key, algorithm))
      return only !== undefined && others.length === 0 ? only : null
    },
  }
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

function usableKeys(set: JwkSet, allowed: readonly AlgorithmEntry[]): readonly VerificationKey[] {
  const keys: VerificationKey[] = []
  for (const jwk of set.keys.slice(0, MAX_KEYS)) {
    const judged = verificationKey(jwk, allowed)
    if (judged.ok && judged.value.algorithm.family !== 'hmac') keys.push(judged.value)
  }
  return keys
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

const KEY_PROBLEMS: Readonly<Record<KeyProblem, string>> = {
  malformed: 'a member is missing or not canonical base64url of the right length',
  kid_malformed: 'its kid must be a string of 1 to 256 characters',
  kid_duplicate: 'another key has the same kid and algorithm',
  kty_unknown: 'its kty must be RSA, EC, OKP or oct',
  alg_unknown: 'its alg is not in the table of algorithms',
  alg_mismatch: 'its alg does not fit its kty and crv',
  alg_not_allowed: 'it fits none of the algorithms that the verifier allows',
  alg_ambiguous: 'several allowed algorithms fit it: give it an alg',
  use_mismatch: 'its use must be sig, and its key_ops must contain verify',
  private_member: 'it holds private members: give the public key',
  rsa_modulus_size: 'its RSA modulus must have 2048 to 16384 bits',
  rsa_modulus_weak: 'its RSA modulus is weak: make a new key',
  rsa_exponent: 'its RSA exponent must be odd and at least 65537',
  point_invalid: 'its coordinates are not a usable point of its curve',
  secret_too_short: 'its secret is shorter than the hash of its algorithm',
}
