import { ConfigurationError } from '../../errors.js'
import { randomBytes } from '../../runtime/random.js'
import { timingSafeEqual } from '../../runtime/timing-safe.js'
import { utf8Bytes } from '../../shared/bytes.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'
import { NO_PEPPERS, type Peppers, peppered } from './pepper.js'
import { formatPhc, type PasswordHash, parsePhc } from './phc.js'

/** What a password is to a stored hash. */
export type PasswordVerification =
  | {
      readonly kind: 'match'
      /** The hash was not made as new ones are, or with another pepper: replace it while the password is at hand. */
      readonly rehash: boolean
    }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'unusable' } // the stored text is no hash that can be judged, or its pepper is not known

/**
 * Makes and checks password hashes. The port behind `basic`: implement it to use an engine of your own, such as a
 * native Argon2. It must not throw for any text; a rejection counts as our side's fault.
 */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Takes as long for a mismatch as for a match. */
  verify(password: string, passwordHash: string): Promise<PasswordVerification>
  /** A hash that no password matches and that takes `verify` as long as a real one: it stands in for unknown users. */
  decoyHash(): string
}

/** The most characters (UTF-16 code units) of a password, inclusive; there must be at least one. */
export const MAX_PASSWORD_LENGTH = 4_096

/** What a hasher does in another way than the table of algorithms says. */
export interface HasherVariation {
  /** Takes the place of the algorithm's own engine. */
  readonly derive?: PasswordAlgorithm['derive']
  readonly peppers?: Peppers
}

/**
 * The hasher for these costs, weak ones included. INVARIANT: they are bearable.
 *
 * `passwordHasher` is the way in that refuses weak costs; this one is for it and for tests that need to be quick.
 */
export function hasherOf(
  algorithm: PasswordAlgorithm,
  costs: Costs,
  { derive = algorithm.derive, peppers = NO_PEPPERS }: HasherVariation = {},
): PasswordHasher {
  const pepperId = peppers.current
  const deriveWith = (made: Omit<PasswordHash, 'hash'>, password: string, length: number) => {
    const bytes = passwordBytes(password)
    const secret = made.pepperId === null ? null : peppers.secrets.get(made.pepperId)
    if (secret === undefined) return null
    const input = secret === null ? bytes : peppered(bytes, secret)
    const engine = made.algorithm === algorithm ? derive : made.algorithm.derive
    return engine(made.costs, input, made.salt, length)
  }
  return {
    async hash(password) {
      if (!isHashable(password)) throw notHashable()
      const made = { algorithm, costs, pepperId, salt: randomBytes(SALT_BYTES) }
      const hash = await deriveWith(made, password, HASH_BYTES)
      // INVARIANT: a hasher knows its current pepper.
      if (hash === null) throw new Error('The pepper is missing.')
      return formatPhc({ ...made, hash })
    },

    async verify(password, passwordHash) {
      const parsed = parsePhc(passwordHash)
      if (!parsed.ok) return { kind: 'unusable' }
      const stored = parsed.value
      // What cannot be anyone's password costs the same work: time must not tell it from a wrong one.
      const hashable = isHashable(password)
      const derived = await deriveWith(stored, hashable ? password : '', stored.hash.length)
      if (derived === null) return { kind: 'unusable' }
      if (!timingSafeEqual(derived, stored.hash) || !hashable) return { kind: 'mismatch' }
      const current =
        stored.algorithm === algorithm &&
        stored.costs.every((cost, index) => cost === costs[index]) &&
        stored.pepperId === pepperId &&
        stored.salt.length >= SALT_BYTES &&
        stored.hash.length >= HASH_BYTES
      return { kind: 'match', rehash: !current }
    },

    decoyHash() {
      // Random bytes in place of a hash need no hashing, and match a password with a chance of 2^-256.
      const [salt, hash] = [randomBytes(SALT_BYTES), randomBytes(HASH_BYTES)]
      return formatPhc({ algorithm, costs, pepperId, salt, hash })
    },
  }
}

function isHashable(password: string): boolean {
  return password !== '' && password.length <= MAX_PASSWORD_LENGTH
}

function notHashable(): ConfigurationError {
  return new ConfigurationError(
    'option_invalid',
    `A password must have 1 to ${MAX_PASSWORD_LENGTH} characters; check that before you hash it.`,
  )
}

/** In NFC, so that composed and decomposed spellings of what a person typed are one password (RFC 8265 section 4.2). */
function passwordBytes(password: string): Uint8Array {
  return utf8Bytes(password.normalize('NFC'))
}

const SALT_BYTES = 16
const HASH_BYTES = 32
