/** What a mirror of revocations tells its operator. */
export type RevocationEvent = FeedFailedEvent | FeedRecoveredEvent | UnreadableRevocationEvent

/** The feed cannot be read: what others revoke is not heard of. */
export interface FeedFailedEvent {
  readonly kind: 'revocation_feed_failed'
  /** Seconds since the epoch. */
  readonly at: number
  /** How many readings in a row. */
  readonly failures: number
  /** What the store threw. Treat it as your own error. */
  readonly cause: unknown
}

/** The feed is read again, to its end. */
export interface FeedRecoveredEvent {
  readonly kind: 'revocation_feed_recovered'
  readonly at: number
  /** How many readings had failed. */
  readonly failures: number
}

/** An entry of the feed is none that this version can read. It may be a revocation, so that the mirror counts as lagging. */
export interface UnreadableRevocationEvent {
  readonly kind: 'revocation_unreadable'
  readonly at: number
  /** Until when, in seconds since the epoch. */
  readonly until: number
}
