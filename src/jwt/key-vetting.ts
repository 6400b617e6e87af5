import { decodeBase64url } from '../shared/base64.js'
import { fail, type Result, succeed } from '../shared/result.js'
import { type AlgorithmEntry, algorithm } from './algorithms.js'
import { isKeyId } from './compact.js'
import { coordinateBytes, isEd25519Point, isOnCurve, unsigned } from './curve-points.js'
import { hasRocaFingerprint, hasSmallFactor } from './weak-modulus.js'

/** Why a key was refused when it was loaded. Stable; none of them holds key material. */
export type KeyProblem =
  | 'malformed' // not an object, or a member is missing, of the wrong type, length or spelling
  | 'kid_malformed'
  | 'kid_duplicate' // two keys of one set would answer to one header
  | 'kty_unknown'
  | 'alg_unknown' // names an algorithm outside the table
  | 'alg_mismatch' // names an algorithm for another kind of key or another curve
  | 'alg_not_allowed' // bound to an algorithm that the verifier does not allow
  | 'alg_ambiguous' // names no algorithm, and several allowed ones fit
  | 'use_mismatch' // `use` or `key_ops` is for something else
  | 'private_member' // a private key where a public one belongs
  | 'rsa_modulus_size' // not 2,048 to 16,384 bits
  | 'rsa_modulus_weak' // with a small factor, or the fingerprint of a faulty generator
  | 'rsa_exponent' // not odd, or not 65,537 to 2^64
  | 'point_invalid' // not on the curve, or of small order
  | 'secret_too_short' // shorter than the hash of its algorithm

/** A key that passed: bound to one algorithm, and reduced to the members that importing it needs. */
export interface VettedKey {
  readonly kid: string | null
  readonly algorithm: AlgorithmEntry
  readonly material: Readonly<Record<string, string>>
}

/**
 * Judges a JWK before anything is done with it. Returns the problem; never throws.
 *
 * @param allowed the algorithms that the key may be bound to
 * @param purpose a key to verify with has no private members (an HMAC key is its own exception); one to sign with
 *   needs them
 * @see RFC 7517 section 4, RFC 7518 section 6, RFC 8725 sections 3.1, 3.4 and 3.5
 */
export function vetKey(
  jwk: unknown,
  allowed: readonly AlgorithmEntry[],
  purpose: 'verify' | 'sign',
): Result<VettedKey, KeyProblem> {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return fail('malformed')
  // One reading of own members: a getter or a later change cannot make the vetted key another than the imported one.
  const members: Members = { ...jwk }
  const { kid, kty } = members
  if (kid !== undefined && !isKeyId(kid)) return fail('kid_malformed')
  if (typeof kty !== 'string') return fail('malformed')
  const judge = JUDGES.get(kty)
  if (judge === undefined) return fail('kty_unknown')
  if (purpose === 'verify' && PRIVATE_MEMBERS.some((name) => name in members)) {
    return fail('private_member')
  }
  if (!isFor(purpose, members)) return fail('use_mismatch')
  const bound = boundAlgorithm(members, kty, allowed)
  if (!bound.ok) return bound
  const problem = judge(members, bound.value)
  if (problem !== null) return fail(problem)
  const material = materialOf(members, kty, purpose)
  if (material === null) return fail('malformed')
  return succeed({ kid: kid ?? null, algorithm: bound.value, material })
}

type Members = Readonly<Record<string, unknown>>

/**
 * Whether `use` and `key_ops`, as far as they are there, name this purpose. Each operation may stand once (RFC 7517
 * section 4.3), and beside ours only the other half of signing: what also encrypts is one key for two algorithms, and
 * a public key that is to sign is no public key.
 */
function isFor(purpose: 'verify' | 'sign', { kty, use, key_ops }: Members): boolean {
  if (use !== undefined && use !== 'sig') return false
  if (key_ops === undefined) return true
  if (!Array.isArray(key_ops) || !key_ops.includes(purpose)) return false
  const fitting = kty === 'oct' || purpose === 'sign' ? ['sign', 'verify'] : ['verify']
  return (
    key_ops.every((operation) => fitting.includes(operation)) &&
    new Set(key_ops).size === key_ops.length
  )
}

