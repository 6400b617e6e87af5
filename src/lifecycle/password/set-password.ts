import type { Eventual } from '../../shared/eventual.js'
import type { StoreWatch } from '../ask-store.js'
import { unavailable } from '../store/steps.js'
import {
  findPassword,
  HASHING_BUSY,
  matchPassword,
  type PasswordDesk,
  type PasswordsUnavailable,
  writeHash,
} from './check-password.js'
import type { PasswordJudgement, PasswordPolicy, PasswordProblem } from './password-policy.js'
import { accountOf, type CheckedRecord, type PasswordAccount } from './password-store.js'

/** What passwords are set with. */
export interface SettingDesk extends PasswordDesk {
  readonly policy: PasswordPolicy
}

export interface SettingOptions {
  /** More words that this user must not take: names, an address. The username is one always. */
  readonly words?: readonly string[]
  /**
   * Revokes what was issued to this subject. Called before the hash is replaced, so that nothing is left to do if we then
   * crash, and again after it, for what was issued to the old password in between. What it throws is an outage.
   */
  readonly revoke?: (subject: string) => Eventual<unknown>
}

/** The new password is not taken. Nothing was written. */
export interface PasswordRejected {
  readonly kind: 'rejected'
  readonly problems: readonly PasswordProblem[]
}

export type NewPasswordHash =
  | { readonly kind: 'hashed'; readonly passwordHash: string }
  | PasswordRejected
  | PasswordsUnavailable
  | Extract<PasswordJudgement, { readonly kind: 'unavailable' }>

export type PasswordSetting =
  | { readonly kind: 'changed'; readonly account: PasswordAccount }
  /**
   * The new password is set, but what was issued under the old one may still work. Never report this as done: the same call
   * again finishes it.
   */
  | { readonly kind: 'unrevoked'; readonly account: PasswordAccount; readonly cause: unknown }
  | Exclude<NewPasswordHash, { readonly kind: 'hashed' }>
  /** Nothing was written. */
  | { readonly kind: 'unavailable'; readonly reason: 'revocation_failed'; readonly cause: unknown }
  /** Others replace the same hash all the time. Nothing was written. */
  | { readonly kind: 'unavailable'; readonly reason: 'contended' }

/** A hash of a new password, if the policy takes it. Never rejects. */
export async function hashNewPassword(
  { policy, judge }: SettingDesk,
  password: string,
  words: readonly string[],
  replaced?: string,
): Promise<NewPasswordHash> {
  try {
    const judgement = await policy.judge(password, words, replaced)
    if (judgement.kind !== 'accepted') return judgement
  } catch (cause) {
    return { kind: 'unavailable', reason: 'policy_unavailable', cause }
  }
  try {
    const passwordHash = await judge.hash(password)
    return passwordHash === null ? HASHING_BUSY : { kind: 'hashed', passwordHash }
  } catch (cause) {
    return { kind: 'unavailable', reason: 'hasher_failed', cause }
  }
}

/** Sets a password, whatever the old one. Never rejects. */
export async function setPassword(
  desk: SettingDesk,
  username: string,
  password: string,
  { words = [], revoke }: SettingOptions,
  watch: StoreWatch,
): Promise<PasswordSetting | { readonly kind: 'absent' }> {
  const made = await hashNewPassword(desk, password, [username, ...words])
  if (made.kind !== 'hashed') return made
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await findPassword(desk, username, watch)
    if (answer.kind !== 'found') return answer
    const outcome = await replace(desk, answer.record, made.passwordHash, revoke)
    if (outcome !== null) return outcome
  }
  return CONTENDED
}

/** Sets a password if the old one is right, or finishes a call that did. Never rejects. */
export async function changePassword(
  desk: SettingDesk,
  username: string,
  replaced: string,
  password: string,
  { words = [], revoke }: SettingOptions,
  watch: StoreWatch,
): Promise<PasswordSetting | { readonly kind: 'mismatched' }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const matched = await matchPassword(desk, username, replaced, watch)
    if (matched.kind === 'mismatched') break
    if (matched.kind !== 'matched') return matched
    const made = await hashNewPassword(desk, password, [username, ...words], replaced)
    if (made.kind !== 'hashed') return made
    const outcome = await replace(desk, matched.record, made.passwordHash, revoke)
    if (outcome !== null) return outcome
    if (attempt === ATTEMPTS - 1) return CONTENDED
  }
  // The old password is wrong. If the new one is right, an earlier call has set it, and may have got no further.
  const finished = await matchPassword(desk, username, password, watch)
  return finished.kind === 'matched' ? revoked(finished.record, revoke) : finished
}

/** Null if the record has another hash by now. */
async function replace(
  desk: SettingDesk,
  record: CheckedRecord,
  passwordHash: string,
  revoke: SettingOptions['revoke'],
): Promise<PasswordSetting | null> {
  const before = await revoked(record, revoke)
  if (before.kind === 'unrevoked') {
    return { kind: 'unavailable', reason: 'revocation_failed', cause: before.cause }
  }
  try {
    if (!(await writeHash(desk, record, passwordHash))) return null
  } catch (cause) {
    return unavailable(cause)
  }
  // INVARIANT: after the write. What captured its epoch before this is revoked; what captures it later reads the new hash.
  return revoked(record, revoke)
}

async function revoked(
  record: CheckedRecord,
  revoke: SettingOptions['revoke'],
): Promise<Extract<PasswordSetting, { readonly kind: 'changed' | 'unrevoked' }>> {
  const account = accountOf(record)
  try {
    await revoke?.(account.subject)
    return { kind: 'changed', account }
  } catch (cause) {
    return { kind: 'unrevoked', account, cause }
  }
}

/** How often a hash that others have replaced meanwhile is read anew. */
const ATTEMPTS = 3
const CONTENDED = { kind: 'unavailable', reason: 'contended' } as const
