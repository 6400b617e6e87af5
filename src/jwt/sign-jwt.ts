import type { CryptoKey } from 'jose'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { CompactSign } from 'jose/jws/compact/sign'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { ConfigurationError } from '../errors.js'
import { encodeBase64url } from '../runtime/base64url.js'
import { importKey } from '../runtime/web-crypto.js'
import { utf8Bytes } from '../shared/bytes.js'
import { type Algorithm, type AlgorithmEntry, algorithm, checkedAlgorithms } from './algorithms.js'
import { parseCompact } from './compact.js'
import type { PrivateJwk, PublicJwk, SecretJwk } from './jwk.js'
import { vetKey } from './key-vetting.js'
import { tokenKind } from './media-type.js'
import { type NativeSigner, nativeSigner } from './native-signer.js'

export interface SignJwtOptions {
  /** Read when it first signs; a later change of the same object has no effect. */
  readonly key: PrivateJwk | SecretJwk
  /** The kind of token, its `typ`: `at+jwt` for an access token. */
  readonly type: string
}

/**
 * Signs claims as they are given; `exp` must be among them. Nothing is added to them and nothing else is checked: what
 * the token says is the issuer's business.
 *
 * Rejects with a ConfigurationError `key_invalid` for a weak or incomplete key, `algorithm_unknown`, or
 * `option_invalid` for claims that no verifier of this library could read: not JSON, without `exp`, or too long.
 *
 * @see RFC 7515 section 5.1, RFC 7519 section 7.1
 */
export async function signJwt(
  claims: Readonly<Record<string, unknown>>,
  { key, type }: SignJwtOptions,
): Promise<string> {
  if (tokenKind(type) === null) throw invalid("'type' must be a kind of token, such as 'at+jwt'.")
  const { exp } = claims
  if (typeof exp !== 'number' || !Number.isFinite(exp)) {
    throw invalid("claim 'exp' must be a number: seconds since the epoch.")
  }
  const payload = utf8Bytes(jsonOf(claims))
  const signer = signerOf(key)
  // Imported by WebCrypto first, whoever signs: it tells whether the members of the key fit.
  const imported = await signer.imported
  const header = { alg: signer.algorithm.name, kid: signer.kid, typ: type }
  const token =
    signedNatively(signer, header, payload) ??
    (await new CompactSign(payload).setProtectedHeader(header).sign(imported))
  if (!parseCompact(token).ok)
    throw invalid('the claims make a token that is too long or too deep.')
  return token
}

function signedNatively(signer: Signer, header: object, payload: Uint8Array): string | null {
  if (signer.native === null) return null
  const protectedHeader = encodeBase64url(utf8Bytes(JSON.stringify(header)))
  const signingInput = `${protectedHeader}.${encodeBase64url(payload)}`
  const signature = signer.native(signingInput)
  return signature === null ? null : `${signingInput}.${encodeBase64url(signature)}`
}

/** A key pair in JWK, as an issuer keeps and publishes it. */
export interface SigningKeyPair {
  readonly privateJwk: PrivateJwk
  readonly publicJwk: PublicJwk
}

/**
 * Makes a new key pair for one algorithm; its `kid` is its thumbprint. RSA keys have 2,048 bits.
 *
 * Rejects with a ConfigurationError `algorithm_unknown`, or `option_invalid` for HMAC, which has no public key: an HMAC
 * key is any random bytes, at least as long as the hash.
 *
 * @see RFC 7638
 */
export async function generateSigningKey(name: Algorithm): Promise<SigningKeyPair> {
  const [entry] = checkedAlgorithms([name])
  if (entry === undefined || entry.family === 'hmac') {
    throw new ConfigurationError('option_invalid', 'A signing key pair is RSA, EC or Ed25519.')
  }
  const pair = await generateKeyPair(entry.name, { extractable: true })
  const publicMembers = await exportJWK(pair.publicKey)
  const privateMembers = await exportJWK(pair.privateKey)
  const names = { kid: await calculateJwkThumbprint(publicMembers), alg: entry.name, use: 'sig' }
  // A key of an asymmetric family exports a `kty`, and its private half a `d` (RFC 7518 section 6).
  return Object.freeze({
    publicJwk: Object.freeze({ ...publicMembers, ...names }) as PublicJwk,
    privateJwk: Object.freeze({ ...privateMembers, ...names }) as PrivateJwk,
  })
}

function jsonOf(claims: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(claims)
  } catch {
    throw invalid('the claims must be JSON values.')
  }
}

interface Signer {
  readonly kid: string
  readonly algorithm: AlgorithmEntry
  readonly imported: Promise<CryptoKey>
  readonly native: NativeSigner | null
}

/** Vets and imports a key once, however many tokens it signs. */
function signerOf(jwk: PrivateJwk | SecretJwk): Signer {
  const known = SIGNERS.get(jwk)
  if (known !== undefined) return known
  const signer = createSigner(jwk)
  SIGNERS.set(jwk, signer)
  return signer
}

/**
 * Checks a key to sign with as {@link signJwt} will, but does not import it: that its members fit together shows when it
 * first signs.
 *
 * @throws ConfigurationError `key_invalid`, `algorithm_unknown`
 */
export function assertSigningKey(jwk: PrivateJwk | SecretJwk): void {
  vettedSigner(jwk)
}

function vettedSigner(jwk: PrivateJwk | SecretJwk) {
  const entry = typeof jwk?.alg === 'string' ? algorithm(jwk.alg) : null
  if (entry === null) {
    throw new ConfigurationError(
      'algorithm_unknown',
      "signJwt: the key's 'alg' must be an algorithm of the table.",
    )
  }
  const vetted = vetKey(jwk, [entry], 'sign')
  if (!vetted.ok || vetted.value.kid === null) {
    const problem = vetted.ok ? 'kid_malformed' : vetted.reason
    throw new ConfigurationError('key_invalid', `signJwt: the key is refused: ${problem}.`)
  }
  return { kid: vetted.value.kid, material: vetted.value.material, algorithm: entry }
}

function createSigner(jwk: PrivateJwk | SecretJwk): Signer {
  const { kid, material, algorithm: entry } = vettedSigner(jwk)
  const imported = importKey(material, entry.webCrypto, 'sign').catch(() => {
    throw new ConfigurationError(
      'key_invalid',
      'signJwt: the key is refused: its private members do not fit, or this runtime does not support it.',
    )
  })
  return { kid, algorithm: entry, imported, native: nativeSigner(entry, material) }
}

function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `signJwt: ${problem}`)
}

const SIGNERS = new WeakMap<object, Signer>()
