/** What is known of the connection that a Fetch `Request` came over. */
export interface Connection {
  /** Undefined: it is not known, and the request's URL is believed. */
  readonly encrypted?: boolean | undefined
  /** The IP address of whoever is at the other end; null or absent: it is not known. */
  readonly remoteAddress?: string | null
  /** The certificate in DER that the client has proved to hold; null or absent: it is not known, or there is none. */
  clientCertificate?(): Uint8Array | null
}

/**
 * Finds the connection in what a server passes along with a `Request`: `{ incoming }` from `@hono/node-server`, the info
 * of `Deno.serve`, the server of `Bun.serve`, or a {@link Connection} that you pass because your server tells nothing.
 *
 * A Fetch `Request` does not have it, and its URL is no witness: where a client writes a whole URL (RFC 9112 section
 * 3.2.2) or HTTP/2's `:scheme`, Node servers and Deno show the scheme that the client wrote.
 *
 * @returns null where nothing of the kind was passed, as on Workers, whose URLs are the platform's own
 */
export function connectionOf(platform: unknown, request: Request): Connection | null {
  if (!isObject(platform)) return null
  const { incoming, encrypted, remoteAddress, clientCertificate } = platform
  const { remoteAddr, requestIP, server } = platform
  if (isObject(incoming) && isObject(incoming['socket'])) {
    return new NodeConnection(incoming['socket'])
  }
  if (typeof encrypted === 'boolean') {
    return {
      encrypted,
      remoteAddress: textOrNull(remoteAddress),
      clientCertificate: () =>
        typeof clientCertificate === 'function'
          ? bytesOrNull(Reflect.apply(clientCertificate, platform, []))
          : null,
    }
  }
  if (isObject(remoteAddr)) return { remoteAddress: textOrNull(remoteAddr['hostname']) }
  if (typeof requestIP === 'function') {
    const { url } = platform
    const asked: unknown = Reflect.apply(requestIP, platform, [request])
    return {
      encrypted: url instanceof URL ? url.protocol === 'https:' : undefined,
      remoteAddress: isObject(asked) ? textOrNull(asked['address']) : null,
    }
  }
  // `@hono/node-server` and Hono on Bun may hand their own object on in a member of another.
  return isObject(server) && server['server'] === undefined ? connectionOf(server, request) : null
}

/** A class, because each request makes one, and a getter in an object literal takes a microsecond to make. */
class NodeConnection implements Connection {
  readonly #socket: unknown

  constructor(socket: unknown) {
    this.#socket = socket
  }

  get encrypted(): boolean {
    return isEncrypted(this.#socket)
  }

  get remoteAddress(): string | null {
    return addressOf(this.#socket)
  }

  clientCertificate(): Uint8Array | null {
    return certificateOf(this.#socket)
  }
}

/** Whether this is a TLS socket of Node. */
export function isEncrypted(socket: unknown): boolean {
  return isObject(socket) && socket['encrypted'] === true
}

/** The address at the other end of a socket of Node. Ask only when it matters: the first time it is a system call. */
export function addressOf(socket: unknown): string | null {
  return isObject(socket) ? textOrNull(socket['remoteAddress']) : null
}

/**
 * The client's certificate on a TLS socket of Node, in DER. Ask only when it matters: it is parsed each time. It comes from
 * the handshake, or for a resumed session from what the session has kept of it. Whether anybody vouches for it is not
 * looked at: what a token is bound to is the certificate itself (RFC 8705 section 3).
 */
export function certificateOf(socket: unknown): Uint8Array | null {
  if (!isObject(socket) || !isEncrypted(socket)) return null
  const { getPeerCertificate } = socket
  if (typeof getPeerCertificate !== 'function') return null
  // Without a certificate Node answers with an empty object, and with null once the socket is gone.
  const certificate: unknown = Reflect.apply(getPeerCertificate, socket, [])
  return isObject(certificate) ? bytesOrNull(certificate['raw']) : null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function bytesOrNull(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array && value.length > 0 ? value : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
