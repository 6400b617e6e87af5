import * as z from 'zod/mini'
import { TEXT } from '../../shared/options.js'

/** What a store keeps of a user who logs in with a password. */
export interface PasswordRecord {
  /** Exactly as it was asked for, letter for letter. */
  readonly username: string
  /** A PHC string from `hashPassword`. */
  readonly passwordHash: string
  /**
   * The user's stable id; the username by default. Give one if usernames can change or be reused. A login takes 255
   * characters at most.
   */
  readonly subject?: string
  /** Single scope tokens; none by default. */
  readonly scopes?: readonly string[]
}

/** Where users are looked up. It never sees a password. */
export interface PasswordStore {
  /**
   * The record of this very username, or null if there is none. A rejection, a late answer, a record of another
   * spelling and anything else that is not a record count as an outage, answered 503.
   */
  find(username: string): PasswordRecord | null | Promise<PasswordRecord | null>
  /**
   * Replaces a hash: one that was made in another way than today's, while its password is at hand. Write only if the record
   * still has `replaced`, in one atomic step: the password may have been changed meanwhile, and must not be changed back.
   *
   * @returns whether it was written
   */
  replaceHash?(username: string, passwordHash: string, replaced: string): boolean | Promise<boolean>
}

/** A store whose passwords can be changed. */
export type WritablePasswordStore = PasswordStore & Required<Pick<PasswordStore, 'replaceHash'>>

/** Who has a password. */
export interface PasswordAccount {
  readonly username: string
  /** The user's stable id. */
  readonly subject: string
  readonly scopes: readonly string[]
}

export function accountOf({
  username,
  subject = username,
  scopes = [],
}: CheckedRecord): PasswordAccount {
  return Object.freeze({ username, subject, scopes: Object.freeze([...scopes]) })
}

/** The shape of a record, as it is believed. */
export const PASSWORD_RECORD: z.ZodMiniType<CheckedRecord> = /* @__PURE__ */ z.object({
  username: z.string(),
  passwordHash: z.string(),
  subject: z.optional(TEXT),
  scopes: z.optional(z.array(z.string())),
})

export interface CheckedRecord {
  readonly username: string
  readonly passwordHash: string
  readonly subject?: string | undefined
  readonly scopes?: string[] | undefined
}

/** Checked where there is no record, so that time does not tell; its password is never judged. */
export const NOBODY: CheckedRecord = { username: '', passwordHash: '' }