/** The one algorithm of a key: its `alg`, or else the only allowed one that fits its type and curve. */
function boundAlgorithm(
  { alg, crv }: Members,
  kty: string,
  allowed: readonly AlgorithmEntry[],
): Result<AlgorithmEntry, KeyProblem> {
  const fits = (entry: AlgorithmEntry): boolean =>
    entry.keyType === kty && (entry.curve === null || entry.curve === crv)
  if (alg !== undefined) {
    const entry = typeof alg === 'string' ? algorithm(alg) : null
    if (entry === null) return fail('alg_unknown')
    if (!fits(entry)) return fail('alg_mismatch')
    const isAllowed = allowed.some(({ identity }) => identity === entry.identity)
    return isAllowed ? succeed(entry) : fail('alg_not_allowed')
  }
  const candidates = allowed.filter(fits)
  const [first] = candidates
  if (first === undefined) return fail('alg_not_allowed')
  return candidates.every(({ identity }) => identity === first.identity)
    ? succeed(first)
    : fail('alg_ambiguous')
}

function judgeRsa({ n, e }: Members): KeyProblem | null {
  const modulusBytes = positiveInteger(n)
  const exponentBytes = positiveInteger(e)
  if (modulusBytes === null || exponentBytes === null) return 'malformed'
  if (modulusBytes.length > MAX_MODULUS_BITS / 8) return 'rsa_modulus_size'
  const modulus = unsigned(modulusBytes)
  if (modulus < 1n << (MIN_MODULUS_BITS - 1n)) return 'rsa_modulus_size'
  if (hasSmallFactor(modulus) || hasRocaFingerprint(modulus)) return 'rsa_modulus_weak'
  if (exponentBytes.length > MAX_EXPONENT_BYTES) return 'rsa_exponent'
  const exponent = unsigned(exponentBytes)
  return exponent < MIN_EXPONENT || exponent % 2n === 0n ? 'rsa_exponent' : null
}

function judgeEc({ x, y }: Members, { curve }: AlgorithmEntry): KeyProblem | null {
  const length = curve === null ? null : coordinateBytes(curve)
  const [px, py] = [octets(x), octets(y)]
  if (curve === null || px === null || py === null) return 'malformed'
  if (px.length !== length || py.length !== length) return 'malformed'
  return isOnCurve(curve, px, py) ? null : 'point_invalid'
}

function judgeOkp({ x }: Members): KeyProblem | null {
  const point = octets(x)
  if (point?.length !== 32) return 'malformed'
  return isEd25519Point(point) ? null : 'point_invalid'
}

function judgeOct({ k }: Members, { hashBytes }: AlgorithmEntry): KeyProblem | null {
  const secret = octets(k)
  if (secret === null) return 'malformed'
  return secret.length < hashBytes ? 'secret_too_short' : null
}

/** The members that make the key, copied without the rest, or null if one is missing or misspelt. */
function materialOf(
  members: Members,
  kty: string,
  purpose: 'verify' | 'sign',
): Readonly<Record<string, string>> | null {
  const names = PUBLIC_MEMBERS.get(kty) ?? []
  const needed = purpose === 'sign' ? [...names, ...(SIGNING_MEMBERS.get(kty) ?? [])] : names
  const material: Record<string, string> = { kty }
  for (const name of needed) {
    const value = members[name]
    if (typeof value !== 'string' || (name !== 'crv' && octets(value) === null)) return null
    material[name] = value
  }
  return material
}

/** The bytes of canonical base64url, or null. */
function octets(value: unknown): Uint8Array | null {
  const decoded = typeof value === 'string' ? decodeBase64url(value) : null
  return decoded?.ok ? decoded.value : null
}

/** The bytes of a Base64urlUInt (RFC 7518 section 2): no leading zero byte, so that a number has one spelling. */
function positiveInteger(value: unknown): Uint8Array | null {
  const bytes = octets(value)
  return bytes === null || bytes.length === 0 || bytes[0] === 0 ? null : bytes
}

const JUDGES: ReadonlyMap<string, (members: Members, bound: AlgorithmEntry) => KeyProblem | null> =
  new Map([
    ['RSA', judgeRsa],
    ['EC', judgeEc],
    ['OKP', judgeOkp],
    ['oct', judgeOct],
  ])

const PUBLIC_MEMBERS = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
  ['oct', ['k']],
])
const SIGNING_MEMBERS = new Map([
  ['RSA', ['d', 'p', 'q', 'dp', 'dq', 'qi']],
  ['EC', ['d']],
  ['OKP', ['d']],
])
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

const MIN_MODULUS_BITS = 2_048n
const MAX_MODULUS_BITS = 16_384
const MIN_EXPONENT = 65_537n
const MAX_EXPONENT_BYTES = 8
