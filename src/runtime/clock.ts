/** Where "now" comes from. Everything that depends on time takes a clock or a `now`, so that tests can set it. */
export interface Clock {
  /** Whole seconds since the epoch. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
}
