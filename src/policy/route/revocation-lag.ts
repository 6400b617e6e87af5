/**
 * What becomes of a request whose credential has not been revoked as far as the mirror knows, while the mirror does not
 * know what was revoked lately:
 *
 * - `refuse`: 503, whatever the request.
 * - `refuse-unsafe`: 503, unless it only reads: GET, HEAD, OPTIONS.
 * - `accept`: let in on what is known.
 *
 * All of them refuse while the mirror has not read anything yet. `dangerously-accept-empty` lets in even then, and with it
 * every credential that was ever revoked.
 */
export type RevocationLagPolicy = (typeof REVOCATION_LAG_POLICIES)[number]

export const REVOCATION_LAG_POLICIES = [
  'refuse',
  'refuse-unsafe',
  'accept',
  'dangerously-accept-empty',
] as const

/**
 * Whether a request may go on although the mirror is not current.
 *
 * @param reading whether the request only reads
 */
export function acceptsLag(
  policy: RevocationLagPolicy,
  freshness: 'lagging' | 'empty',
  reading: boolean,
): boolean {
  switch (policy) {
    case 'refuse':
      return false
    case 'refuse-unsafe':
      return freshness === 'lagging' && reading
    case 'accept':
      return freshness === 'lagging'
    case 'dangerously-accept-empty':
      return true
  }
}
