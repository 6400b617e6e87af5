/** What a verifier tells the operator besides its verdicts: things that are wrong, or about to be, on our side. */
export type VerifierEvent = StoreSlowEvent

/** A store answered, but took more than half of the time that it is given: soon it will be too late, and 503. */
export interface StoreSlowEvent {
  readonly kind: 'store_slow'
  /** Seconds since the epoch. */
  readonly at: number
  readonly milliseconds: number
  readonly timeoutMilliseconds: number
}
