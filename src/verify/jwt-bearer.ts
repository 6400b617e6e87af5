import * as z from 'zod/mini'
import type { Credential } from '../credential/credential.js'
import { type CompactJws, parseCompact } from '../jwt/compact.js'
import type { StandingJwt } from '../jwt/token-judge.js'
import type { ApplicationPrincipal, UserPrincipal } from '../principal/principal.js'
import { monotonicMilliseconds } from '../runtime/clock.js'
import { type Duration, seconds } from '../shared/duration.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { checkedOptions, DURATION, wholeNumber } from '../shared/options.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { bearerLocation } from './bearer-location.js'
import { withBinding } from './binding.js'
import { TOKEN_NAME } from './factory-options.js'
import { type JwtIssuers, jwtIssuers } from './jwt-issuers.js'
import {
  applicationFromClaims,
  CLAIMS_SCHEMA,
  type ProvenToken,
  SCOPE_CLAIMS,
  type UntypedClaims,
  userFromClaims,
} from './principal-from-claims.js'
import { refused } from './refused.js'
import {
  constraintMetadata,
  SENDER_CONSTRAINT,
  type SenderConstraint,
} from './sender-constraint.js'
import { VerifiedTokens, type VerifiedTokensSettings } from './verified-tokens.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

/**
 * What `jwtBearer` takes: what a JWT is judged by, for one issuer or, with `issuers`, for each of several; and what becomes
 * of it.
 */
export type JwtBearerOptions<Claims> = JwtIssuers & {
  /**
   * A schema (any Standard Schema) that the verified claims must satisfy; its output is `principal.claims`. Asked once for
   * a token as long as that is remembered.
   */
  readonly claims?: StandardSchema<Claims>
  /**
   * The claims that hold scopes, where this issuer has others than the vocabulary's `claims` say: `['scp']`, or
   * `['permissions']`. What they say is added up, but for `scope` and `scp`, which must agree.
   */
  readonly scopeClaims?: readonly string[]
  /** Read the token from this cookie and not from `Authorization`. The gate then guards against CSRF. */
  readonly cookie?: string
  /** How presenters prove that a token is theirs. Without it, plain bearer tokens are taken and bound ones refused. */
  readonly senderConstraint?: SenderConstraint
  /** How verified tokens are remembered; false: not at all, and every request pays for a signature. */
  readonly cache?: TokenCacheOptions | false
}

/** Tokens that were verified a moment ago are not verified again. They are in memory, as they are on the wire. */
export interface TokenCacheOptions {
  /** 5,000 by default, 2 to 100,000; a token takes some 1.5 KB. */
  readonly maxTokens?: number
  /** 60 s by default, 1 s to 5 min. Times, keys and revocation are looked at at every request, whatever this says. */
  readonly maxAge?: Duration
}

/**
 * Verifies JWT access tokens: `Authorization: Bearer <jwt>`, or a cookie.
 *
 * The principal is a user, identified by `iss` and `sub`. With `principal: 'application'` it is a program, and only
 * tokens whose `sub` is their `client_id` are taken (RFC 9068 section 5); those are refused otherwise. Does not look at
 * the resource or at revocation; the gate does.
 *
 * @throws ConfigurationError for an unsafe or incomplete configuration, see `createJwtVerifier`
 * @see RFC 9068, RFC 8725
 */
export function jwtBearer<Claims = UntypedClaims>(
  options: JwtBearerOptions<Claims> & { readonly principal?: 'user' },
): Verifier<UserPrincipal<Claims>>
export function jwtBearer(
  options: JwtBearerOptions<unknown> & { readonly principal: 'application' },
): Verifier<ApplicationPrincipal>
export function jwtBearer<Claims>(
  options: JwtBearerOptions<Claims> & { readonly principal?: 'user' | 'application' },
): Verifier<UserPrincipal<Claims> | ApplicationPrincipal> {
  type Who = UserPrincipal<Claims> | ApplicationPrincipal
  const {
    claims: schema,
    scopeClaims,
    cookie,
    cache = {},
    principal = 'user',
    senderConstraint,
    ...ofIssuers
  } = options ?? {}
  checkedOptions('jwtBearer', OPTIONS, options ?? {})
  const constraint = senderConstraint ?? null
  const issuers = jwtIssuers('jwtBearer', ofIssuers)
  const known = cache === false ? null : new VerifiedTokens<Who>(settingsOf(cache))
  const { recognises, offer, textOf } = bearerLocation('jwt', { cookie, constraint })

  const reading = { schema, scopeClaims: scopeClaims && [...scopeClaims] }
  const establish = (
    jwt: StandingJwt,
    context: VerificationContext,
  ): Eventual<Verification<Who>> =>
    principal === 'user'
      ? userFromClaims(proven(jwt), reading, context)
      : applicationFromClaims(proven(jwt), reading, context)

  const judge = (
    jws: CompactJws,
    text: string,
    credential: Credential,
    context: VerificationContext,
  ): Eventual<Verification<Who>> => {
    const since = monotonicMilliseconds()
    return whenReady(issuers.judgeOf(jws, context), (found): Eventual<Verification<Who>> => {
      if (found.kind !== 'found') return found
      return whenReady(
        found.judge.judge(jws, context.now, context.report),
        (judgement): Eventual<Verification<Who>> => {
          if (judgement.kind === 'refused') return refused(judgement.reason, judgement.claim)
          if (judgement.kind === 'unavailable') return judgement
          return whenReady(establish(judgement, context), (verification) => {
            if (verification.kind !== 'verified') return verification
            const { cnf } = judgement.claims
            known?.keep(text, { verification, cnf }, judgement.stands, context)
            const presented = { credential, token: text, cnf, since }
            return withBinding(verification, constraint, presented, context)
          })
        },
      )
    })
  }

  return {
    recognises,
    offer,
    metadata: { issuers: issuers.names, ...constraintMetadata(constraint) },
    verify(credential, context) {
      const text = textOf(credential)
      if (text === null) return refused('token_malformed')
      const remembered = known?.find(text, context)
      if (remembered) {
        const { verification, cnf } = remembered
        return withBinding(verification, constraint, { credential, token: text, cnf }, context)
      }
      const parsed = parseCompact(text)
      return parsed.ok ? judge(parsed.value, text, credential, context) : refused(parsed.reason)
    },
  }
}

/** The frozen claims of a token whose signature is good. */
function proven({ claims, registered, tokenId, keyId }: StandingJwt): ProvenToken {
  return { claims, registered, credentialId: tokenId, keyId }
}

function settingsOf({ maxTokens = 5_000, maxAge = 60 }: TokenCacheOptions): VerifiedTokensSettings {
  return { maxTokens, maxAgeSeconds: seconds('cache.maxAge', maxAge, { min: 1, max: 300 }) }
}

/** What is of the issuers is checked with them. */
const OPTIONS = z.object({
  claims: CLAIMS_SCHEMA,
  scopeClaims: SCOPE_CLAIMS,
  cookie: z.optional(TOKEN_NAME),
  cache: z.optional(
    z.union([
      z.literal(false),
      z.strictObject({
        maxTokens: z.optional(wholeNumber(2, 100_000)),
        maxAge: z.optional(DURATION),
      }),
    ]),
  ),
  principal: z.optional(z.enum(['user', 'application'])),
  senderConstraint: z.exactOptional(SENDER_CONSTRAINT),
})
