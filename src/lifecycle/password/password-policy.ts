import * as z from 'zod/mini'
import { within } from '../../runtime/within.js'
import type { Eventual } from '../../shared/eventual.js'
import { checkedOptions, port, TEXT, wholeNumber } from '../../shared/options.js'
import { MAX_PASSWORD_LENGTH } from './password-hasher.js'

/** What a new password has to be. There are no rules of composition: they make passwords worse. */
export interface PasswordPolicyOptions {
  /**
   * The fewest characters (code points, in NFC); 8 to 64. By default 15, the least where the password is all that is asked
   * for; 8 is the least where something else is asked for as well.
   */
  readonly minLength?: number
  /** Words that everybody would try here: the names of the service, the company, the product. */
  readonly words?: readonly string[]
  /** Knows the passwords that have leaked; none by default. */
  readonly breached?: BreachedPasswords
  /** How long `breached` may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
}

/** Knows which passwords have leaked somewhere, and are tried first everywhere. */
export interface BreachedPasswords {
  /**
   * Whether this password has leaked. It is given in clear and must not leave the process. What is thrown, a late answer and
   * one that is neither true nor false count as an outage; answer false yourself if an outage shall let passwords through.
   */
  isBreached(password: string): Eventual<boolean>
}

/** Why a new password is not taken. */
export type PasswordProblem =
  | 'too_short'
  | 'too_long' // more than 4,096 UTF-16 code units
  | 'malformed' // half of a surrogate pair, which would be hashed as another text; or no text at all
  | 'context_word' // the username or another word of this place, and nothing else but digits and signs
  | 'unchanged' // it is the one that it is to replace
  | 'breached'

export type PasswordJudgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly problems: readonly PasswordProblem[] }
  /** It cannot be told whether the password may be taken: nobody says whether it has leaked. */
  | {
      readonly kind: 'unavailable'
      readonly reason: 'policy_unavailable'
      readonly cause: unknown
    }

export interface PasswordPolicy {
  /**
   * Judges a new password. Never throws or rejects.
   *
   * @param words of this user: the username, the names, the address
   * @param replaced the password that it is to replace, where that is at hand
   */
  judge(password: string, words?: readonly string[], replaced?: string): Promise<PasswordJudgement>
  /** Whether a password has leaked, as far as can be told: null if that cannot be told, or nobody knows. */
  isBreached(password: string): Promise<boolean | null>
}

/**
 * Makes a policy for new passwords.
 *
 * @throws ConfigurationError `option_invalid`
 * @see NIST SP 800-63B-4 section 3.1.1.2
 */
export function createPasswordPolicy(options: PasswordPolicyOptions = {}): PasswordPolicy {
  const checked = checkedOptions('createPasswordPolicy', OPTIONS, options)
  const { minLength = 15, words: common = [], breached, timeoutMilliseconds = 2_000 } = checked

  const isBreached = async (password: string): Promise<boolean> => {
    if (breached === undefined) return false
    const asked = Promise.resolve(breached.isBreached(password))
    const waited = await within<unknown>(timeoutMilliseconds, asked)
    if (waited.kind === 'timed_out') throw new Error('no answer in time')
    if (typeof waited.value !== 'boolean') throw new Error('the answer is neither true nor false')
    return waited.value
  }

  return Object.freeze({
    async judge(password: string, words: readonly string[] = [], replaced?: string) {
      if (typeof password !== 'string') return { kind: 'rejected', problems: ['malformed'] }
      const problems = problemsOf(password, minLength, [...common, ...words])
      if (replaced !== undefined && isSame(password, replaced)) problems.push('unchanged')
      if (problems.length > 0) return { kind: 'rejected', problems }
      try {
        return (await isBreached(password))
          ? { kind: 'rejected', problems: ['breached'] }
          : { kind: 'accepted' }
      } catch (cause) {
        return { kind: 'unavailable', reason: 'policy_unavailable', cause }
      }
    },
    async isBreached(password: string) {
      if (breached === undefined) return null
      try {
        return await isBreached(password)
      } catch {
        return null
      }
    },
  } satisfies PasswordPolicy)
}

function problemsOf(
  password: string,
  minLength: number,
  words: readonly string[],
): PasswordProblem[] {
  // Before everything else: no long text is gone through in any other way.
  if (password.length > MAX_PASSWORD_LENGTH) return ['too_long']
  const problems: PasswordProblem[] = []
  if ([...password.normalize('NFC')].length < minLength) problems.push('too_short')
  if (/\p{Surrogate}/u.test(password)) problems.push('malformed')
  if (isMadeOf(words, password)) problems.push('context_word')
  return problems
}

/** Whether nothing but digits and signs is left without these words. An address counts as its two halves as well. */
function isMadeOf(words: readonly string[], password: string): boolean {
  const parts = words.flatMap((word) => [word, ...word.split('@')]).map(folded)
  // The longest first: a word may begin with another one.
  const known = parts.filter(({ length }) => length >= 3).sort((a, b) => b.length - a.length)
  const whole = folded(password)
  const rest = known.reduce((text, word) => text.replaceAll(word, ''), whole)
  return rest !== whole && !/\p{Letter}/u.test(rest)
}

/** As it looks, without regard to case. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** As the hasher sees them. */
function isSame(password: string, other: string): boolean {
  return password.normalize('NFC') === other.normalize('NFC')
}

const OPTIONS = /* @__PURE__ */ z.strictObject({
  minLength: z.optional(wholeNumber(8, 64)),
  words: z.optional(z.array(TEXT)),
  // Not even undefined: one that is misspelt where it comes from would let every leaked password through.
  breached: z.exactOptional(port<BreachedPasswords>('isBreached')),
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
})
