import { within } from '../runtime/within.js'
import { parseSecureUrl } from '../shared/secure-url.js'

/** What is asked of a server that the configuration names. Nothing of it may come from a request or a token. */
export interface ExchangeRequest {
  /** https, or http on a loopback host. */
  readonly url: string
  readonly method?: 'GET' | 'POST'
  /** The media types to accept, in lower case and without parameters: what `Accept` says and what an answer must be. */
  readonly accept: readonly string[]
  /** Further fields: credentials of ours only if they stand here. */
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
}

/** How one exchange is bounded. */
export interface ExchangeLimits {
  /** For the whole exchange, the body included. */
  readonly timeoutMilliseconds: number
  /** Counted as the body arrives and after it is decompressed, whatever its `Content-Length` says. Inclusive. */
  readonly maxBytes: number
}

/** What came of an exchange. */
export type Exchange =
  | {
      readonly kind: 'answered' // status 200, one of the accepted types, all of the body
      /** One of `accept`. */
      readonly mediaType: string
      readonly fields: AnswerFields
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'failed'
      /** Null if no answer came. */
      readonly status: number | null
      /** The server says that there is nothing at this URL. */
      readonly isAbsent: boolean
      /** `Retry-After`, as it was sent. */
      readonly retryAfter: string | null
      /** For the operator's events. Holds nothing that was sent. */
      readonly cause: Error
    }

/** What an answer says of its own age, as it was sent. @see RFC 9111 section 5 */
export interface AnswerFields {
  readonly cacheControl: string | null
  readonly age: string | null
  readonly date: string | null
  readonly expires: string | null
}

/**
 * Asks a server once, within limits of time and size. Never rejects and always ends in time, even if `fetch` is the
 * caller's own and does not hear its signal.
 *
 * Follows no redirect, sends no cookies, and reads no body but one that it will return. Does not look inside it.
 */
export async function exchange(
  request: ExchangeRequest,
  limits: ExchangeLimits,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<Exchange> {
  const controller = new AbortController()
  const { timeoutMilliseconds, maxBytes } = limits
  try {
    if (parseSecureUrl(request.url) === null) return failed('the URL is not https')
    const init = requestInit(request, controller.signal)
    if (init === null) return failed('a field of the request is malformed')
    const waited = await within(
      timeoutMilliseconds,
      attempt(() => fetch(request.url, init), request.accept, controller.signal, maxBytes),
    )
    if (waited.kind === 'settled') return waited.value
    return failed(`no whole answer within ${timeoutMilliseconds} ms`)
  } catch (cause) {
    return failed('no whole answer', cause)
  } finally {
    // Closes the connection of an exchange that was given up on; after a complete one it does nothing.
    controller.abort()
  }
}

function requestInit(request: ExchangeRequest, signal: AbortSignal): RequestInit | null {
  const { method = 'GET', accept, fields, body } = request
  const init: RequestInit = { method, redirect: 'manual', signal, ...withoutCookies() }
  if (body !== undefined) init.body = body
  try {
    init.headers = new Headers({ ...fields, accept: accept.join(', ') })
    return init
  } catch {
    // What is thrown here quotes the value, which may be a credential.
    return null
  }
}

async function attempt(
  fetch: () => Promise<Response>,
  accept: readonly string[],
  signal: AbortSignal,
  maxBytes: number,
): Promise<Exchange> {
  const response = await fetch()
  const reader = response.body?.getReader()
  // Not every fetch and body hears the signal itself.
  onAbort(signal, () => void reader?.cancel().catch(() => undefined))
  signal.throwIfAborted()
  const { status, headers } = response
  const mediaType = essence(headers.get('content-type'))
  // What a fetch of the caller's own has followed was answered by whoever it was sent to.
  if (response.redirected) return failed('a redirect was followed')
  // A redirect is a status like any other here; a browser shows one as status 0.
  if (status !== OK) return declined(response, `status ${status}`)
  if (!accept.includes(mediaType)) return declined(response, 'the answer is of another media type')
  const bytes = reader === undefined ? new Uint8Array() : await readAll(reader, maxBytes)
  if (bytes === null) return declined(response, `the body is larger than ${maxBytes} bytes`)
  return {
    kind: 'answered',
    mediaType,
    fields: {
      cacheControl: headers.get('cache-control'),
      age: headers.get('age'),
      date: headers.get('date'),
      expires: headers.get('expires'),
    },
    bytes,
  }
}

/** Drops an answer when the exchange is over, or at once if it comes after that. */
function onAbort(signal: AbortSignal, drop: () => void): void {
  if (signal.aborted) drop()
  else signal.addEventListener('abort', drop, { once: true })
}

/** The media type without its parameters, or an empty text. */
function essence(contentType: string | null): string {
  return (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** Null if there is more than is allowed. */
async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  let empty = 0
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length
    // A chunk without bytes counts as well: a body of nothing else would never let a timer run, and so never end.
    if (read.value.length === 0) empty++
    if (!(length + empty <= maxBytes)) return null
    chunks.push(read.value)
  }
  return joined(chunks, length)
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function declined({ status, headers }: Response, problem: string): Exchange {
  const retryAfter = headers.get('retry-after')
  const isAbsent = status === NOT_FOUND
  return { kind: 'failed', status, isAbsent, retryAfter, cause: new Error(problem) }
}

function failed(problem: string, cause?: unknown): Exchange {
  const error = new Error(problem, cause === undefined ? {} : { cause })
  return { kind: 'failed', status: null, isAbsent: false, retryAfter: null, cause: error }
}

/** Only browsers keep cookies for a fetch; some edge runtimes have no such setting and throw if it is given. */
function withoutCookies(): { readonly credentials?: 'omit' } {
  return 'credentials' in Request.prototype ? { credentials: 'omit' } : {}
}

const OK = 200
/** What a server says, not what we answer: the one status that has a meaning of its own here. */
const NOT_FOUND = 404
