import type { Redacted } from '../shared/redacted.js'

/** What a client gets, once. */
export interface TokenSet {
  readonly accessToken: Redacted
  /** `DPoP` for an access token that is bound to a key (RFC 9449 section 5). */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** When the access token ends, in seconds since the epoch. */
  readonly expiresAt: number
  /** Null where there is nothing to refresh. */
  readonly refreshToken: Redacted | null
  /** Of the access token. */
  readonly scopes: readonly string[]
  /** Null for a program that acts for itself. */
  readonly session: string | null
  readonly family: string | null
}

/** The members of a token response. */
export interface TokenResponse {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope: string
}

/**
 * The JSON of a token response. It holds the tokens in the clear: send it with `Cache-Control: no-store`, and log nothing
 * of it.
 *
 * @see RFC 6749 section 5.1
 */
export function tokenResponse(tokens: TokenSet, now: number): TokenResponse {
  const { accessToken, refreshToken, tokenType, expiresAt, scopes } = tokens
  return {
    access_token: accessToken.reveal(),
    token_type: tokenType,
    expires_in: Math.max(0, expiresAt - now),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken.reveal() }),
    scope: scopes.join(' '),
  }
}
