import { argon2idAsync } from '@noble/hashes/argon2.js'
import type { PasswordAlgorithm } from './password-algorithm.js'

/**
 * Argon2id, version 0x13: `m` KiB of memory, `t` passes, `p` lanes. It runs on the main thread and yields to the loop
 * every few milliseconds; with the defaults one hash takes some 0.3 s of a core.
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
  derive: ([m, t, p], password, salt, dkLen) => argon2idAsync(password, salt, { m, t, p, dkLen }),
}

const MAX_LANES = 16
/** 256 MiB. */
const MAX_MEMORY_KIB = 262_144
/** Memory times passes: about 50 times the default's time. */
const MAX_WORK_KIB = 2_097_152
