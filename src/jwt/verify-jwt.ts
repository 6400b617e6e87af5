import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type Duration, seconds } from '../shared/duration.js'
import { frozen } from '../shared/frozen.js'
import { checkedOptions } from '../shared/options.js'
import { type Algorithm, type AlgorithmEntry, checkedAlgorithms } from './algorithms.js'
import { type ClaimsPolicy, judgeClaims, type RegisteredClaims } from './claims.js'
import { type CompactJws, parseCompact } from './compact.js'
import type { JwkSet, KeySource } from './jwk-set.js'
import { createKeyLookup, type KeyLookup } from './key-lookup.js'
import { tokenKind } from './media-type.js'
import type { JwtRefusal } from './refusal.js'
import { tokenId } from './token-id.js'
import { verifySignature } from './verify-signature.js'

/** What the tokens of one issuer must be like. What weakens the verification has to be written out. */
export interface JwtVerifierOptions {
  /** The exact `iss`. */
  readonly issuer: string
  /** Who we are: a token must name at least one of these, exactly, in `aud`. */
  readonly audience: string | readonly string[]
  /** Of one family. There is no default and no way to take what the token says. */
  readonly algorithms: readonly Algorithm[]
  /** The issuer's keys, or where they come from. Shared secrets must be given as keys. */
  readonly keys: JwkSet | KeySource
  /**
   * The kinds of token that are accepted, by their `typ`; `['at+jwt']` by default (RFC 9068). Case and a leading
   * `application/` do not matter. An issuer that does not set a kind of its own needs `['JWT']`.
   */
  readonly types?: readonly string[]
  /**
   * Accept tokens without a `typ` as well. Then an ID token of the same issuer for the same audience passes for an
   * access token.
   */
  readonly dangerouslyAllowMissingType?: boolean
  /** How far clocks may differ: 5 s by default, 0 to 60 s. Widens `exp`, `nbf` and `iat` alike. */
  readonly leeway?: Duration
  /**
   * The longest `exp - iat`, inclusive: 1 h by default, up to 24 h. Null accepts any lifetime and tokens without
   * `iat`: a stolen token is then good for as long as its issuer cared to write.
   */
  readonly maxLifetime?: Duration | null
}

/** What a verifier says of a token. It says nothing of what the token may do, nor whether it has been revoked. */
export type JwtVerification =
  | {
      readonly kind: 'verified'
      /** All claims, frozen at every level, without a prototype. */
      readonly claims: Readonly<Record<string, unknown>>
      readonly registered: RegisteredClaims
      /** What revocation and replay know the token by: never its text. */
      readonly tokenId: string
    }
  | {
      readonly kind: 'refused' // the token's fault: 401
      readonly reason: JwtRefusal
      /** The name of the claim at fault. */
      readonly claim?: string
    }
  | {
      readonly kind: 'unavailable' // the keys cannot be had, our side's fault: 503
      readonly reason: 'keys_unavailable'
      readonly retryAfterSeconds: number
      readonly cause: unknown
    }

export interface JwtVerifier {
  /** Judges a token at `now`, in seconds since the epoch. Never rejects, whatever the string. */
  verify(token: string, now: number): Promise<JwtVerification>
}

/**
 * Makes a verifier for signed JWTs of one issuer. Keys given by the configuration are judged here and now.
 *
 * A token passes in this order: its text is canonical, its algorithm allowed, its kind expected, its key known, its
 * signature good, its claims right. Encrypted tokens are refused by their shape, keys and URLs in a header ignored.
 *
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`, `algorithm_families_mixed`, `key_invalid`
 * @see RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4
 */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const checked = checkedOptions('createJwtVerifier', OPTIONS, options)
  const algorithms = checkedAlgorithms(checked.algorithms)
  const allowed = new Map<string, AlgorithmEntry>(algorithms.map((entry) => [entry.name, entry]))
  const isExpectedType = typeCheck(checked.types, checked.dangerouslyAllowMissingType)
  const keys = createKeyLookup(checked.keys, algorithms)
  const policy = claimsPolicy(checked)
  return Object.freeze({
    async verify(token: string, now: number): Promise<JwtVerification> {
      const parsed = parseCompact(token)
      if (!parsed.ok) return refused(parsed.reason)
      const jws = parsed.value
      const algorithm = allowed.get(jws.header.alg)
      if (algorithm === undefined) return refused('algorithm_not_allowed')
      if (!isExpectedType(jws.header.typ)) return refused('token_type')
      const signature = await judgeSignature(jws, algorithm, keys, now)
      return signature === 'valid' ? judgePayload(jws, policy, now) : signature
    },
  })
}

