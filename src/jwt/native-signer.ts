import { type NodeSigning, nodeSigning } from '../runtime/node-signing.js'
import { decodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'
import type { AlgorithmEntry } from './algorithms.js'
import { curveOrder } from './curve-points.js'
import { rawSignature } from './ecdsa-signature.js'

/** Signs a JWS at once; null where the runtime will not, and jose has to. Never throws. */
export type NativeSigner = (signingInput: string) => Uint8Array | null

/**
 * A signer of the runtime's own for what is signed in less time than the way to the thread pool takes. Null for all else:
 * RSA and the larger curves take a millisecond and more, which belongs in the pool.
 *
 * In the pool a login's token would wait behind the hashing of other logins' passwords.
 *
 * @param material the members that make the key, as `vetKey` has judged them
 */
export function nativeSigner(
  algorithm: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): NativeSigner | null {
  const crypto = nodeSigning()
  if (crypto === null) return null
  try {
    const sign = signing(crypto, algorithm, material)
    return sign === null ? null : attempting(sign)
  } catch {
    return null
  }
}

function signing(
  crypto: NodeSigning,
  { family, curve, hash, signsQuickly }: AlgorithmEntry,
  material: Readonly<Record<string, string>>,
): NativeSigner | null {
  if (!signsQuickly) return null
  if (family === 'hmac') {
    const secret = decodeBase64url(material['k'] ?? '')
    if (!secret.ok || hash === null) return null
    const key = crypto.createSecretKey(secret.value)
    return (text) => crypto.createHmac(hash, key).update(text, 'latin1').digest()
  }
  // The key alone, without a word on the format: Node 24 imports it anew each time that it comes with options.
  const key = crypto.createPrivateKey({ key: material, format: 'jwk' })
  const sign = (text: string): Uint8Array => crypto.sign(hash, utf8Bytes(text), key)
  const order = family === 'ec' && curve !== null ? curveOrder(curve) : null
  return order === null ? sign : (text) => rawSignature(sign(text), order.length)
}

function attempting(sign: NativeSigner): NativeSigner {
  return (text) => {
    try {
      return sign(text)
    } catch {
      return null
    }
  }
}
