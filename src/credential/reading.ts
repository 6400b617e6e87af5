import type { RequestView } from './request-view.js'

/**
 * Whether a request only reads, as far as its method says (RFC 9110 section 9.2.1). A WebSocket is opened by GET,
 * across sites and without CORS, and may then write: that one does not only read.
 */
export function isReading(request: RequestView): boolean {
  return SAFE_METHODS.has(request.method) && request.field('upgrade') === null
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
