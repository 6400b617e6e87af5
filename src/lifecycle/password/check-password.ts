import { within } from '../../runtime/within.js'
import { askStore, type StoreWatch, unusableRecord } from '../ask-store.js'
import type { StoreUnavailable } from '../store/steps.js'
import { isStoreText } from '../store/store.js'
import type { PasswordJudge, PasswordVerdict } from './password-judge.js'
import {
  type CheckedRecord,
  NOBODY,
  PASSWORD_RECORD,
  type PasswordStore,
} from './password-store.js'

/** What passwords are checked with. */
export interface PasswordDesk {
  readonly store: PasswordStore
  readonly judge: PasswordJudge
  /** For each answer of the store. */
  readonly timeoutMilliseconds: number
}

/** Our side's fault: 503. */
export type PasswordsUnavailable =
  | StoreUnavailable
  | {
      readonly kind: 'unavailable'
      readonly reason: 'hashing_busy'
      readonly retryAfterSeconds: number
    }
  | { readonly kind: 'unavailable'; readonly reason: 'hasher_failed'; readonly cause: unknown }

export type FoundPassword =
  | { readonly kind: 'found'; readonly record: CheckedRecord }
  | { readonly kind: 'absent' }
  | StoreUnavailable

export type MatchedPassword =
  | {
      readonly kind: 'matched'
      readonly record: CheckedRecord
      /** Its hash is to be replaced. */
      readonly rehash: boolean
    }
  /** The password is wrong, or nobody has this name: the two are not told apart. */
  | { readonly kind: 'mismatched' }
  | PasswordsUnavailable

/**
 * The record of this name. Never rejects.
 *
 * A name that no store can keep (more than 512 characters, none, control characters, half a surrogate pair), and what is no
 * text, as a body that nobody has looked at may hold, is nobody's,
 * and no store is asked: some would throw, and an outage is not what such a request should be able to make.
 */
export async function findPassword(
  { store, timeoutMilliseconds }: PasswordDesk,
  username: string,
  watch: StoreWatch,
): Promise<FoundPassword> {
  if (typeof username !== 'string' || !isStoreText(username)) return { kind: 'absent' }
  const ask = () => store.find(username)
  const answer = await askStore(ask, PASSWORD_RECORD, timeoutMilliseconds, watch, NOBODY)
  if (answer.kind !== 'found' || answer.record.username === username) return answer
  return unusableRecord('username')
}

/** Is this the password of this name? An unknown one costs the same work. Never rejects. */
export async function matchPassword(
  desk: PasswordDesk,
  username: string,
  password: string,
  watch: StoreWatch,
): Promise<MatchedPassword> {
  const answer = await findPassword(desk, username, watch)
  if (answer.kind === 'unavailable') return answer
  const record = answer.kind === 'found' ? answer.record : null
  const verdict = await judged(desk, password, record)
  if (typeof verdict !== 'string') return verdict
  if (record === null || verdict === 'mismatch') return { kind: 'mismatched' }
  return { kind: 'matched', record, rehash: verdict === 'match_rehash' }
}

/** The same, and replaces a hash that is to be replaced. Best effort: the password was right, whatever becomes of that. */
export async function checkPassword(
  desk: PasswordDesk,
  username: string,
  password: string,
  watch: StoreWatch,
): Promise<MatchedPassword> {
  const matched = await matchPassword(desk, username, password, watch)
  if (matched.kind !== 'matched' || !matched.rehash) return matched
  if (desk.store.replaceHash === undefined) return matched
  try {
    const passwordHash = await desk.judge.hash(password)
    if (passwordHash !== null) await writeHash(desk, matched.record, passwordHash)
  } catch {
    // The old hash stays, and the next login tries again.
  }
  return matched
}

/** Replaces the hash of this record. False if the record has another one by now. Rejects if the store does not say. */
export async function writeHash(
  { store, timeoutMilliseconds }: PasswordDesk,
  { username, passwordHash: replaced }: CheckedRecord,
  passwordHash: string,
): Promise<boolean> {
  const asked = Promise.resolve(store.replaceHash?.(username, passwordHash, replaced))
  const waited = await within<unknown>(timeoutMilliseconds, asked)
  if (waited.kind === 'timed_out') throw new Error('The store did not answer.')
  if (typeof waited.value !== 'boolean') throw new Error('The store did not say if it has written.')
  return waited.value
}

async function judged(
  { judge }: PasswordDesk,
  password: string,
  record: CheckedRecord | null,
): Promise<Exclude<PasswordVerdict, 'busy' | 'unusable'> | PasswordsUnavailable> {
  try {
    const verdict = await judge.judge(password, record?.passwordHash ?? null)
    if (verdict === 'busy') return HASHING_BUSY
    return verdict === 'unusable' ? unusableRecord('passwordHash') : verdict
  } catch (cause) {
    return { kind: 'unavailable', reason: 'hasher_failed', cause }
  }
}

export const HASHING_BUSY: PasswordsUnavailable = {
  kind: 'unavailable',
  reason: 'hashing_busy',
  retryAfterSeconds: 1,
}
