import { ConfigurationError } from '../errors.js'

/**
 * The signature algorithms, all of them. INVARIANT: no other file spells one; the rest of the library looks an entry
 * up here and passes it on. There is no way to name an algorithm that is not in this table, `none` included.
 *
 * `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) name the same thing.
 */
export type Algorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'Ed25519'
  | 'EdDSA'
  | 'HS256'
  | 'HS384'
  | 'HS512'

/** Which kind of key an algorithm takes. One verifier, one family: a public key must never pass for a secret. */
export type AlgorithmFamily = 'rsa' | 'ec' | 'okp' | 'hmac'

/** What the library knows about one algorithm. */
export interface AlgorithmEntry {
  readonly name: Algorithm
  /** Equal for two names of one algorithm, different otherwise. Keys are bound to it. */
  readonly identity: string
  readonly family: AlgorithmFamily
  /** The JWK `kty`. */
  readonly keyType: 'RSA' | 'EC' | 'OKP' | 'oct'
  /** The JWK `crv`, or null where keys have none. */
  readonly curve: string | null
  /** The length of the hash in bytes: the least that an HMAC key must have (RFC 7518 section 3.2). */
  readonly hashBytes: number
  /** The hash as `node:crypto` names it; null where the algorithm brings its own. */
  readonly hash: string | null
  /** Whether RSA pads with PSS; its salt is then as long as the hash (RFC 7518 section 3.5). */
  readonly isPss: boolean
  /** Whether a signature takes no longer than the way to the thread pool and back. */
  readonly signsQuickly: boolean
  /** What WebCrypto's `importKey` takes. */
  readonly webCrypto: {
    readonly name: string
    readonly hash?: string
    readonly namedCurve?: string
  }
}

/** The entry of this exact, case-sensitive name, or null. */
export function algorithm(name: string): AlgorithmEntry | null {
  return BY_NAME.get(name) ?? null
}

/** Every entry of the table. */
export function everyAlgorithm(): readonly AlgorithmEntry[] {
  return [...BY_NAME.values()]
}

/**
 * The entries of the algorithms that a verifier is to allow.
 *
 * @throws ConfigurationError `option_invalid` if there is none, `algorithm_unknown`, `algorithm_families_mixed`
 */
export function checkedAlgorithms(names: readonly string[]): readonly AlgorithmEntry[] {
  const entries = [...new Set(names)].map(known)
  const families = new Set(entries.map((entry) => entry.family))
  if (families.size === 0) {
    throw new ConfigurationError('option_invalid', 'Name at least one algorithm to allow.')
  }
  if (families.size > 1) {
    throw new ConfigurationError(
      'algorithm_families_mixed',
      `Allow algorithms of one family only, not of ${[...families].join(' and ')} together: use one verifier for each.`,
    )
  }
  return entries
}

/**
 * The algorithms that DPoP proofs may be signed with, by the names that proofs spell. They may be of several families: the
 * key comes with the proof, and is vetted for the proof's own algorithm.
 *
 * @param names by default what RFC 9449's examples and most clients use, and the curve that is simplest to get right
 * @throws ConfigurationError `option_invalid` if there is none, or for a MAC; `algorithm_unknown`
 * @see RFC 9449 section 4.2
 */
export function checkedProofAlgorithms(
  names: readonly string[] = DEFAULT_PROOF_ALGORITHMS,
): ReadonlyMap<Algorithm, AlgorithmEntry> {
  const entries = [...new Set(names)].map(known)
  if (entries.length === 0 || entries.some(({ family }) => family === 'hmac')) {
    throw new ConfigurationError(
      'option_invalid',
      'Name at least one algorithm for DPoP proofs, and asymmetric ones only: nobody shares a secret with whoever asks.',
    )
  }
  return new Map(entries.map((entry) => [entry.name, entry]))
}

function known(name: string): AlgorithmEntry {
  const entry = algorithm(name)
  if (entry !== null) return entry
  throw new ConfigurationError(
    'algorithm_unknown',
    `${JSON.stringify(name)} is not an algorithm that can be allowed; these are: ${[...BY_NAME.keys()].join(', ')}.`,
  )
}

function ecdsa<Name extends Algorithm>(name: Name, namedCurve: string, hashBytes: number) {
  return entry(name, {
    family: 'ec',
    keyType: 'EC',
    curve: namedCurve,
    hashBytes,
    signsQuickly: namedCurve === 'P-256',
    webCrypto: { name: 'ECDSA', namedCurve },
  })
}

function rsa<Name extends Algorithm>(name: Name, scheme: string, hashBytes: number) {
  return entry(name, {
    family: 'rsa',
    keyType: 'RSA',
    hashBytes,
    isPss: scheme === PSS,
    webCrypto: { name: scheme, hash: `SHA-${hashBytes * 8}` },
  })
}

function ed25519<Name extends Algorithm>(name: Name) {
  return entry(name, {
    identity: 'Ed25519',
    family: 'okp',
    keyType: 'OKP',
    curve: 'Ed25519',
    hashBytes: 64,
    hash: null,
    signsQuickly: true,
    webCrypto: { name: 'Ed25519' },
  })
}

function hmac<Name extends Algorithm>(name: Name, hashBytes: number) {
  return entry(name, {
    family: 'hmac',
    keyType: 'oct',
    hashBytes,
    signsQuickly: true,
    webCrypto: { name: 'HMAC', hash: `SHA-${hashBytes * 8}` },
  })
}

type Facts = Pick<AlgorithmEntry, 'family' | 'keyType' | 'hashBytes' | 'webCrypto'> &
  Partial<AlgorithmEntry>

function entry<Name extends Algorithm>(
  name: Name,
  facts: Facts,
): AlgorithmEntry & { readonly name: Name } {
  const usual = { identity: name, curve: null, isPss: false, signsQuickly: false }
  const hash = `sha${facts.hashBytes * 8}`
  return Object.freeze({ ...usual, hash, ...facts, name })
}

const PSS = 'RSA-PSS'
const PKCS1 = 'RSASSA-PKCS1-v1_5'

/** Complete by its type: an algorithm that is named above and missing here does not compile. */
const TABLE: { readonly [Name in Algorithm]: AlgorithmEntry & { readonly name: Name } } = {
  ES256: ecdsa('ES256', 'P-256', 32),
  ES384: ecdsa('ES384', 'P-384', 48),
  ES512: ecdsa('ES512', 'P-521', 64),
  PS256: rsa('PS256', PSS, 32),
  PS384: rsa('PS384', PSS, 48),
  PS512: rsa('PS512', PSS, 64),
  RS256: rsa('RS256', PKCS1, 32),
  RS384: rsa('RS384', PKCS1, 48),
  RS512: rsa('RS512', PKCS1, 64),
  Ed25519: ed25519('Ed25519'),
  EdDSA: ed25519('EdDSA'),
  HS256: hmac('HS256', 32),
  HS384: hmac('HS384', 48),
  HS512: hmac('HS512', 64),
}

const DEFAULT_PROOF_ALGORITHMS: readonly Algorithm[] = ['ES256', 'Ed25519', 'EdDSA']

const BY_NAME: ReadonlyMap<string, AlgorithmEntry> = new Map(
  Object.values(TABLE).map((each) => [each.name, each]),
)