async function judgeSignature(
  jws: CompactJws,
  algorithm: AlgorithmEntry,
  keys: KeyLookup,
  now: number,
): Promise<JwtVerification | 'valid'> {
  const found = await keys.find(jws.header.kid, algorithm, now)
  if (found.kind === 'unavailable') {
    const { retryAfterSeconds, cause } = found
    return { kind: 'unavailable', reason: 'keys_unavailable', retryAfterSeconds, cause }
  }
  if (found.kind === 'unknown') return refused('key_unknown')
  const verdict = await verifySignature(jws, found.key)
  return verdict === 'valid' ? 'valid' : refused(verdict)
}

function judgePayload(jws: CompactJws, policy: ClaimsPolicy, now: number): JwtVerification {
  const judged = judgeClaims(jws.payload, policy, now)
  if (judged.kind === 'refused') return judged
  const { claims: registered } = judged
  return {
    kind: 'verified',
    claims: frozen(jws.payload),
    registered,
    tokenId: tokenId(registered.issuer, registered.jwtId, jws.signingInput),
  }
}

function refused(reason: JwtRefusal): JwtVerification {
  return { kind: 'refused', reason }
}

function typeCheck(
  types: readonly string[],
  allowMissing: boolean,
): (typ: string | null) => boolean {
  const kinds = new Set(types.map(tokenKind))
  if (kinds.has(null)) {
    throw new ConfigurationError(
      'option_invalid',
      "createJwtVerifier: option 'types' must list kinds of token, such as 'at+jwt' or 'JWT'.",
    )
  }
  return (typ) => {
    if (typ === null) return allowMissing
    const kind = tokenKind(typ)
    return kind !== null && kinds.has(kind)
  }
}

function claimsPolicy(checked: z.output<typeof OPTIONS>): ClaimsPolicy {
  const { issuer, audience, leeway, maxLifetime } = checked
  return {
    issuer,
    audiences: new Set(typeof audience === 'string' ? [audience] : audience),
    leewaySeconds: seconds('leeway', leeway, { min: 0, max: 60 }),
    maxLifetimeSeconds:
      maxLifetime === null ? null : seconds('maxLifetime', maxLifetime, { min: 1, max: 86_400 }),
  }
}

const TEXT = z.string().check(z.minLength(1))
const TEXTS = z.array(TEXT).check(z.minLength(1))
/** Only the kind of value: `seconds` checks the rest. */
const DURATION = z.custom<Duration>(
  (value) => typeof value === 'number' || typeof value === 'string',
)

const OPTIONS = z.strictObject({
  issuer: TEXT,
  audience: z.union([TEXT, TEXTS]),
  algorithms: z.array(z.string()),
  keys: z.custom<JwkSet | KeySource>(isKeys),
  types: z._default(TEXTS, ['at+jwt']),
  dangerouslyAllowMissingType: z._default(z.boolean(), false),
  leeway: z._default(DURATION, 5),
  maxLifetime: z._default(z.nullable(DURATION), '1h'),
})

function isKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('keys' in value) return Array.isArray(value.keys)
  return (
    'current' in value &&
    'refreshed' in value &&
    typeof value.current === 'function' &&
    typeof value.refreshed === 'function'
  )
}
