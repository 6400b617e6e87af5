import { sha256Hex } from '../runtime/sha256.js'
import type { JsonObject } from '../shared/json.js'
import { Redacted } from '../shared/redacted.js'
import { randomSecret } from './random-text.js'

/** What a store keeps of an opaque token: whose it is and what it may do, found by the token's hash. */
export type OpaqueTokenRecord = UserTokenRecord | ApplicationTokenRecord

/** A token by which a user acts. */
export interface UserTokenRecord extends OpaqueTokenFields {
  readonly kind: 'user'
  readonly subject: string
  /** The client through which the user acts. */
  readonly clientId?: string
  /** JSON values only. */
  readonly claims?: JsonObject
  /** When the user logged in, in seconds since the epoch. */
  readonly authTime?: number
}

/** A token by which a program acts for itself. */
export interface ApplicationTokenRecord extends OpaqueTokenFields {
  readonly kind: 'application'
  readonly applicationId: string
}

interface OpaqueTokenFields {
  /** {@link hashOpaqueToken} of the token: what the record is found by. */
  readonly hash: string
  /** Who vouches for the identity; `opaque-token` by default. */
  readonly issuer?: string
  /** Single scope tokens. */
  readonly scopes: readonly string[]
  /** Seconds since the epoch: the first second in which the token no longer works. */
  readonly expiresAt: number
  /** What the token is bound to: `{ jkt }` for a DPoP key, `{ 'x5t#S256' }` for a certificate. Absent: to nothing. */
  readonly cnf?: TokenConfirmation
}

/** The members of `cnf` that verifiers can check. @see RFC 9449 section 6.1, RFC 8705 section 3.1 */
export interface TokenConfirmation {
  readonly jkt?: string
  readonly 'x5t#S256'?: string
}

/**
 * Makes an opaque token of 256 random bits (43 base64url characters), and the hash to keep of it. Hand out the token
 * once; nothing is stored here.
 */
export function createOpaqueToken(): { readonly token: Redacted; readonly hash: string } {
  const text = randomSecret()
  return { token: new Redacted(text), hash: hashOpaqueToken(text) }
}

/**
 * What an opaque token is found by: the SHA-256 of its text, in lower-case hexadecimal. Any other spelling of the
 * text is another token.
 */
export function hashOpaqueToken(text: string): string {
  return sha256Hex(text)
}
