/** What the presenter of a token has to prove besides holding it. With both null, nothing: a plain bearer token. */
export interface Confirmation {
  /** The thumbprint of the key that must sign a DPoP proof (RFC 9449 section 6.1). */
  readonly keyThumbprint: string | null
  /** The SHA-256 of the client certificate that the connection must have been made with (RFC 8705 section 3.1). */
  readonly certificateHash: string | null
}

/**
 * Reads a token's `cnf`, as it stands in a JWT, a record or an introspection answer.
 *
 * Each member is one thing to prove, and all of them have to be. INVARIANT: a member that we do not know, and a value that
 * says nothing, make the whole unusable: a token that somebody bound to something must never pass as one that is not bound.
 *
 * @returns null if it cannot be confirmed, whatever is presented. Never throws
 * @see RFC 7800 section 3.1
 */
export function readConfirmation(cnf: unknown): Confirmation | null {
  if (cnf === undefined) return UNBOUND
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return null
  const members = new Map<string, unknown>(Object.entries(cnf))
  const keyThumbprint = members.get('jkt') ?? null
  const certificateHash = members.get('x5t#S256') ?? null
  const isComplete = [keyThumbprint, certificateHash].filter(isHash).length === members.size
  return isComplete && members.size > 0
    ? ({ keyThumbprint, certificateHash } as Confirmation) // each is null or a hash, or the count would differ
    : null
}

/** A SHA-256 in base64url. */
function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value)
}

const UNBOUND: Confirmation = Object.freeze({ keyThumbprint: null, certificateHash: null })
const HASH = /^[A-Za-z0-9_-]{43}$/
