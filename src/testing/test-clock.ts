import type { Clock } from '../runtime/clock.js'

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  /** Moves the clock by whole seconds; backwards if negative. */
  advance(seconds: number): void
}

/** A clock for tests. Hand it to the gate and to the test issuer, so that both live at the same moment. */
export function createTestClock(now: number = DEFAULT_NOW): TestClock {
  let current = now
  return {
    now: () => current,
    advance: (seconds) => {
      current += seconds
    },
  }
}

/** 2026-01-12T00:00:00Z. */
const DEFAULT_NOW = 1_768_176_000
