import { fail, type Result, succeed } from '../shared/result.js'
import { ACCESS_TOKEN } from './media-type.js'
import type { JwtRefusal } from './refusal.js'

/** What a verifier expects of a token's registered claims. */
export interface ClaimsPolicy {
  /** Compared exactly: no pattern, no prefix, no trailing slash. */
  readonly issuer: string
  /** One of these must be among the token's. Compared exactly. */
  readonly audiences: ReadonlySet<string>
  readonly leewaySeconds: number
  /** The longest `exp - iat`, inclusive. Null: any, and `iat` may be missing. */
  readonly maxLifetimeSeconds: number | null
}

/** The registered claims of an accepted token, each of the type that its specification gives. Times are in seconds. */
export interface RegisteredClaims extends ClaimsAsNamed {
  readonly issuer: string
  readonly expiresAt: number
}

/** As far as they are named: null, or an empty list, for what is not. */
export interface ClaimsAsNamed {
  readonly issuer: string | null
  readonly audiences: readonly string[]
  readonly subject: string | null
  readonly clientId: string | null
  /** The `jti`. */
  readonly jwtId: string | null
  readonly expiresAt: number | null
  readonly notBefore: number | null
  readonly issuedAt: number | null
  /** How and when the user logged in, as far as the token says (RFC 9068 section 2.2.1). */
  readonly authentication: {
    readonly time: number | null
    readonly acr: string | null
    readonly amr: readonly string[]
  }
}

export type ClaimsJudgement =
  | { readonly kind: 'accepted'; readonly claims: RegisteredClaims }
  | { readonly kind: 'refused'; readonly reason: JwtRefusal; readonly claim: string }

/**
 * Decides whether the claims of a token whose signature is good let it in now.
 *
 * One order, so that a token has one reason: first what is missing (`iss`, `aud`, `exp`, `iat`, and of an access token
 * also `sub`, `client_id`, `jti`), then what has the wrong type, then issuer, audience, expiry, not-before, issued-at and lifetime. An optional claim may be absent but
 * not wrong. A NumericDate is a finite number from 0 to 2^53 - 1, with or without a fraction. With `now` as given:
 *
 * - expired from `exp + leeway` on, inclusive;
 * - not valid before `nbf - leeway`; valid from then on, inclusive;
 * - from the future if `iat` is later than `now + leeway`;
 * - too long if `exp - iat` exceeds the limit, malformed if it is not positive.
 *
 * Does not look at any other claim. Returns a refusal; never throws.
 *
 * @param kind what the token's `typ` says it is
 * @see RFC 7519 section 4.1, RFC 9068 sections 2.2 and 4
 */
export function judgeClaims(
  payload: Readonly<Record<string, unknown>>,
  kind: string | null,
  policy: ClaimsPolicy,
  now: number,
): ClaimsJudgement {
  const required = kind === ACCESS_TOKEN ? REQUIRED_OF_ACCESS_TOKENS : REQUIRED
  const missing = required.find(
    (name) =>
      payload[name] === undefined && !(name === 'iat' && policy.maxLifetimeSeconds === null),
  )
  if (missing !== undefined) return refused('claim_missing', missing)
  const read = readClaims(payload)
  if (!read.ok) return refused('claim_malformed', read.reason)
  // INVARIANT: `iss` and `exp` are among the required claims, and none of these is missing.
  const claims = read.value as RegisteredClaims
  const { expiresAt, notBefore, issuedAt } = claims
  const { leewaySeconds, maxLifetimeSeconds } = policy
  if (claims.issuer !== policy.issuer) return refused('issuer_mismatch', 'iss')
  if (!claims.audiences.some((audience) => policy.audiences.has(audience))) {
    return refused('audience_mismatch', 'aud')
  }
  // Each test asks for what must hold: a `now` that is not a number fails them all.
  if (!(now < expiresAt + leewaySeconds)) return refused('token_expired', 'exp')
  if (notBefore !== null && !(now >= notBefore - leewaySeconds)) {
    return refused('token_not_yet_valid', 'nbf')
  }
  if (issuedAt === null) return { kind: 'accepted', claims }
  if (!(issuedAt <= now + leewaySeconds)) return refused('token_from_future', 'iat')
  const lifetime = expiresAt - issuedAt
  if (lifetime <= 0) return refused('claim_malformed', 'exp')
  if (maxLifetimeSeconds !== null && lifetime > maxLifetimeSeconds) {
    return refused('lifetime_too_long', 'exp')
  }
  return { kind: 'accepted', claims }
}

