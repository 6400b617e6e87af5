import type { TokenConfirmation } from '../opaque-token.js'

export interface LoginRequest {
  readonly username: string
  readonly password: string
  /** Where the request comes from: what the gate's `clientNetwork` says. INVARIANT: nothing that a client can write. */
  readonly source: string
  /** A client that you know, and that has proven who it is if it can. */
  readonly clientId: string
  /** Whether it can keep a secret (RFC 6749 section 2.1). */
  readonly clientType: 'public' | 'confidential'
  readonly tenant?: string
  /** The key or certificate that the client has proven to hold. */
  readonly confirmation?: TokenConfirmation
  /** What a list of devices shows, such as what the client calls itself; what is beyond 256 characters is left out. */
  readonly label?: string
}

export interface PasswordChangeRequest {
  readonly username: string
  /** The one that is to be replaced. */
  readonly password: string
  readonly newPassword: string
  /** As of {@link LoginRequest}. */
  readonly source: string
  /** The session that goes on: that of the principal who asks. None by default. */
  readonly keepSession?: string
  /** More words that this user must not take: names, an address. */
  readonly words?: readonly string[]
}

export interface PasswordResetRequest {
  readonly username: string
  readonly newPassword: string
  readonly words?: readonly string[]
}
