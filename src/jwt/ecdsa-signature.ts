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
  const [rBytes, sBytes] = [derBytes(r), derBytes(s)]
  const content = 4 + rBytes + sBytes
  const head = content < 0x80 ? [SEQUENCE, content] : [SEQUENCE, 0x81, content]
  const der = new Uint8Array(head.length + content)
  der.set(head)
  writeInteger(der, head.length, r, rBytes)
  writeInteger(der, head.length + 2 + rBytes, s, sBytes)
  return der
}

/**
 * The two numbers of an ECDSA signature side by side, as a JWS carries them, from DER; null if it is none of two numbers
 * below 2^(8 * half).
 *
 * @param half how many bytes one number has; at most 60
 */
export function rawSignature(der: Uint8Array, half: number): Uint8Array | null {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return null
  const raw = new Uint8Array(2 * half)
  let at = 2
  for (const end of [half, 2 * half]) {
    const length = byteAt(der, at + 1)
    const number = der.subarray(at + 2, at + 2 + length)
    const digits = number.subarray(zeros(number))
    if (der[at] !== INTEGER || number.length !== length || digits.length > half) return null
    raw.set(digits, end - digits.length)
    at += 2 + length
  }
  return at === der.length ? raw : null
}

/** Whether 0 < number < order; both have the same length. */
function isInRange(number: Uint8Array, order: Uint8Array): boolean {
  if (zeros(number) === number.length) return false
  let at = 0
  while (at < order.length && number[at] === order[at]) at += 1
  return at < order.length && byteAt(number, at) < byteAt(order, at)
}

/** The least bytes that spell a positive number: no leading zero, but one where the top bit would mean minus. */
function derBytes(number: Uint8Array): number {
  const start = zeros(number)
  return number.length - start + (byteAt(number, start) < 0x80 ? 0 : 1)
}

function writeInteger(der: Uint8Array, at: number, number: Uint8Array, bytes: number): void {
  der[at] = INTEGER
  der[at + 1] = bytes
  const digits = number.subarray(zeros(number))
  der.set(digits, at + 2 + bytes - digits.length)
}

/** How many zero bytes a number begins with. */
function zeros(number: Uint8Array): number {
  let count = 0
  while (count < number.length && number[count] === 0) count += 1
  return count
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

const INTEGER = 0x02
const SEQUENCE = 0x30
