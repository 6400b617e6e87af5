import type { WriteOptions } from '../../lifecycle/store/store.js'
import { randomBytes } from '../../runtime/random.js'
import { encodeBase64url } from '../../shared/base64.js'

/** The arguments that the scripts of every write have in common, in the order of `WRITE`. Throws for times that are none. */
export function writeArguments(
  value: string,
  { now, expiresAt, notice }: WriteOptions,
  channel: string,
): readonly string[] {
  const nonce = encodeBase64url(randomBytes(12))
  return [
    ` ${expiresAt === null ? '-' : expiresAt} ${nonce} ${value}`,
    expiresAt === null ? '' : stay(now, expiresAt),
    ...(notice === undefined
      ? ['', '', '', '']
      : [String(notice.until), stay(now, notice.until), notice.text, channel]),
  ]
}

/** How many seconds something stays that may be forgotten at this time. */
function stay(now: number, end: number): string {
  // The scripts read these numbers back.
  if (!Number.isSafeInteger(now) || !Number.isSafeInteger(end) || end < 0) {
    throw new Error('Expected whole seconds since the epoch.')
  }
  return String(Math.min(Math.max(0, end - now) + MARGIN_SECONDS, LONGEST_SECONDS))
}

/** By how much the clocks of two callers may differ without one of them missing what the other has written. */
const MARGIN_SECONDS = 60

/** A thousand years: Redis takes no number of seconds that overflows as milliseconds. */
const LONGEST_SECONDS = 31_536_000_000
