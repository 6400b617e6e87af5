import { scryptAsync } from '@noble/hashes/scrypt.js'
import { type NodeCrypto, nodeCrypto } from '../../runtime/node-crypto.js'
import { inPoolLane, inThreadLane } from './hashing-lanes.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'

/**
 * scrypt: N = 2^`ln`, block size `r`, `p` lanes; 128 * N * r bytes of memory. On `node:crypto`'s thread pool where
 * there is one; elsewhere on the main thread, yielding to the loop.
 *
 * @see RFC 7914
 */
export const scrypt: PasswordAlgorithm = {
  name: 'scrypt',
  version: null,
  costNames: ['ln', 'r', 'p'],
  defaults: [17, 8, 1],
  isBearable: ([ln, r, p]) =>
    // RFC 7914 section 2 defines N below 2^(16 r) only; the first line keeps 2 ** ln exact.
    ln <= 20 && ln < 16 * r && 2 ** ln * r <= MAX_BLOCKS && p <= 64 && 2 ** ln * r * p <= MAX_WORK,
  // The flattest of OWASP's equal settings is N=2^14 r=8 p=5.
  isStrong: ([ln, r, p]) => ln >= 13 && r >= 8 && 2 ** ln * r * p >= 2 ** 14 * 8 * 5,
  derive: (costs, password, salt, lengthBytes) =>
    deriveScrypt(nodeCrypto(), costs, password, salt, lengthBytes),
}

/** {@link scrypt}'s hash by this engine, or without any if it is null. Both give the same bytes. */
export function deriveScrypt(
  engine: NodeCrypto | null,
  [ln, r, p]: Costs,
  password: Uint8Array,
  salt: Uint8Array,
  lengthBytes: number,
): Promise<Uint8Array> {
  const N = 2 ** ln
  // What both engines count as theirs, so that neither's own limit, which is lower, decides.
  const maxmem = 128 * r * (N + p + 2)
  if (engine === null) {
    return inThreadLane(() => scryptAsync(password, salt, { N, r, p, dkLen: lengthBytes, maxmem }))
  }
  const byNode = (): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      engine.scrypt(password, salt, lengthBytes, { N, r, p, maxmem }, (error, key) => {
        // Node says null when all went well, Bun says undefined.
        if (error) reject(error)
        else resolve(new Uint8Array(key))
      })
    })
  return inPoolLane(byNode)
}

/** N * r: 256 MiB. */
const MAX_BLOCKS = 2 ** 21
/** N * r * p: 8 times the default's time. */
const MAX_WORK = 2 ** 23
