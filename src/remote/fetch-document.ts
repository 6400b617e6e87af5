import type { Result } from '../shared/result.js'
import { type ExchangeLimits, exchange } from './exchange.js'
import { type FreshnessBounds, freshSeconds, retryAfterSeconds } from './freshness.js'

/** What came of asking for a document once. */
export type Fetched<Document> =
  | {
      readonly kind: 'fetched'
      readonly document: Document
      /** How long it may be used without asking again. */
      readonly freshSeconds: number
    }
  | {
      readonly kind: 'failed'
      /** The server says that there is no such document. */
      readonly isAbsent: boolean
      readonly retryAfterSeconds: number | null
      readonly cause: Error
    }

/** How documents are asked for: the limits of each exchange, and how long their servers may have them kept. */
export interface FetchSettings extends ExchangeLimits, FreshnessBounds {
  /** The platform's if undefined. */
  readonly fetch: typeof globalThis.fetch | undefined
}

/**
 * Fetches a document and reads it. Never rejects: a body that `read` refuses is a failure like a status that is none.
 *
 * @param now seconds since the epoch, to read a `Retry-After` that is a date
 * @param read judges the body; its reason must not quote it
 */
export async function fetchDocument<Document>(
  request: { readonly url: string; readonly accept: readonly string[] },
  settings: FetchSettings,
  now: number,
  read: (bytes: Uint8Array) => Result<Document, string>,
): Promise<Fetched<Document>> {
  const answer = await exchange(request, settings, settings.fetch)
  if (answer.kind === 'failed') {
    const { isAbsent, retryAfter, cause } = answer
    return {
      kind: 'failed',
      isAbsent,
      retryAfterSeconds: retryAfterSeconds(retryAfter, now),
      cause,
    }
  }
  const document = read(answer.bytes)
  if (!document.ok) {
    return {
      kind: 'failed',
      isAbsent: false,
      retryAfterSeconds: null,
      cause: new Error(document.reason),
    }
  }
  return {
    kind: 'fetched',
    document: document.value,
    freshSeconds: freshSeconds(answer.fields, settings),
  }
}
