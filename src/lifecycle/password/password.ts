import * as z from 'zod/mini'
import { ConfigurationError } from '../../errors.js'
import { checkedOptions, functionOption } from '../../shared/options.js'
import { argon2id } from './argon2id.js'
import { inPoolLane } from './hashing-lanes.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'
import {
  type HasherVariation,
  hasherOf,
  type PasswordHasher,
  type PasswordVerification,
} from './password-hasher.js'
import { isPepperId, isPepperSecret, type Pepper, peppersOf } from './pepper.js'
import { scrypt } from './scrypt.js'

/**
 * How new password hashes are made. Costs below OWASP's least, or beyond what a server can bear, are refused.
 */
export type PasswordHashing = Argon2idHashing | ScryptHashing

export interface Argon2idHashing extends Peppering {
  readonly algorithm: 'argon2id'
  /** Memory in KiB; 19,456 by default. */
  readonly m?: number
  /** Passes; 2 by default. */
  readonly t?: number
  /** Lanes; 1 by default. */
  readonly p?: number
  /** By default Node's own Argon2 where it has one (24.7 and later), else the portable one. */
  readonly engine?: Argon2idEngine
}

export interface ScryptHashing extends Peppering {
  readonly algorithm: 'scrypt'
  /** The binary logarithm of N; 17 by default. */
  readonly ln?: number
  /** Block size; 8 by default. */
  readonly r?: number
  /** Lanes; 1 by default. */
  readonly p?: number
}

export interface Peppering {
  /** A secret that is mixed into new hashes; none by default. Lost, it takes every password with it. */
  readonly pepper?: Pepper
  /** Earlier ones, which stored hashes were made with. A good login replaces such a hash. */
  readonly formerPeppers?: readonly Pepper[]
}

/**
 * Computes Argon2id, version 0x13, on threads: a package of your choice, such as `@node-rs/argon2`.
 *
 * @returns `lengthBytes` bytes. What it throws, and other answers, count as our side's fault.
 * @see RFC 9106
 */
export type Argon2idEngine = (input: {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** Memory in KiB. */
  readonly m: number
  /** Passes. */
  readonly t: number
  /** Lanes. */
  readonly p: number
  readonly lengthBytes: number
}) => Promise<Uint8Array>

/**
 * Hashes a password for storage, as a PHC string with a salt of its own: argon2id by default.
 *
 * Slow by intent: some 0.03 s of a core where Node has Argon2, 0.3 s elsewhere. The password is brought to NFC first (RFC 8265); a lone surrogate counts as
 * U+FFFD. Says nothing of how easily the password is guessed, and does not limit how many hashes wait.
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
 * The hasher that makes hashes in this way, and judges those of every algorithm, costs and listed pepper.
 *
 * @throws ConfigurationError `option_invalid` for an unknown member or algorithm, for costs that are too weak or cannot be
 *   borne, and for a pepper of fewer than 32 bytes or two of one id
 */
export function passwordHasher(
  hashing: PasswordHashing = { algorithm: 'argon2id' },
): PasswordHasher {
  const checked = checkedOptions('passwordHasher', HASHING, hashing)
  const peppers = peppersOf(checked.pepper, checked.formerPeppers ?? [])
  if (peppers === null) throw new ConfigurationError('option_invalid', TWO_OF_ONE_ID)
  if (checked.algorithm === 'scrypt') {
    return strongHasher(scrypt, [checked.ln, checked.r, checked.p], { peppers })
  }
  const { engine } = checked
  const variation = engine === undefined ? { peppers } : { peppers, derive: deriveBy(engine) }
  return strongHasher(argon2id, [checked.m, checked.t, checked.p], variation)
}

function strongHasher(
  algorithm: PasswordAlgorithm,
  given: readonly [number | undefined, number | undefined, number | undefined],
  variation: HasherVariation,
): PasswordHasher {
  const { defaults, name } = algorithm
  const costs: Costs = [given[0] ?? defaults[0], given[1] ?? defaults[1], given[2] ?? defaults[2]]
  if (!algorithm.isStrong(costs))
    throw badCosts(name, 'too low: leave them out to get the defaults')
  if (!algorithm.isBearable(costs)) throw badCosts(name, 'more than a server can bear per login')
  return hasherOf(algorithm, costs, variation)
}

function deriveBy(engine: Argon2idEngine): PasswordAlgorithm['derive'] {
  return async ([m, t, p], password, salt, lengthBytes) => {
    const hash = await inPoolLane(async () => engine({ password, salt, m, t, p, lengthBytes }))
    if (!(hash instanceof Uint8Array) || hash.length !== lengthBytes) {
      throw new Error(`The engine did not answer with a hash of ${lengthBytes} bytes.`)
    }
    return hash
  }
}

function badCosts(name: string, problem: string): ConfigurationError {
  return new ConfigurationError(
    'option_invalid',
    `passwordHasher: the costs of ${name} are ${problem}.`,
  )
}

const TWO_OF_ONE_ID = 'passwordHasher: two peppers have one id.'

const COST = /* @__PURE__ */ z.optional(z.int().check(z.positive()))
const PEPPER = /* @__PURE__ */ z.strictObject({
  id: z.string().check(z.refine(isPepperId)),
  secret: z.custom<Pepper['secret']>(isPepperSecret),
})
const PEPPERING = {
  pepper: /* @__PURE__ */ z.optional(PEPPER),
  formerPeppers: /* @__PURE__ */ z.optional(z.array(PEPPER)),
}
const HASHING = /* @__PURE__ */ z.discriminatedUnion('algorithm', [
  z.strictObject({
    algorithm: z.literal('argon2id'),
    m: COST,
    t: COST,
    p: COST,
    engine: z.optional(functionOption<Argon2idEngine>()),
    ...PEPPERING,
  }),
  z.strictObject({ algorithm: z.literal('scrypt'), ln: COST, r: COST, p: COST, ...PEPPERING }),
])
