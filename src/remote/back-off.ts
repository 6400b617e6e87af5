/** What the wait after a failure depends on. */
export interface Trouble {
  /** How many attempts have failed in a row, this one included: 1 or more. */
  readonly failures: number
  /** The least wait. */
  readonly cooldownSeconds: number
  /** What the server asked for, or null. */
  readonly retryAfterSeconds: number | null
  /** From 0 up to 1. */
  readonly random: number
}

/**
 * How many seconds to leave a server alone after a failure: the cooldown, then twice as long each time, up to a minute.
 *
 * From the second failure on up to a quarter is added by chance, so that the processes of one service do not come back
 * together. A `Retry-After` makes it longer, up to five minutes. Never less than the cooldown.
 */
export function backOffSeconds(trouble: Trouble): number {
  const { failures, cooldownSeconds, retryAfterSeconds, random } = trouble
  const doubled = cooldownSeconds * 2 ** Math.min(failures - 1, MOST_DOUBLINGS)
  const delay = Math.min(doubled, Math.max(cooldownSeconds, LONGEST_SECONDS))
  const spread = failures === 1 ? delay : Math.ceil(delay * (1 + random / 4))
  const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS)
  return Math.max(spread, Math.ceil(asked))
}

const LONGEST_SECONDS = 60
const LONGEST_RETRY_AFTER_SECONDS = 300
/** Enough to reach the longest wait from the shortest cooldown. */
const MOST_DOUBLINGS = 6
