import * as z from 'zod/mini'
import {
  createJwtVerifier,
  type JwtVerification,
  type JwtVerifierOptions,
} from '../jwt/verify-jwt.js'
import type { ApplicationPrincipal, UserPrincipal } from '../principal/principal.js'
import { checkedOptions } from '../shared/options.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { bearerLocation } from './bearer-location.js'
import { TOKEN_NAME } from './factory-options.js'
import {
  applicationFromClaims,
  CLAIMS_SCHEMA,
  type ProvenToken,
  type UntypedClaims,
  userFromClaims,
} from './principal-from-claims.js'
import { refused } from './refused.js'
import type { Verifier } from './verifier.js'

/** What `jwtBearer` takes: what a JWT is judged by, and what becomes of it. */
export interface JwtBearerOptions<Claims> extends JwtVerifierOptions {
  /** A schema (any Standard Schema) that the verified claims must satisfy; its output is `principal.claims`. */
  readonly claims?: StandardSchema<Claims>
  /** Read the token from this cookie and not from `Authorization`. The gate then guards against CSRF. */
  readonly cookie?: string
}

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
export function jwtBearer<Claims = UntypedClaims>(
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
    metadata: { issuers: [tokenOptions.issuer] },
    async verify(credential, context) {
      const text = textOf(credential)
      if (text === null) return refused('token_malformed')
      const verification = await tokens.verify(text, context.now)
      if (verification.kind === 'refused') return refused(verification.reason, verification.claim)
      if (verification.kind === 'unavailable') return verification
      return principal === 'user'
        ? userFromClaims(proven(verification), schema, context)
        : applicationFromClaims(proven(verification), context)
    },
  }
}

/** The frozen claims of a token whose signature is good. */
function proven({ claims, registered, tokenId }: VerifiedJwt): ProvenToken {
  return { claims, registered, credentialId: tokenId }
}

type VerifiedJwt = Extract<JwtVerification, { readonly kind: 'verified' }>

const OPTIONS = z.object({
  claims: CLAIMS_SCHEMA,
  cookie: z.optional(TOKEN_NAME),
  principal: z.enum(['user', 'application']),
})
