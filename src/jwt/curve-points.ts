/**
 * Whether the coordinates of a public key are a point of its curve: the one check that keeps an invalid-curve or
 * small-order key from being loaded. Public values only, so plain BigInt arithmetic may take whatever time it takes.
 *
 * @see RFC 8725 section 3.4, SEC 1 section 3.2.2.1, RFC 8032 section 5.1.3
 */

/** The length in bytes of one coordinate on a curve of ECDSA, or null for a curve we do not know. */
export function coordinateBytes(curve: string): number | null {
  return WEIERSTRASS.get(curve)?.bytes ?? null
}

/** The order n of the base point of a curve of ECDSA, as long as a coordinate, or null for a curve we do not know. */
export function curveOrder(curve: string): Uint8Array | null {
  const parameters = WEIERSTRASS.get(curve)
  if (parameters === undefined) return null
  const digits = parameters.n.toString(16).padStart(2 * parameters.bytes, '0')
  return Uint8Array.from({ length: parameters.bytes }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  )
}

/** Whether (x, y) lies on the named curve y² = x³ - 3x + b. */
export function isOnCurve(curve: string, x: Uint8Array, y: Uint8Array): boolean {
  const parameters = WEIERSTRASS.get(curve)
  if (parameters === undefined) return false
  const { p, b } = parameters
  const [px, py] = [unsigned(x), unsigned(y)]
  if (px >= p || py >= p) return false
  return (py * py - (px * px * px - 3n * px + b)) % p === 0n
}

/**
 * Whether 32 bytes are the canonical encoding of a point on edwards25519 whose order is not small. A key of small
 * order would accept one signature for many messages.
 */
export function isEd25519Point(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return false
  // Little-endian, and the top bit is the sign of x.
  const y = unsigned(encoded.toReversed()) & (ED25519.signBit - 1n)
  if (y >= ED25519.p || SMALL_ORDER_Y.has(y)) return false
  // x² = (y² - 1) / (dy² + 1) must be a square, and u/v is one exactly if u·v is.
  const y2 = (y * y) % ED25519.p
  const product = ((y2 - 1n + ED25519.p) * (ED25519.d * y2 + 1n)) % ED25519.p
  return power(product, (ED25519.p - 1n) / 2n, ED25519.p) === 1n
}

/** The number that these bytes spell, most significant byte first. */
export function unsigned(bytes: Uint8Array): bigint {
  let text = '0x0'
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return BigInt(text)
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** SP 800-186 section 3.2.1. */
const WEIERSTRASS = new Map([
  [
    'P-256',
    {
      bytes: 32,
      p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
      n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    },
  ],
  [
    'P-384',
    {
      bytes: 48,
      p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
      n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    },
  ],
  [
    'P-521',
    {
      bytes: 66,
      p: 2n ** 521n - 1n,
      b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
      n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    },
  ],
])

const ED25519 = {
  p: 2n ** 255n - 19n,
  d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
  signBit: 2n ** 255n,
}

const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/** The y coordinates of the points whose order is 1, 2, 4 and 8. */
const SMALL_ORDER_Y = new Set([1n, ED25519.p - 1n, 0n, ORDER_8_Y, ED25519.p - ORDER_8_Y])
