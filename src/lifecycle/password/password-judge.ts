import * as z from 'zod/mini'
import { port } from '../../shared/options.js'
import { type HashingGate, sharedHashingGate } from './hashing-gate.js'
import { type PasswordHashing, passwordHasher } from './password.js'
import type { PasswordHasher } from './password-hasher.js'

/** What a judge says of a password. */
export type PasswordVerdict =
  | 'match'
  | 'match_rehash' // and the hash is to be replaced
  | 'mismatch'
  | 'unusable' // the stored text is no hash that can be judged
  | 'busy' // too many hashes wait

/** Judges and hashes passwords, a few at a time. */
export interface PasswordJudge {
  /**
   * Judges a password by its stored hash. Null where there is none, for an unknown user: that costs the same work and never
   * matches. Rejects if the hasher does.
   */
  judge(password: string, passwordHash: string | null): Promise<PasswordVerdict>
  /** A hash for storage; null if too many wait. Rejects if the hasher does, and for a password that cannot be hashed. */
  hash(password: string): Promise<string | null>
}

/** How passwords are hashed and judged, as options of a factory. */
export interface PasswordJudgeOptions {
  /** How new hashes are made, or a hasher of your own; argon2id by default. */
  readonly passwords?: PasswordHashing | PasswordHasher | undefined
  /** How many hashes may run and wait; by default one gate for all of this process that checks passwords. */
  readonly hashingGate?: HashingGate | undefined
}

/** @throws ConfigurationError `option_invalid` */
export function passwordJudge({ passwords, hashingGate }: PasswordJudgeOptions): PasswordJudge {
  const hasher = hasherFrom(passwords)
  const gate = hashingGate ?? sharedHashingGate()
  // Made when first needed: some edge runtimes give out no random bytes at start-up.
  let decoy: string | null = null
  return {
    async judge(password, passwordHash) {
      decoy ??= hasher.decoyHash()
      const stored = passwordHash ?? decoy
      // A body that nobody has looked at may hold something else in the place of a text.
      const isText = typeof password === 'string'
      const job = await gate.run(() => hasher.verify(isText ? password : '', stored))
      if (job.kind === 'busy') return 'busy'
      // INVARIANT: asked after the work is done, and whatever its result: nobody has the decoy's password.
      if (passwordHash === null || !isText) return 'mismatch'
      if (job.value.kind !== 'match') return job.value.kind
      return job.value.rehash ? 'match_rehash' : 'match'
    },
    async hash(password) {
      const job = await gate.run(() => hasher.hash(password))
      return job.kind === 'busy' ? null : job.value
    },
  }
}

/** The shapes of {@link PasswordJudgeOptions}. */
export const PASSWORDS: z.ZodMiniOptional<z.ZodMiniType<PasswordHashing | PasswordHasher>> =
  /* @__PURE__ */ z.optional(
    z.union([
      port<PasswordHasher>('hash', 'verify', 'decoyHash'),
      z.custom<PasswordHashing>(namesAlgorithm), // which `passwordHasher` checks
    ]),
  )
export const HASHING_GATE: z.ZodMiniOptional<z.ZodMiniType<HashingGate>> =
  /* @__PURE__ */ z.optional(port<HashingGate>('run'))

function hasherFrom(passwords: PasswordHashing | PasswordHasher | undefined): PasswordHasher {
  return passwords !== undefined && 'verify' in passwords ? passwords : passwordHasher(passwords)
}

function namesAlgorithm(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'algorithm' in value
}
