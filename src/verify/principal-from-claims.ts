import * as z from 'zod/mini'
import type { ClaimsAsNamed } from '../jwt/claims.js'
import { establishApplication, establishUser } from '../principal/establish.js'
import { lineageOfClaims } from '../principal/lineage.js'
import type {
  ApplicationPrincipal,
  IdentifiedPrincipal,
  UserPrincipal,
} from '../principal/principal.js'
import { type Eventual, isThenable } from '../shared/eventual.js'
import { frozen, isPlain } from '../shared/frozen.js'
import { schemaOption, TEXT } from '../shared/options.js'
import type { StandardResult, StandardSchema } from '../shared/standard-schema.js'
import { refused } from './refused.js'
import type { UnjudgedCredential, Verification, VerificationContext } from './verifier.js'

export type UntypedClaims = Readonly<Record<string, unknown>>

/** What a token says, once it is proven: by its signature, or by who was asked about it. */
export interface ProvenToken {
  /** All of its claims, frozen at every level. */
  readonly claims: UntypedClaims
  readonly registered: ClaimsAsNamed & { readonly issuer: string }
  /** What revocation knows the token by: never its text. */
  readonly credentialId: string
  /** The `kid` of the key that has proven it; null if that has none, or no key was looked at. */
  readonly keyId: string | null
}

/** How claims become a principal. */
export interface ClaimsReading<Claims> {
  readonly schema: StandardSchema<Claims> | undefined
  /** The claims that hold scopes; those of the vocabulary if undefined. */
  readonly scopeClaims: readonly string[] | undefined
}

/**
 * The user by whose leave a proven token acts. A token without `sub` is refused, as is the token of a program that acts
 * for itself: its `sub` is its `client_id` (RFC 9068 section 5).
 *
 * Answers at once if the schema does.
 */
export function userFromClaims<Claims>(
  { claims, registered, credentialId, keyId }: ProvenToken,
  { schema, scopeClaims }: ClaimsReading<Claims>,
  { scopes }: Pick<VerificationContext, 'scopes'>,
): Eventual<Verification<UserPrincipal<Claims>>> {
  const { issuer, subject, clientId, authentication, expiresAt } = registered
  if (subject === null) return refused('claim_missing', 'sub')
  if (subject === clientId) return refused('principal_kind')
  const grant = scopes.fromClaims(claims, scopeClaims)
  if (grant.problem !== null) return refused(grant.problem)
  // Of all the claims: a schema may leave out what it does not name.
  const lineage = lineageOfClaims(claims, keyId)
  const known = { credentialId, lineage, expiresAt }
  return bySchema(claims, schema, (accepted) => ({
    kind: 'verified',
    principal: establishUser({
      issuer,
      subject,
      clientId,
      grant,
      claims: accepted,
      authentication,
      ...known,
    }),
  }))
}

/** The program that acts for itself with a proven token. The token of a user is refused. */
export function applicationFromClaims(
  { claims, registered, credentialId, keyId }: ProvenToken,
  { scopeClaims }: Pick<ClaimsReading<unknown>, 'scopeClaims'>,
  { scopes }: Pick<VerificationContext, 'scopes'>,
): Verification<ApplicationPrincipal> {
  const { issuer, subject, clientId: applicationId, expiresAt } = registered
  if (applicationId === null || subject !== applicationId) return refused('principal_kind')
  const grant = scopes.fromClaims(claims, scopeClaims)
  if (grant.problem !== null) return refused(grant.problem)
  return {
    kind: 'verified',
    principal: establishApplication({
      issuer,
      applicationId,
      grant,
      credentialId,
      lineage: lineageOfClaims(claims, keyId),
      expiresAt,
    }),
  }
}

/** Whether other requests may have this principal, too: what a handler can write to must not be handed to another. */
export function isShareable(principal: IdentifiedPrincipal): boolean {
  return principal.kind !== 'user' || isPlain(principal.claims)
}

/** What becomes of claims that the schema takes; it may answer at once or by a promise, and must not throw. */
function bySchema<Claims, Proven extends UserPrincipal<Claims>>(
  claims: UntypedClaims,
  schema: StandardSchema<Claims> | undefined,
  accept: (claims: Claims) => Verification<Proven>,
): Eventual<Verification<Proven>> {
  // Without a schema `Claims` is inferred to be the untyped record: nothing else could have set it.
  if (schema === undefined) return accept(claims as Claims)
  const judge = (result: StandardResult<Claims>): Verification<Proven> =>
    result.issues === undefined
      ? accept(isPlain(result.value) ? frozen(result.value) : result.value)
      : refused('claims_rejected')
  try {
    const result = schema['~standard'].validate(claims)
    return isThenable(result) ? Promise.resolve(result).then(judge).catch(failed) : judge(result)
  } catch (cause) {
    return failed(cause)
  }
}

function failed(cause: unknown): UnjudgedCredential {
  return { kind: 'unavailable', reason: 'verifier_failed', cause }
}

/** The option `claims` of verifiers: any Standard Schema. Not undefined: misspelt where it comes from, it would ask nothing. */
export const CLAIMS_SCHEMA: z.ZodMiniExactOptional<z.ZodMiniCustom<StandardSchema>> =
  /* @__PURE__ */ z.exactOptional(schemaOption<unknown>())

/** The option `scopeClaims` of verifiers. Not undefined, for the same reason. */
export const SCOPE_CLAIMS: z.ZodMiniExactOptional<z.ZodMiniArray<z.ZodMiniString>> =
  /* @__PURE__ */ z.exactOptional(z.array(TEXT).check(/* @__PURE__ */ z.minLength(1)))
