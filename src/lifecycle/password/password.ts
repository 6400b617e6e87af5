import * as z from 'zod/mini'
import { ConfigurationError } from '../../errors.js'
import { checkedOptions } from '../../shared/options.js'
import { argon2id } from './argon2id.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'
import { hasherOf, type PasswordHasher, type PasswordVerification } from './password-hasher.js'
import { scrypt } from './scrypt.js'

/** How new password hashes are made. Costs below OWASP's least, or beyond what a server can bear, are refused. */
export type PasswordHashing =
  | {
      readonly algorithm: 'argon2id'
      /** Memory in KiB; 19,456 by default. */
      readonly m?: number
      /** Passes; 2 by default. */
      readonly t?: number
      /** Lanes; 1 by default. */
      readonly p?: number
    }
  | {
      readonly algorithm: 'scrypt'
      /** The binary logarithm of N; 17 by default. */
      readonly ln?: number
      /** Block size; 8 by default. */
      readonly r?: number
      /** Lanes; 1 by default. */
      readonly p?: number
    }

/**
 * Hashes a password for storage, as a PHC string with a salt of its own: argon2id by default.
 *
 * Slow by intent (some 0.3 s of a core). The password is brought to NFC first (RFC 8265); a lone surrogate counts as
 * U+FFFD. Says nothing of how easily the password is guessed, and does not limit how many hashes run at once.
 *
 * @throws (rejects) ConfigurationError `option_invalid` for a password that is empty or longer than
 *   `MAX_PASSWORD_LENGTH`, and for options as {@link passwordHasher}
 */
export async function hashPassword(password: string, hashing?: PasswordHashing): Promise<string> {
  return passwordHasher(hashing).hash(password)
}

/**
 * Judges a password by its stored PHC string, of whichever algorithm and costs it was made with.
 *
 * @param hashing how new hashes are made; a match says whether the stored one is not made so
 * @returns `unusable` for a stored text that is not such a string, or whose costs are beyond bearing
 */
export async function verifyPassword(
  password: string,
  passwordHash: string,
  hashing?: PasswordHashing,
): Promise<PasswordVerification> {
  return passwordHasher(hashing).verify(password, passwordHash)
}

/** A PHC string that no password matches and that takes {@link verifyPassword} as long as a real one. Costs nothing. */
export function decoyHash(hashing?: PasswordHashing): string {
  return passwordHasher(hashing).decoyHash()
}

/**
 * The hasher that makes hashes in this way.
 *
 * @throws ConfigurationError `option_invalid` for an unknown member or algorithm, and for costs that are too weak or
 *   cannot be borne
 */
export function passwordHasher(
  hashing: PasswordHashing = { algorithm: 'argon2id' },
): PasswordHasher {
  const checked = checkedOptions('passwordHasher', HASHING, hashing)
  return checked.algorithm === 'argon2id'
    ? strongHasher(argon2id, [checked.m, checked.t, checked.p])
    : strongHasher(scrypt, [checked.ln, checked.r, checked.p])
}

function strongHasher(
  algorithm: PasswordAlgorithm,
  given: readonly [number | undefined, number | undefined, number | undefined],
): PasswordHasher {
  const { defaults, name } = algorithm
  const costs: Costs = [given[0] ?? defaults[0], given[1] ?? defaults[1], given[2] ?? defaults[2]]
  if (!algorithm.isStrong(costs))
    throw badCosts(name, 'too low: leave them out to get the defaults')
  if (!algorithm.isBearable(costs)) throw badCosts(name, 'more than a server can bear per login')
  return hasherOf(algorithm, costs)
}

function badCosts(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(
    'option_invalid',
    `passwordHasher: the costs of ${name} are ${problem}.`,
  )
}

const COST = /* @__PURE__ */ z.optional(z.int().check(z.positive()))
const HASHING = /* @__PURE__ */ z.discriminatedUnion('algorithm', [
  z.strictObject({ algorithm: z.literal('argon2id'), m: COST, t: COST, p: COST }),
  z.strictObject({ algorithm: z.literal('scrypt'), ln: COST, r: COST, p: COST }),
])
