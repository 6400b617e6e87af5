import { parseHttpDate } from '../runtime/http-date.js'
import type { AnswerFields } from './exchange.js'

/** How long a document may be used, whatever its server says: inclusive, in seconds. */
export interface FreshnessBounds {
  readonly minAgeSeconds: number
  readonly maxAgeSeconds: number
}

/**
 * For how many seconds a document may be used without asking again: what its server says, within bounds.
 *
 * Reads `Cache-Control` (`max-age`, `no-store`, `no-cache`), `Age`, and `Expires` against `Date`. We are a private cache:
 * `s-maxage` is not ours. What is malformed counts as already old; a server that says nothing gets the upper bound.
 *
 * @see RFC 9111 sections 4.2, 5.1 to 5.3
 */
export function freshSeconds(fields: AnswerFields, bounds: FreshnessBounds): number {
  const { minAgeSeconds, maxAgeSeconds } = bounds
  const declared = declaredSeconds(fields)
  if (declared === null) return maxAgeSeconds
  const left = declared - (wholeNumber(fields.age) ?? 0)
  return Math.min(maxAgeSeconds, Math.max(minAgeSeconds, left))
}

/** Null if the server says nothing of the document's age. */
function declaredSeconds({ cacheControl, date, expires }: AnswerFields): number | null {
  const directives = (cacheControl ?? '').split(',').map((part) => part.trim().toLowerCase())
  if (directives.includes('no-store') || directives.includes('no-cache')) return 0
  const ages = directives.filter((part) => part.startsWith(MAX_AGE))
  const [only = ''] = ages
  if (ages.length > 0) return ages.length === 1 ? (wholeNumber(only.slice(MAX_AGE.length)) ?? 0) : 0
  if (expires === null) return null
  const until = parseHttpDate(expires)
  const from = date === null ? null : parseHttpDate(date)
  return until === null || from === null ? 0 : until - from
}

/** A `Retry-After` in seconds from `now`, or null if there is none that can be read. @see RFC 9110 section 10.2.3 */
export function retryAfterSeconds(field: string | null, now: number): number | null {
  const seconds = wholeNumber(field)
  if (seconds !== null || field === null) return seconds
  const date = parseHttpDate(field)
  return date === null ? null : Math.max(0, date - now)
}

/** What RFC 9111 section 1.2.2 calls delta-seconds: digits. More than a float holds is as good as for ever. */
function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}

const MAX_AGE = 'max-age='
