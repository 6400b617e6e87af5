import type { RequestView } from '../credential/request-view.js'
import { addressOf, type Connection, isEncrypted } from './connection.js'

/** The part of Node's `IncomingMessage` that a view is built from; Express and Fastify hand it on unchanged. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Names and values in turn, every line as it was received. */
  readonly rawHeaders: readonly string[]
  /** Says `remoteAddress`, and `encrypted: true` if it is a TLS socket. */
  readonly socket?: object | null | undefined
}

/** What a framework knows better than the raw request. */
export interface NodeRequestDetails {
  /** The whole target, where the framework has rewritten `url` (Express below a mount path). */
  readonly url?: string
  /** A form body's members, if it was parsed already. */
  readonly form?: Readonly<Record<string, unknown>>
}

/**
 * A view of Node's request. Fields are read from the raw lines: `headers.authorization` holds only the first of two.
 */
export function viewNodeRequest(
  request: NodeRequest,
  details: NodeRequestDetails = {},
): RequestView {
  const { rawHeaders, socket } = request
  return {
    method: request.method ?? 'GET',
    url: details.url ?? request.url ?? '/',
    encrypted: isEncrypted(socket),
    get remoteAddress() {
      return addressOf(socket)
    },
    field: (name) => joinedLines(rawHeaders, name),
    ...(details.form === undefined ? {} : { form: details.form }),
  }
}

/**
 * A view of a Fetch `Request`. A request that names no host is taken to be for the host of its URL.
 *
 * @param connection what is known of the connection; where nothing is, the URL says whether it is encrypted
 */
export function viewFetchRequest(
  request: Request,
  connection: Connection | null = null,
): RequestView {
  const { headers, method, url } = request
  return {
    method,
    url,
    encrypted: connection?.encrypted ?? url.startsWith('https:'),
    get remoteAddress() {
      return connection?.remoteAddress ?? null
    },
    field: (name) => headers.get(name) ?? (name === 'host' ? hostOf(url) : null),
  }
}

function joinedLines(rawHeaders: readonly string[], name: string): string | null {
  let joined: string | null = null
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const line = rawHeaders[index]
    if (line === undefined || line.length !== name.length) continue
    if (line !== name && line.toLowerCase() !== name) continue
    const value = rawHeaders[index + 1] ?? ''
    joined = joined === null ? value : `${joined}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return joined
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).host
  } catch {
    return null
  }
}
