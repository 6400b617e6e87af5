import { argon2idAsync } from '@noble/hashes/argon2.js'
import { type NodeArgon2, nodeArgon2 } from '../../runtime/node-crypto.js'
import { inPoolLane, inThreadLane } from './hashing-lanes.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'

/**
 * Argon2id, version 0x13: `m` KiB of memory, `t` passes, `p` lanes. With the defaults one hash takes some 0.03 s of a
 * core on `node:crypto`'s thread pool, where Node has Argon2 (24.7 and later). Elsewhere it takes some 0.3 s of the main
 * thread, and yields to the loop every few milliseconds.
 *
 * @see RFC 9106
 */
export const argon2id: PasswordAlgorithm = {
  name: 'argon2id',
  version: 'v=19',
  costNames: ['m', 't', 'p'],
  defaults: [19_456, 2, 1],
  isBearable: ([m, t, p]) =>
    p <= MAX_LANES && m >= 8 * p && m <= MAX_MEMORY_KIB && m * t <= MAX_WORK_KIB,
  // The flattest of OWASP's equal settings are m=7168 t=5 and m=47104 t=1.
  isStrong: ([m, t]) => m >= 7_168 && m * t >= 7_168 * 5,
  derive: (costs, password, salt, lengthBytes) =>
    deriveArgon2id(nodeArgon2(), costs, password, salt, lengthBytes),
}

/** {@link argon2id}'s hash by this engine, or without any if it is null or has no Argon2. All give the same bytes. */
export async function deriveArgon2id(
  engine: NodeArgon2 | null,
  costs: Costs,
  password: Uint8Array,
  salt: Uint8Array,
  lengthBytes: number,
): Promise<Uint8Array> {
  const native =
    engine === null
      ? null
      : await inPoolLane(() => byNode(engine, costs, password, salt, lengthBytes))
  if (native !== null) return native
  const [m, t, p] = costs
  return inThreadLane(() => argon2idAsync(password, salt, { m, t, p, dkLen: lengthBytes }))
}

/** Null if this build of Node has no Argon2 after all. Rejects if it has, and fails. */
function byNode(
  engine: NodeArgon2,
  [memory, passes, parallelism]: Costs,
  message: Uint8Array,
  nonce: Uint8Array,
  tagLength: number,
): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    try {
      const parameters = { message, nonce, parallelism, tagLength, memory, passes }
      engine.argon2('argon2id', parameters, (error, tag) => {
        if (error) reject(error)
        else resolve(new Uint8Array(tag))
      })
    } catch {
      resolve(null)
    }
  })
}

const MAX_LANES = 16
/** 256 MiB. */
const MAX_MEMORY_KIB = 262_144
/** Memory times passes: about 50 times the default's time. */
const MAX_WORK_KIB = 2_097_152
