import { claimsOfLineage, type Epochs } from '../../principal/lineage.js'
import type { JsonObject } from '../../shared/json.js'
import type { TokenConfirmation } from '../opaque-token.js'

/** What an access token is to say: of a user through a client, or of a program for itself. */
export interface AccessTokenFacts {
  readonly issuer: string
  /** The client's own id if a program acts for itself (RFC 9068 section 2.2). */
  readonly subject: string
  readonly clientId: string
  /** At least one. */
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  /** Null for a program. */
  readonly authentication: {
    readonly time: number
    readonly acr: string | null
    readonly amr: readonly string[]
  } | null
  readonly family: string | null
  readonly session: string | null
  readonly tenant: string | null
  readonly epochs: Epochs
  readonly confirmation: TokenConfirmation | null
  /** What the application adds. None of them {@link isReservedClaim}. */
  readonly claims: JsonObject
  readonly issuedAt: number
  readonly expiresAt: number
}

/**
 * The claims of an access token, but for its `jti`.
 *
 * @see RFC 9068 section 2.2, RFC 9449 section 6.1, RFC 8705 section 3.1
 */
export function claimsOfAccessToken(facts: AccessTokenFacts): Readonly<Record<string, unknown>> {
  const { authentication, audiences, confirmation } = facts
  return {
    ...facts.claims,
    iss: facts.issuer,
    sub: facts.subject,
    aud: audiences.length === 1 ? audiences[0] : audiences,
    client_id: facts.clientId,
    iat: facts.issuedAt,
    exp: facts.expiresAt,
    scope: facts.scopes.join(' '),
    ...(authentication === null ? {} : loginClaims(authentication)),
    ...(confirmation === null ? {} : { cnf: confirmation }),
    ...claimsOfLineage(facts),
  }
}

function loginClaims({ time, acr, amr }: NonNullable<AccessTokenFacts['authentication']>) {
  return {
    auth_time: time,
    ...(acr === null ? {} : { acr }),
    ...(amr.length === 0 ? {} : { amr }),
  }
}

/** Whether the library gives this claim its meaning, so that an application must not. */
export function isReservedClaim(name: string): boolean {
  return RESERVED.has(name)
}

const RESERVED: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...['iss', 'sub', 'aud', 'client_id', 'iat', 'nbf', 'exp', 'jti', 'scope', 'scp'],
  ...['auth_time', 'acr', 'amr', 'cnf', 'sid', 'family', 'tenant', 'epochs'],
])
