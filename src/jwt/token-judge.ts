import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type Duration, seconds } from '../shared/duration.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { frozen } from '../shared/frozen.js'
import { checkedOptions, DURATION, TEXT } from '../shared/options.js'
import { type Algorithm, type AlgorithmEntry, checkedAlgorithms } from './algorithms.js'
import { type ClaimsPolicy, judgeClaims, type RegisteredClaims } from './claims.js'
import type { CompactJws } from './compact.js'
import type { JwkSet, KeySource, KeysOfIssuer } from './jwk-set.js'
import type { KeyReport } from './key-event.js'
import { createKeyLookup, type KeyLookup } from './key-lookup.js'
import type { VerificationKey } from './keys.js'
import { KEYS, keysFor } from './keys-option.js'
import { ACCESS_TOKEN, tokenKind } from './media-type.js'
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
  /**
   * The issuer's keys, or where they come from: `discoveredKeys` finds them by the issuer. Shared secrets must be given as
   * keys.
   */
  readonly keys: JwkSet | KeySource | KeysOfIssuer
  /**
   * The kinds of token that are accepted, by their `typ`; `['at+jwt']` by default (RFC 9068). Case and a leading
   * `application/` do not matter. An issuer that does not set a kind of its own needs `['JWT']`. A token that says it is
   * an `at+jwt` must have all claims that RFC 9068 section 2.2 requires: besides `iss`, `aud`, `exp` and `iat` also
   * `sub`, `client_id` and `jti`.
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
  | VerifiedJwt
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

/** A token whose signature and claims are good. */
export interface VerifiedJwt {
  readonly kind: 'verified'
  /** All claims, frozen at every level, without a prototype. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly registered: RegisteredClaims
  /** What revocation and replay know the token by: never its text. */
  readonly tokenId: string
}

/** A verified token, and whether that still holds at another moment. */
export interface StandingJwt extends VerifiedJwt {
  /** The `kid` of the key that verified it, which its header need not name. */
  readonly keyId: string | null
  /**
   * Whether the same text would be verified again at `now`, as far as time and keys say: not before it was first verified,
   * before it expires, and while its key is served. Cheap and synchronous, for caches.
   */
  stands(now: number, report?: KeyReport): boolean
}

export type TokenJudgement = StandingJwt | Exclude<JwtVerification, { readonly kind: 'verified' }>

/** Judges tokens of one issuer that have been parsed already. */
export interface TokenJudge {
  /** The exact `iss`. */
  readonly issuer: string
  /** Judges a token at `now`: at once if keys and runtime allow it. Never throws or rejects. */
  judge(jws: CompactJws, now: number, report?: KeyReport): Eventual<TokenJudgement>
}

/**
 * Makes the judge of one issuer's tokens. Keys given by the configuration are judged here and now.
 *
 * A parsed token passes in this order: its algorithm is allowed, its kind expected, its key known, its signature good, its
 * claims right.
 *
 * @param factory who is called, for messages
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`, `algorithm_families_mixed`, `key_invalid`
 */
export function createTokenJudge(factory: string, options: JwtVerifierOptions): TokenJudge {
  const checked = checkedOptions(factory, OPTIONS, options)
  const algorithms = checkedAlgorithms(checked.algorithms)
  const allowed = new Map<string, AlgorithmEntry>(algorithms.map((entry) => [entry.name, entry]))
  const kinds = checkedKinds(factory, checked.types)
  const keys = createKeyLookup(keysFor(factory, checked), algorithms)
  const policy = claimsPolicy(checked)
  return {
    issuer: checked.issuer,
    judge(jws, now, report) {
      const { alg, typ, kid } = jws.header
      const algorithm = allowed.get(alg)
      if (algorithm === undefined) return refused('algorithm_not_allowed')
      const kind = typ === null ? null : tokenKind(typ)
      const isExpected =
        typ === null ? checked.dangerouslyAllowMissingType : kind !== null && kinds.has(kind)
      if (!isExpected) return refused('token_type')
      return whenReady(
        keys.find(kid, algorithm, now, report),
        (found): Eventual<TokenJudgement> => {
          if (found.kind === 'unavailable') {
            const { retryAfterSeconds, cause } = found
            return { kind: 'unavailable', reason: 'keys_unavailable', retryAfterSeconds, cause }
          }
          if (found.kind === 'unknown') return refused('key_unknown')
          const { key } = found
          return whenReady(verifySignature(jws, key), (verdict) =>
            verdict === 'valid'
              ? judgePayload(jws, kind, policy, keys, key, now)
              : refused(verdict),
          )
        },
      )
    },
  }
}

function judgePayload(
  jws: CompactJws,
  kind: string | null,
  policy: ClaimsPolicy,
  keys: KeyLookup,
  key: VerificationKey,
  verifiedAt: number,
): TokenJudgement {
  const judged = judgeClaims(jws.payload, kind, policy, verifiedAt)
  if (judged.kind === 'refused') return judged
  const { claims: registered } = judged
  const expiry = registered.expiresAt + policy.leewaySeconds
  return {
    kind: 'verified',
    claims: frozen(jws.payload),
    registered,
    tokenId: tokenId(registered.issuer, registered.jwtId, jws.signingInput),
    keyId: key.kid,
    // What `nbf` and `iat` allowed then, they allow at any later moment.
    stands: (now, report) => now >= verifiedAt && now < expiry && keys.serves(key, now, report),
  }
}

function refused(reason: JwtRefusal): TokenJudgement {
  return { kind: 'refused', reason }
}

function checkedKinds(factory: string, types: readonly string[]): ReadonlySet<string> {
  const kinds = new Set<string>()
  for (const type of types) {
    const kind = tokenKind(type)
    if (kind === null) {
      throw new ConfigurationError(
        'option_invalid',
        `${factory}: option 'types' must list kinds of token, such as 'at+jwt' or 'JWT'.`,
      )
    }
    kinds.add(kind)
  }
  return kinds
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

const TEXTS = z.array(TEXT).check(z.minLength(1))
const OPTIONS = z.strictObject({
  issuer: TEXT,
  audience: z.union([TEXT, TEXTS]),
  algorithms: z.array(z.string()),
  keys: KEYS,
  types: z._default(TEXTS, [ACCESS_TOKEN]),
  dangerouslyAllowMissingType: z._default(z.boolean(), false),
  leeway: z._default(DURATION, 5),
  maxLifetime: z._default(z.nullable(DURATION), '1h'),
})
