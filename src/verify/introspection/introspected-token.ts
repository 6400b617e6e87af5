import { type ClaimsAsNamed, readClaims } from '../../jwt/claims.js'
import { frozen } from '../../shared/frozen.js'
import { fail, type Result, succeed } from '../../shared/result.js'
import type { UntypedClaims } from '../principal-from-claims.js'
import { refused } from '../refused.js'
import type { RefusedCredential } from '../verifier.js'

/** What an authorization server says of an active token, with every member of the type that RFC 7662 gives it. */
export interface IntrospectedToken {
  /** Frozen at every level, without a prototype. */
  readonly claims: UntypedClaims
  /** The issuer is the one who was asked, unless the answer names another. */
  readonly registered: ClaimsAsNamed & { readonly issuer: string }
}

/** What is expected of an active token. */
export interface IntrospectionPolicy {
  /** Compared exactly. */
  readonly issuer: string
  /** One of these must be among the token's, exactly. Null: whom it is for is not looked at. */
  readonly audiences: ReadonlySet<string> | null
  readonly leewaySeconds: number
}

/**
 * Reads the members of an answer whose `active` is true.
 *
 * An optional member may be absent but not of another type. Where there is neither `sub` nor `username`, the token is the
 * client's own, and `client_id` is its subject: that is how servers answer for the client credentials grant.
 *
 * @returns the name of the first member that makes the answer unusable. Takes the answer over and freezes it
 * @see RFC 7662 section 2.2
 */
export function readIntrospected(
  answer: UntypedClaims,
  askedIssuer: string,
): Result<IntrospectedToken, string> {
  const claims: UntypedClaims = frozen(Object.assign(Object.create(null), answer))
  const texts = TEXTS.find((name) => claims[name] !== undefined && typeof claims[name] !== 'string')
  if (texts !== undefined) return fail(texts)
  const read = readClaims(claims)
  if (!read.ok) return read
  const { issuer, subject, clientId } = read.value
  const hasUser = subject !== null || claims['username'] !== undefined
  return succeed({
    claims,
    registered: Object.freeze({
      ...read.value,
      issuer: issuer ?? askedIssuer,
      subject: hasUser ? subject : clientId,
    }),
  })
}

/**
 * Decides whether a token that its server calls active is one for us, now. In this order: issuer, audience, kind, times.
 *
 * The server has looked at the times as well; they are compared again because an answer may be older than this request.
 * Bounds are those of `judgeClaims`. Does not look at scopes or at who the token is for.
 *
 * @returns null if it is
 * @see RFC 7662 section 4
 */
export function judgeIntrospected(
  { claims, registered }: IntrospectedToken,
  { issuer, audiences, leewaySeconds }: IntrospectionPolicy,
  now: number,
): RefusedCredential | null {
  if (registered.issuer !== issuer) return refused('issuer_mismatch', 'iss')
  if (audiences !== null) {
    if (registered.audiences.length === 0) return refused('claim_missing', 'aud')
    if (!registered.audiences.some((audience) => audiences.has(audience))) {
      return refused('audience_mismatch', 'aud')
    }
  }
  // A refresh token is active as well.
  if (!isAccessToken(claims)) return refused('token_type', 'token_type')
  const { expiresAt, notBefore, issuedAt } = registered
  if (expiresAt !== null && !(now < expiresAt + leewaySeconds))
    return refused('token_expired', 'exp')
  if (notBefore !== null && !(now >= notBefore - leewaySeconds)) {
    return refused('token_not_yet_valid', 'nbf')
  }
  if (issuedAt !== null && !(issuedAt <= now + leewaySeconds)) {
    return refused('token_from_future', 'iat')
  }
  return null
}

/** Whether the answer says nothing else: `token_type` is optional (RFC 7662), `token_use` a habit of several servers. */
function isAccessToken({ token_type: type, token_use: use }: UntypedClaims): boolean {
  return (
    (type === undefined || TYPES.has(String(type).toLowerCase())) &&
    (use === undefined || use === 'access_token' || use === 'access')
  )
}

/**
 * What an active token is bound to, as a `cnf`. A type of `DPoP` says that it is bound; where the answer then does not say to
 * which key, it cannot be confirmed by any.
 *
 * @see RFC 9449 section 6.2, RFC 8705 section 3.2
 */
export function confirmationOf({ claims }: IntrospectedToken): unknown {
  const { cnf, token_type: type } = claims
  return cnf === undefined && String(type).toLowerCase() === 'dpop' ? null : cnf
}

const TYPES: ReadonlySet<string> = new Set(['bearer', 'dpop'])

/** Members of an answer besides the registered claims that are texts if they are there. */
const TEXTS = ['scope', 'token_type', 'username']