/**
 * The registered claims in our names, or the name of the first one that has the wrong type. None has to be there, none
 * is compared with anything. Never throws.
 *
 * @see RFC 7519 section 4.1, RFC 7662 section 2.2, RFC 9068 section 2.2
 */
export function readClaims(
  payload: Readonly<Record<string, unknown>>,
): Result<ClaimsAsNamed, string> {
  for (const [name, isRight] of TYPES) {
    if (payload[name] !== undefined && !isRight(payload[name])) return fail(name)
  }
  // INVARIANT: TYPES has checked every claim of WireClaims that is there.
  const wire = payload as typeof payload & WireClaims
  const { iss = null, aud = [], exp = null, iat = null, nbf = null, sub = null } = wire
  const { client_id = null, jti = null, auth_time = null, acr = null, amr = [] } = wire
  return succeed(
    Object.freeze({
      issuer: iss,
      audiences: Object.freeze(typeof aud === 'string' ? [aud] : [...aud]),
      subject: sub,
      clientId: client_id,
      jwtId: jti,
      expiresAt: exp,
      notBefore: nbf,
      issuedAt: iat,
      authentication: Object.freeze({ time: auth_time, acr, amr: Object.freeze([...amr]) }),
    }),
  )
}

interface WireClaims {
  readonly iss?: string
  readonly aud?: string | readonly string[]
  readonly exp?: number
  readonly iat?: number
  readonly nbf?: number
  readonly sub?: string
  readonly client_id?: string
  readonly jti?: string
  readonly auth_time?: number
  readonly acr?: string
  readonly amr?: readonly string[]
}

function refused(reason: JwtRefusal, claim: string): ClaimsJudgement {
  return { kind: 'refused', reason, claim }
}

/**
 * Whether a value can be a claim that names something: a string of 1 to 1,024 characters, none of them half of one. Half a
 * surrogate pair is lost where text is stored as UTF-8: two subjects would become one.
 */
export function isClaimText(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length >= 1 &&
    value.length <= MAX_TEXT &&
    !LONE_SURROGATE.test(value)
  )
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isClaimText)
}

function isAudience(value: unknown): boolean {
  return isClaimText(value) || (isTextList(value) && Array.isArray(value) && value.length > 0)
}

/** Whether a value can be a NumericDate: a finite number from 0 to 2^53 - 1. @see RFC 7519 section 2 */
export function isNumericDate(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}

const REQUIRED = ['iss', 'aud', 'exp', 'iat']
const REQUIRED_OF_ACCESS_TOKENS = [...REQUIRED, 'sub', 'client_id', 'jti']

/** Every claim that the library reads, with its type, in the order in which they are judged. */
const TYPES: readonly (readonly [string, (value: unknown) => boolean])[] = [
  ['iss', isClaimText],
  ['aud', isAudience],
  ['exp', isNumericDate],
  ['iat', isNumericDate],
  ['nbf', isNumericDate],
  ['sub', isClaimText],
  ['client_id', isClaimText],
  ['jti', isClaimText],
  ['auth_time', isNumericDate],
  ['acr', isClaimText],
  ['amr', isTextList],
]

/** A token is at most 8,192 characters; nothing that identifies anyone needs more than this. */
const MAX_TEXT = 1_024
const LONE_SURROGATE = /\p{Surrogate}/u
