import { hostileClaims } from './claims.js'
import { hostileDocuments } from './documents.js'
import { hostileHeaders } from './headers.js'
import type { HostileToken } from './hostile-token.js'
import { hostileSignatures } from './signatures.js'
import { hostileSpellings } from './spellings.js'

/**
 * The neighbours of the hostile tokens that security reports speak of: other claims, other types, other spellings. All
 * carry a right MAC but the few whose names say otherwise.
 */
export function hostileFamily(): readonly HostileToken[] {
  return [
    ...hostileSpellings(),
    ...hostileDocuments(),
    ...hostileSignatures(),
    ...hostileHeaders(),
    ...hostileClaims(),
  ]
}
