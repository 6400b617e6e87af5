/**
 * What the gate may know about a request: all that an adapter has to supply. The port of the `credential` room;
 * `http/request-view.ts` builds it from Node's request and from a Fetch `Request`.
 */
export interface RequestView {
  /** As received: case-sensitive, `HEAD` stays `HEAD`. */
  readonly method: string
  /** The request target as received: a path with its query, or an absolute URL. */
  readonly url: string
  /** Whether the connection that this process sees is TLS. */
  readonly encrypted: boolean
  /** The IP address at the other end of that connection, as the socket tells it; null if the platform does not. */
  readonly remoteAddress: string | null
  /**
   * All lines of one field, joined in order by `', '` (`Cookie` by `'; '`), or null if there is none.
   *
   * INVARIANT: no line is dropped. Joining is what Fetch's `Headers` does; doing the same to Node's raw lines is what
   * makes one judgement right for both. A repeated `Authorization` thus shows up as a comma that no credential holds.
   *
   * @param name in lower case
   */
  field(name: string): string | null
  /**
   * The certificate in DER that the other end has proved to hold when this connection was made; null if it has shown none.
   * Absent where the platform does not tell. Whether anybody vouches for the certificate is another question, and behind a
   * proxy it is the proxy's own: `VerificationContext` has the client's.
   */
  clientCertificate?(): Uint8Array | null
  /**
   * What this view was made from: the same object for each view of one request, so that a request that two rules judge one
   * after the other is known for one. Absent: each view is a request of its own.
   */
  readonly source?: object
  /** The members of a form body, if the framework had parsed one before the gate was asked. */
  readonly form?: Readonly<Record<string, unknown>>
}
