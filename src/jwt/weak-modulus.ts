/**
 * Whether an RSA modulus bears the fingerprint of the faulty key generator known as ROCA, whose primes are powers of
 * 65537 modulo the small primes and can be found in practice. A sound modulus bears it by chance about once in 2^27.
 *
 * @see CVE-2017-15361
 */
export function hasRocaFingerprint(modulus: bigint): boolean {
  return SMALL_PRIMES.every((prime) => isPowerOfGenerator(Number(modulus % BigInt(prime)), prime))
}

/**
 * Whether a small prime divides an RSA modulus: no generator makes such a one. It has been damaged or forged, and is
 * likely to be easy to factor. A modulus with one random bit flipped is found out three times in four.
 *
 * @see NIST SP 800-89 section 5.3.3
 */
export function hasSmallFactor(modulus: bigint): boolean {
  return modulus % 2n === 0n || SMALL_PRIMES.some((prime) => modulus % BigInt(prime) === 0n)
}

function isPowerOfGenerator(residue: number, prime: number): boolean {
  let power = 1
  do {
    if (power === residue) return true
    power = (power * GENERATOR) % prime
  } while (power !== 1)
  return false
}

const GENERATOR = 65_537
const SMALL_PRIMES: readonly number[] = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
]
