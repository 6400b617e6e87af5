import { type JwkSet, parseJwkSet } from '../jwt/jwk-set.js'
import { within } from '../runtime/within.js'

/** How one exchange with an issuer is bounded. */
export interface FetchLimits {
  /** For the whole exchange, the body included. */
  readonly timeoutMilliseconds: number
  /** Counted as the body arrives, whatever its `Content-Length` says. Inclusive. */
  readonly maxBytes: number
}

/**
 * Fetches a JWK Set once. Rejects if it cannot be had: no answer in time, a status other than 200 (a redirect is not
 * followed), a body that is too large or is not a key set. Sends no cookies and no credentials.
 *
 * Takes nothing from a token: the URL is the configuration's.
 */
export async function fetchJwkSet(
  url: string,
  fetch: typeof globalThis.fetch,
  limits: FetchLimits,
): Promise<JwkSet> {
  const controller = new AbortController()
  const { timeoutMilliseconds, maxBytes } = limits
  try {
    // The wait ends in time even if a fetch of the user's own does not hear the signal.
    const waited = await within(
      timeoutMilliseconds,
      exchange(url, fetch, controller.signal, maxBytes),
    )
    if (waited.kind === 'settled') return waited.value
    throw new Error(`no key set within ${timeoutMilliseconds} ms`)
  } finally {
    // Closes the connection of an exchange that was given up on; after a complete one it does nothing.
    controller.abort()
  }
}

async function exchange(
  url: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
  maxBytes: number,
): Promise<JwkSet> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'manual',
    signal,
    ...withoutCookies(),
  })
  // An answer that comes after it was given up on is not read.
  signal.throwIfAborted()
  if (response.status !== 200) throw new Error(`status ${response.status} instead of a key set`)
  const set = parseJwkSet(await bodyOf(response, signal, maxBytes), maxBytes)
  if (!set.ok) throw new Error('the body is not a JWK Set')
  // An issuer without keys is an issuer in trouble: keys that are held keep serving.
  if (set.value.keys.length === 0) throw new Error('the JWK Set holds no keys')
  return set.value
}

async function bodyOf(
  response: Response,
  signal: AbortSignal,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  // A body that does not hear the signal itself is dropped all the same.
  signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined))
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    length += read.value.length
    if (length > maxBytes) throw new Error(`the body is larger than ${maxBytes} bytes`)
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

/** Only browsers keep cookies for a fetch; some edge runtimes have no such setting and throw if it is given. */
function withoutCookies(): { readonly credentials?: 'omit' } {
  return 'credentials' in Request.prototype ? { credentials: 'omit' } : {}
}
