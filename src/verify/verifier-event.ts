/** What a verifier tells the operator besides its verdicts: things that are wrong, or about to be, on our side. */
export type VerifierEvent = StoreSlowEvent | IntrospectionFailedEvent

/** A store answered, but took more than half of the time that it is given: soon it will be too late, and 503. */
export interface StoreSlowEvent {
  readonly kind: 'store_slow'
  /** Seconds since the epoch. */
  readonly at: number
  readonly milliseconds: number
  readonly timeoutMilliseconds: number
}

/** An authorization server was asked about a token and did not say what it is worth. Told once for each question. */
export interface IntrospectionFailedEvent {
  readonly kind: 'introspection_failed'
  readonly at: number
  /** `server`: it is left alone for a while. `token`: it answered, but for this token unusably. */
  readonly concerns: 'server' | 'token'
  /** Holds no token and no secret of ours. */
  readonly cause: unknown
}
