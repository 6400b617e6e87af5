import type { CredentialKind } from './credential.js'
import { isReading } from './reading.js'
import type { RequestView } from './request-view.js'

/**
 * Whether a request may have been sent by another site's page with a credential that the browser added by itself.
 *
 * Only cookies and Basic are sent that way; a Bearer token or API key is put there by code that holds it, and the kind
 * judged is that of the credential that was chosen. The method decides, never the content type. A browser names the
 * source in `Sec-Fetch-Site`, or at least in `Origin`; a request with neither was not sent by a browser.
 *
 * @param trustedOrigins serialised origins whose pages may act for the user
 */
export function isCrossSite(
  request: RequestView,
  kind: CredentialKind,
  trustedOrigins: ReadonlySet<string>,
): boolean {
  if (kind !== 'cookie' && kind !== 'basic') return false
  if (isReading(request)) return false
  const origin = request.field('origin')
  if (origin !== null && trustedOrigins.has(origin)) return false
  const site = request.field('sec-fetch-site')
  if (site !== null) return site !== 'same-origin' && site !== 'none'
  // `null` (a sandboxed or redirected page) is no origin that one could trust.
  return origin !== null
}

/** Whether this is a CORS preflight: browsers send it without credentials, before the request itself. */
export function isPreflight(request: RequestView): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.field('origin') !== null &&
    request.field('access-control-request-method') !== null
  )
}
