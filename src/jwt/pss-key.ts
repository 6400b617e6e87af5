import type { NodeKey, NodeKeyInput, NodeSignatures } from '../runtime/node-signatures.js'

/**
 * What `node:crypto` needs to verify RSASSA-PSS with one hash for everything, and a salt exactly as long as the hash
 * (RFC 7518 section 3.5).
 *
 * A key that carries these parameters itself need not be told them at each call. It makes no other difference, except
 * on Node 24, which imports a key again each time it is given with a padding: half of the work. A runtime that does not
 * know such keys is told the padding at each call.
 *
 * @param key an RSA key without parameters
 * @see RFC 4055 sections 1.2 and 3.1
 */
export function pssKey(crypto: NodeSignatures, key: NodeKey, hashBytes: number): NodeKeyInput {
  const told = { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: hashBytes }
  try {
    const bound = crypto.createPublicKey({
      key: subjectPublicKeyInfo(key.export({ type: 'pkcs1', format: 'der' }), hashBytes),
      format: 'der',
      type: 'spki',
    })
    const { hashAlgorithm, saltLength } = bound.asymmetricKeyDetails ?? {}
    // A runtime that drops the parameters would take any salt.
    const isBound = hashAlgorithm === `sha${hashBytes * 8}` && saltLength === hashBytes
    return bound.asymmetricKeyType === 'rsa-pss' && isBound ? bound : told
  } catch {
    return told
  }
}

function subjectPublicKeyInfo(pkcs1: Uint8Array, hashBytes: number): Uint8Array {
  const hash = der(
    SEQUENCE,
    der(OBJECT_ID, [...SHA2, HASHES.indexOf(hashBytes) + 1]),
    der(NULL, []),
  )
  const maskGeneration = der(SEQUENCE, der(OBJECT_ID, [...PKCS1, 8]), hash)
  const parameters = der(
    SEQUENCE,
    der(0xa0, hash),
    der(0xa1, maskGeneration),
    der(0xa2, der(INTEGER, [hashBytes])),
  )
  const algorithm = der(SEQUENCE, der(OBJECT_ID, [...PKCS1, 10]), parameters)
  return Uint8Array.from(der(SEQUENCE, algorithm, der(BIT_STRING, [0], [...pkcs1])))
}

function der(tag: number, ...contents: readonly (readonly number[])[]): readonly number[] {
  const content = contents.flat()
  const { length } = content
  if (length < 0x80) return [tag, length, ...content]
  return length < 0x100
    ? [tag, 0x81, length, ...content]
    : [tag, 0x82, length >> 8, length & 0xff, ...content]
}

/** `node:crypto`'s constant of that name. */
const RSA_PKCS1_PSS_PADDING = 6

const INTEGER = 0x02
const BIT_STRING = 0x03
const NULL = 0x05
const OBJECT_ID = 0x06
const SEQUENCE = 0x30

/** 1.2.840.113549.1.1: 8 below it is MGF1, 10 is RSASSA-PSS. */
const PKCS1 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01]
/** 2.16.840.1.101.3.4.2: below it, from 1 on, the hashes of these lengths. */
const SHA2 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02]
const HASHES = [32, 48, 64]
