import { isJsonObject, parseStrictJson } from '../shared/json.js'
import { fail, type Result, succeed } from '../shared/result.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import { type Fetched, type FetchSettings, fetchDocument } from './fetch-document.js'

/** What is taken from an issuer's metadata. Nothing else of it is believed, or even looked at. */
export interface IssuerMetadata {
  readonly jwksUrl: string
}

/**
 * Fetches an issuer's metadata once: the OpenID Connect document, which nearly all issuers have, and only where there is
 * none (404) that of RFC 8414. Never rejects.
 *
 * The document must name the issuer, byte for byte; otherwise it speaks for somebody else. Its `jwks_uri` may be on any
 * host, but over https, unless the issuer itself is on a loopback host and http.
 *
 * @param settings the time limit is asked for before each exchange: both share what is left
 * @see RFC 8414 sections 3 and 3.3, OpenID Connect Discovery 1.0 section 4
 */
export async function fetchMetadata(
  issuer: string,
  settings: () => FetchSettings,
  now: number,
): Promise<Fetched<IssuerMetadata>> {
  const [first, second] = metadataUrls(issuer)
  const ask = (url: string) =>
    fetchDocument({ url, accept: MEDIA_TYPES }, settings(), now, (bytes) =>
      readMetadata(bytes, issuer),
    )
  const fetched = await ask(first)
  return fetched.kind === 'failed' && fetched.isAbsent ? ask(second) : fetched
}

/** Where to ask: OpenID Connect appends to the issuer, RFC 8414 inserts between its host and its path. */
export function metadataUrls(issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

function readMetadata(bytes: Uint8Array, issuer: string): Result<IssuerMetadata, string> {
  const json = parseStrictJson(bytes, { maxBytes: bytes.length })
  if (!json.ok || !isJsonObject(json.value)) return fail('the metadata is not a JSON object')
  const { issuer: named, jwks_uri: jwksUri } = json.value
  if (named !== issuer) return fail('the metadata names another issuer')
  const url = typeof jwksUri === 'string' ? parseSecureUrl(jwksUri) : null
  if (url === null || isWeaker(url, issuer)) return fail('the metadata holds no https jwks_uri')
  return succeed({ jwksUrl: url.href })
}

/** An issuer with TLS does not get to point us at a plain service on our own machine. */
function isWeaker(url: URL, issuer: string): boolean {
  return url.protocol === 'http:' && new URL(issuer).protocol === 'https:'
}

const MEDIA_TYPES = ['application/json']
