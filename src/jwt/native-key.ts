import type { NodeKey, NodeKeyInput, NodeSignatures } from '../runtime/node-signatures.js'
import { timingSafeEqual } from '../runtime/timing-safe.js'
import { decodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'
import type { AlgorithmEntry } from './algorithms.js'
import type { SignedText } from './compact.js'
import { curveOrder } from './curve-points.js'
import { derSignature } from './ecdsa-signature.js'
import { pssKey } from './pss-key.js'
import { signatureLength } from './signature-length.js'

/** A key in the hands of the runtime's own crypto, imported once. Answers null where the runtime will not say. */
export interface NativeKey {
  /** Whether a verification is so short that it is always done here: HMAC, and RSA of the usual sizes. */
  readonly isQuick: boolean
  verify(jws: SignedText): boolean | null
  /** The same in the thread pool. Calls back once. */
  verifyInPool(jws: SignedText, done: (isValid: boolean | null) => void): void
}

/**
 * Imports a vetted key, or null if this runtime does not take it.
 *
 * @param material the members that make the key, as `vetKey` has judged them
 */
export function nativeKey(
  crypto: NodeSignatures,
  algorithm: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): NativeKey | null {
  try {
    return algorithm.family === 'hmac'
      ? secretKey(crypto, algorithm, octets(material['k']))
      : publicKey(crypto, algorithm, material)
  } catch {
    return null
  }
}

function secretKey(
  crypto: NodeSignatures,
  { hash }: AlgorithmEntry,
  secret: Uint8Array,
): NativeKey | null {
  if (hash === null) return null
  const key = crypto.createSecretKey(secret)
  const verify = answering(({ signingInput, signature }) => {
    const expected = crypto.createHmac(hash, key).update(signingInput, 'latin1').digest()
    return timingSafeEqual(expected, signature)
  })
  return { isQuick: true, verify, verifyInPool: (jws, done) => done(verify(jws)) }
}

function publicKey(
  crypto: NodeSignatures,
  algorithm: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): NativeKey {
  const plain = crypto.createPublicKey({ key: material, format: 'jwk' })
  const key = keyInput(crypto, algorithm, plain)
  const spell = spelling(algorithm, material)
  const { hash } = algorithm
  return {
    isQuick: algorithm.family === 'rsa' && isUsualSize(material),
    verify: answering(({ signingInput, signature }) => {
      const spelt = spell(signature)
      return spelt !== null && crypto.verify(hash, utf8Bytes(signingInput), key, spelt)
    }),
    verifyInPool({ signingInput, signature }, done) {
      const spelt = spell(signature)
      if (spelt === null) return done(false)
      try {
        crypto.verify(hash, utf8Bytes(signingInput), key, spelt, (error, isValid) =>
          done(error ? null : isValid === true),
        )
      } catch {
        done(null)
      }
    },
  }
}

/** INVARIANT: `true` and nothing else means valid; a runtime that throws has not answered. */
function answering(verify: (jws: SignedText) => boolean): NativeKey['verify'] {
  return (jws) => {
    try {
      return verify(jws) === true
    } catch {
      return null
    }
  }
}

function keyInput(
  crypto: NodeSignatures,
  { isPss, hashBytes }: AlgorithmEntry,
  plain: NodeKey,
): NodeKeyInput {
  return isPss ? pssKey(crypto, plain, hashBytes) : plain
}

/** How the runtime wants a signature spelt; null for one that does not have the length that its algorithm gives. */
function spelling(
  algorithm: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): (signature: Uint8Array) => Uint8Array | null {
  const { curve, family } = algorithm
  const order = family === 'ec' && curve !== null ? curveOrder(curve) : null
  if (order !== null) return (signature) => derSignature(signature, order)
  const length = signatureLength(algorithm, material)
  return (signature) => (signature.length === length ? signature : null)
}

/** At most 4,096 bits and the usual exponent: about as long as one verification on a curve, or shorter. */
function isUsualSize(material: Readonly<Record<string, string>>): boolean {
  return octets(material['n']).length <= 512 && material['e'] === USUAL_EXPONENT
}

/** The vetting has found each member that is read here, and found it canonical. */
function octets(text = ''): Uint8Array {
  const decoded = decodeBase64url(text)
  return decoded.ok ? decoded.value : new Uint8Array(0)
}

/** 65,537 in base64url. */
const USUAL_EXPONENT = 'AQAB'
