import { argon2id } from './argon2id.js'
import type { PasswordAlgorithm } from './password-algorithm.js'
import { scrypt } from './scrypt.js'

/** The table of password hashes, by the name in their PHC strings. Nothing outside it is read or made. */
export const PASSWORD_ALGORITHMS: ReadonlyMap<string, PasswordAlgorithm> = /* @__PURE__ */ new Map([
  ['argon2id', argon2id],
  ['scrypt', scrypt],
])
