import * as z from 'zod/mini'
import {
  createJwtVerifier,
  type JwtVerification,
  type JwtVerifierOptions,
} from '../jwt/verify-jwt.js'
import { establishApplication, establishUser } from '../principal/establish.js'
import type { ApplicationPrincipal, UserPrincipal } from '../principal/principal.js'
import { checkedOptions } from '../shared/options.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { bearerLocation } from './bearer-location.js'
import { TOKEN_NAME } from './factory-options.js'
import { refused } from './refused.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

/** What `jwtBearer` takes: what a JWT is judged by, and what becomes of it. */
export interface JwtBearerOptions<Claims> extends JwtVerifierOptions {
  /** A schema (any Standard Schema) that the verified claims must satisfy; its output is `principal.claims`. */
  readonly claims?: StandardSchema<Claims>
  /** Read the token from this cookie and not from `Authorization`. The gate then guards against CSRF. */
  readonly cookie?: string
}

type Untyped = Readonly<Record<string, unknown>>

/**
 * Verifies JWT access tokens of one issuer: `Authorization: Bearer <jwt>`, or a cookie.
 *
 * The principal is a user, identified by `iss` and `sub`. With `principal: 'application'` it is a program, and only
 * tokens whose `sub` is their `client_id` are taken (RFC 9068 section 5); those are refused otherwise. Does not look at
 * the resource or at revocation; the gate does.
 *
 * @throws ConfigurationError for an unsafe or incomplete configuration, see `createJwtVerifier`
 * @see RFC 9068, RFC 8725
 */
export function jwtBearer<Claims = Untyped>(
  options: JwtBearerOptions<Claims> & { readonly principal?: 'user' },
): Verifier<UserPrincipal<Claims>>
export function jwtBearer(
  options: JwtBearerOptions<unknown> & { readonly principal: 'application' },
): Verifier<ApplicationPrincipal>
export function jwtBearer<Claims>(
  options: JwtBearerOptions<Claims> & { readonly principal?: 'user' | 'application' },
): Verifier<UserPrincipal<Claims> | ApplicationPrincipal> {
  const { claims: schema, cookie, principal = 'user', ...tokenOptions } = options ?? {}
  checkedOptions('jwtBearer', OPTIONS, { claims: schema, cookie, principal })
  const tokens = createJwtVerifier(tokenOptions)
  const { recognises, offer, textOf } = bearerLocation('jwt', cookie)
  return {
    recognises,
    offer,
    async verify(credential, context) {
      const text = textOf(credential)
      if (text === null) return refused('token_malformed')
      const verification = await tokens.verify(text, context.now)
      if (verification.kind === 'refused') return refused(verification.reason, verification.claim)
      if (verification.kind === 'unavailable') return verification
      return principal === 'user'
        ? establishUserFrom(verification, schema, context)
        : establishApplicationFrom(verification, context)
    },
  }
}

type VerifiedJwt = Extract<JwtVerification, { readonly kind: 'verified' }>

async function establishUserFrom<Claims>(
  { claims, registered, tokenId }: VerifiedJwt,
  schema: StandardSchema<Claims> | undefined,
  { scopes }: VerificationContext,
): Promise<Verification<UserPrincipal<Claims>>> {
  const { issuer, subject, clientId } = registered
  if (subject === null) return refused('claim_missing', 'sub')
  if (subject === clientId) return refused('principal_kind')
  const grant = scopes.fromClaims(claims)
  if (grant.problem !== null) return refused(grant.problem)
  const judged = await judgeBySchema(claims, schema)
  if (judged.kind !== 'accepted') return judged
  const { authentication, expiresAt } = registered
  return {
    kind: 'verified',
    principal: establishUser({
      issuer,
      subject,
      clientId,
      grant,
      claims: judged.claims,
      authentication,
      credentialId: tokenId,
      expiresAt,
    }),
  }
}

function establishApplicationFrom(
  { claims, registered, tokenId }: VerifiedJwt,
  { scopes }: VerificationContext,
): Verification<ApplicationPrincipal> {
  const { issuer, subject, clientId, expiresAt } = registered
  if (clientId === null || subject !== clientId) return refused('principal_kind')
  const grant = scopes.fromClaims(claims)
  if (grant.problem !== null) return refused(grant.problem)
  return {
    kind: 'verified',
    principal: establishApplication({
      issuer,
      applicationId: clientId,
      grant,
      credentialId: tokenId,
      expiresAt,
    }),
  }
}

type SchemaJudgement<Claims> =
  | { readonly kind: 'accepted'; readonly claims: Claims }
  | Extract<Verification<never>, { readonly kind: 'refused' | 'unavailable' }>

async function judgeBySchema<Claims>(
  claims: Untyped,
  schema: StandardSchema<Claims> | undefined,
): Promise<SchemaJudgement<Claims>> {
  // Without a schema `Claims` is inferred to be the untyped record: nothing else could have set it.
  if (schema === undefined) return { kind: 'accepted', claims: claims as Claims }
  try {
    const result = await schema['~standard'].validate(claims)
    return result.issues === undefined
      ? { kind: 'accepted', claims: result.value }
      : refused('claims_rejected')
  } catch (cause) {
    return { kind: 'unavailable', reason: 'verifier_failed', cause }
  }
}

const OPTIONS = z.object({
  claims: z.optional(
    z.custom<StandardSchema>(
      (value) =>
        (typeof value === 'object' || typeof value === 'function') &&
        value !== null &&
        '~standard' in value,
    ),
  ),
  cookie: z.optional(TOKEN_NAME),
  principal: z.enum(['user', 'application']),
})
