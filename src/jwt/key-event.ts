import type { KeyProblem } from './key-vetting.js'

/**
 * What a key source tells its operator. Holds no key material, and of a URL neither query nor password.
 *
 * `source` is what the source calls itself: its issuer, or the URL of its keys. `at` is in seconds since the epoch.
 */
export type KeyEvent =
  | KeysStaleEvent
  | KeysUnavailableEvent
  | KeysRecoveredEvent
  | KeysChangedEvent
  | KeySkippedEvent

/** The issuer could not be asked, and the keys we hold go on serving. Once for each failed attempt. */
export interface KeysStaleEvent {
  readonly kind: 'keys_stale'
  readonly at: number
  readonly source: string
  /** How old the keys are. */
  readonly ageSeconds: number
  /** When they end to serve, unless an attempt succeeds before: seconds since the epoch. */
  readonly servedUntil: number
  readonly cause: unknown
}

/** The issuer could not be asked, and there are no keys to serve with: tokens are answered 503. Once for each attempt. */
export interface KeysUnavailableEvent {
  readonly kind: 'keys_unavailable'
  readonly at: number
  readonly source: string
  readonly retryAfterSeconds: number
  readonly cause: unknown
}

/** An attempt succeeded after others had failed. */
export interface KeysRecoveredEvent {
  readonly kind: 'keys_recovered'
  readonly at: number
  readonly source: string
  readonly failedAttempts: number
}

/** The issuer publishes other keys than it did: a rotation. A key that is removed is refused from now on. */
export interface KeysChangedEvent {
  readonly kind: 'keys_changed'
  readonly at: number
  readonly source: string
  /** The `kid` of each key, or null for one without. */
  readonly added: readonly (string | null)[]
  readonly removed: readonly (string | null)[]
}

/** A key of a fetched set is not used, and the others serve. Once for each state of the set. */
export interface KeySkippedEvent {
  readonly kind: 'key_skipped'
  readonly at: number
  readonly source: string | null
  readonly kid: string | null
  readonly problem: SkippedKeyProblem
}

export type SkippedKeyProblem = KeyProblem | 'shared_secret' // everybody can read what is published

/** Takes events, while a request waits or afterwards. */
export type KeyReport = (event: KeyEvent) => void
