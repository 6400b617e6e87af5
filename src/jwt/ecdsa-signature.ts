/**
 * An ECDSA signature in DER, from the two numbers side by side that a JWS carries; null if it can be none.
 *
 * INVARIANT: both numbers are in [1, n - 1]. Some libraries have taken zero, for which every message verifies.
 *
 * @param order the order n of the curve, most significant byte first; as long as one of the numbers
 * @see RFC 7518 section 3.4, SEC 1 section 4.1.4, RFC 3279 section 2.2.3
 */
export function derSignature(signature: Uint8Array, order: Uint8Array): Uint8Array | null {
  const half = order.length
  if (signature.length !== 2 * half) return null
  const r = signature.subarray(0, half)
  const s = signature.subarray(half)
  if (!isInRange(r, order) || !isInRange(s, order)) return null
  const [first, second] = [derInteger(r), derInteger(s)]
  const length = first.length + second.length
  const head = length < 0x80 ? [SEQUENCE, length] : [SEQUENCE, 0x81, length]
  return Uint8Array.of(...head, ...first, ...second)
}

function isInRange(number: Uint8Array, order: Uint8Array): boolean {
  if (number.every((byte) => byte === 0)) return false
  const at = number.findIndex((byte, index) => byte !== order[index])
  return at >= 0 && (number[at] ?? 0) < (order[at] ?? 0)
}

/** The shortest spelling of a positive number: no leading zero byte, but one where the top bit would mean minus. */
function derInteger(number: Uint8Array): readonly number[] {
  const digits = number.subarray(number.findIndex((byte) => byte !== 0))
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : []
  return [INTEGER, sign.length + digits.length, ...sign, ...digits]
}

const INTEGER = 0x02
const SEQUENCE = 0x30
