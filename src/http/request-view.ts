import type { RequestView } from '../credential/request-view.js'
import { addressOf, type Connection, certificateOf, isEncrypted } from './connection.js'

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
  const view = new NodeRequestView(request, details.url ?? request.url ?? '/')
  return details.form === undefined ? view : Object.assign(view, { form: details.form })
}

/** A class, because each request makes one: methods that all share cost nothing to make. */
class NodeRequestView implements RequestView {
  readonly method: string
  readonly url: string
  readonly #request: NodeRequest

  constructor(request: NodeRequest, url: string) {
    this.method = request.method ?? 'GET'
    this.url = url
    this.#request = request
  }

  get encrypted(): boolean {
    return isEncrypted(this.#request.socket)
  }

  get remoteAddress(): string | null {
    return addressOf(this.#request.socket)
  }

  get source(): object {
    return this.#request
  }

  field(name: string): string | null {
    return joinedLines(this.#request.rawHeaders, name)
  }

  clientCertificate(): Uint8Array | null {
    return certificateOf(this.#request.socket)
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
  return new FetchRequestView(request, connection)
}

class FetchRequestView implements RequestView {
  readonly method: string
  readonly url: string
  readonly source: Request
  readonly #connection: Connection | null

  constructor(request: Request, connection: Connection | null) {
    this.method = request.method
    this.url = request.url
    this.source = request
    this.#connection = connection
  }

  get encrypted(): boolean {
    return this.#connection?.encrypted ?? this.url.startsWith('https:')
  }

  get remoteAddress(): string | null {
    return this.#connection?.remoteAddress ?? null
  }

  field(name: string): string | null {
    return this.source.headers.get(name) ?? (name === 'host' ? hostOf(this.url) : null)
  }

  clientCertificate(): Uint8Array | null {
    return this.#connection?.clientCertificate?.() ?? null
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
