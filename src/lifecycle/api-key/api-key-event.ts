/** What API keys tell their operator. Holds no secret. `at` is in seconds since the epoch. */
export type ApiKeyEvent = ApiKeyChangedEvent | ApiKeysRevokedEvent | ApiKeyUseUnrecordedEvent

/** A key was created, rotated, revoked, or found where it should not be, and has ended for that. */
export interface ApiKeyChangedEvent {
  readonly kind: 'api_key_created' | 'api_key_rotated' | 'api_key_revoked' | 'api_key_leaked'
  readonly at: number
  readonly id: string
  readonly applicationId: string
}

/** All keys of an application were revoked at once. */
export interface ApiKeysRevokedEvent {
  readonly kind: 'api_keys_revoked'
  readonly at: number
  readonly applicationId: string
}

/** That a key was used could not be written. Its request was answered all the same. */
export interface ApiKeyUseUnrecordedEvent {
  readonly kind: 'api_key_use_unrecorded'
  readonly at: number
  readonly id: string
  /** What the store threw. Treat it as your own error, with what that may hold. */
  readonly cause: unknown
}
