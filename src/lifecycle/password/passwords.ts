import * as z from 'zod/mini'
import { type Clock, readClock, systemClock } from '../../runtime/clock.js'
import { checkedOptions, functionOption, port, wholeNumber } from '../../shared/options.js'
import { tell } from '../../shared/tell.js'
import { STORE_TIMEOUT_MILLISECONDS, type StoreSlowEvent, type StoreWatch } from '../ask-store.js'
import type { StoreUnavailable } from '../store/steps.js'
import { checkPassword, findPassword, type PasswordsUnavailable } from './check-password.js'
import type { HashingGate } from './hashing-gate.js'
import type { PasswordHashing } from './password.js'
import type { PasswordHasher } from './password-hasher.js'
import { HASHING_GATE, PASSWORDS, passwordJudge } from './password-judge.js'
import { createPasswordPolicy, type PasswordPolicy } from './password-policy.js'
import { accountOf, type PasswordAccount, type WritablePasswordStore } from './password-store.js'
import {
  changePassword,
  hashNewPassword,
  type NewPasswordHash,
  type PasswordSetting,
  type SettingDesk,
  type SettingOptions,
  setPassword,
} from './set-password.js'

export interface PasswordsOptions {
  readonly store: WritablePasswordStore
  /** How new hashes are made, or a hasher of your own; argon2id by default. */
  readonly passwords?: PasswordHashing | PasswordHasher
  /** What new passwords have to be; `createPasswordPolicy()` by default. */
  readonly policy?: PasswordPolicy
  /** How many hashes may run and wait; by default one gate for all of this process that checks passwords. */
  readonly hashingGate?: HashingGate
  /** How long the store may take for each answer; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** Told when the store gets slow. What it throws is dropped. */
  readonly onEvent?: (event: StoreSlowEvent) => void
  readonly clock?: Clock
}

export type AccountLookup =
  | { readonly kind: 'found'; readonly account: PasswordAccount }
  | { readonly kind: 'absent' }
  | StoreUnavailable

export type PasswordCheck =
  | { readonly kind: 'matched'; readonly account: PasswordAccount }
  /** The password is wrong, or nobody has this name: the two are not told apart. */
  | { readonly kind: 'mismatched' }
  | PasswordsUnavailable

/** The passwords of a store: checked, set and changed. Nothing here throws or rejects; nothing counts attempts. */
export interface Passwords {
  /** Who has this name, without a word about the password. For us, not for clients. */
  find(username: string): Promise<AccountLookup>
  /**
   * Is this the password? An unknown user costs the same work. A hash that was made in another way than today's, or with
   * another pepper, is replaced; if that fails, the next login tries again.
   */
  check(username: string, password: string): Promise<PasswordCheck>
  /** Whether the policy's list of leaked passwords has this one; null if it cannot tell, or there is none. */
  isBreached(password: string): Promise<boolean | null>
  /** A hash for a user who is yet to be stored, if the policy takes the password. */
  hashNew(password: string, words?: readonly string[]): Promise<NewPasswordHash>
  /** Sets a password without asking for the old one: for whoever has proven otherwise who they are. */
  set(
    username: string,
    password: string,
    options?: SettingOptions,
  ): Promise<PasswordSetting | { readonly kind: 'absent' }>
  /**
   * Sets a password if the old one is right. To repeat the call finishes what a crash, an outage or `unrevoked` has
   * interrupted: when the old password is wrong because the new one is set already, what is left is done.
   *
   * An unknown user and a wrong password are the same, and cost the same: two hashes.
   */
  change(
    username: string,
    replaced: string,
    password: string,
    options?: SettingOptions,
  ): Promise<PasswordSetting | { readonly kind: 'mismatched' }>
}

/**
 * Opens the passwords of a store.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createPasswords(options: PasswordsOptions): Passwords {
  const checked = checkedOptions('createPasswords', OPTIONS, options)
  const { onEvent, clock = systemClock } = checked
  const desk: SettingDesk = {
    store: checked.store,
    judge: passwordJudge(checked),
    policy: checked.policy ?? createPasswordPolicy(),
    timeoutMilliseconds: checked.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS,
  }
  const report = (event: StoreSlowEvent): void => tell(onEvent, event)
  const watch = (): StoreWatch => ({ now: readClock(clock), report })
  return Object.freeze({
    async find(username: string) {
      const found = await findPassword(desk, username, watch())
      return found.kind === 'found' ? { kind: 'found', account: accountOf(found.record) } : found
    },
    async check(username: string, password: string) {
      const matched = await checkPassword(desk, username, password, watch())
      return matched.kind === 'matched'
        ? { kind: 'matched', account: accountOf(matched.record) }
        : matched
    },
    isBreached: (password: string) => desk.policy.isBreached(password),
    hashNew: (password: string, words: readonly string[] = []) =>
      hashNewPassword(desk, password, words),
    set: (username: string, password: string, options: SettingOptions = {}) =>
      setPassword(desk, username, password, options, watch()),
    change: (username: string, replaced: string, password: string, options: SettingOptions = {}) =>
      changePassword(desk, username, replaced, password, options, watch()),
  } satisfies Passwords)
}

const OPTIONS = /* @__PURE__ */ z.strictObject({
  store: port<WritablePasswordStore>('find', 'replaceHash'),
  passwords: PASSWORDS,
  // Not even undefined: one that is misspelt where it comes from would be the default, which knows no leaked passwords.
  policy: z.exactOptional(port<PasswordPolicy>('judge', 'isBreached')),
  hashingGate: HASHING_GATE,
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
  onEvent: z.optional(functionOption<(event: StoreSlowEvent) => void>()),
  clock: z.optional(port<Clock>('now')),
})
