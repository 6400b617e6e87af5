import type { Grant } from '../scope/grant.js'
import type { Lineage } from './lineage.js'

declare const proven: unique symbol

/** Only `establish.ts` makes one: holding a principal proves that a verifier has verified its credential. */
interface Proven {
  readonly [proven]: true
}

/** How and when the user logged in, as far as the credential says (RFC 9470 section 4, RFC 9068 section 2.2.1). */
export interface Authentication {
  /** Seconds since the epoch, or null if the credential does not say. */
  readonly time: number | null
  readonly acr: string | null
  readonly amr: readonly string[]
}

/** A person (or what acts as one): identified by issuer and subject together, never by the subject alone. */
export interface UserPrincipal<Claims = Readonly<Record<string, unknown>>> extends Proven {
  readonly kind: 'user'
  readonly issuer: string
  readonly subject: string
  /** The client through which the user acts, or null if the credential does not say. */
  readonly clientId: string | null
  /** What the credential may do. Compare through the vocabulary (`scopes.can`), never by text. */
  readonly grant: Grant
  /** The verified claims, in the shape of the verifier's schema if it has one. Frozen. */
  readonly claims: Claims
  readonly authentication: Authentication
  /** What revocation knows this credential by: never its text. Null if there is nothing to know it by. */
  readonly credentialId: string | null
  /** What else revocation knows it by: the session to log out, the token family, the key that signed it. */
  readonly lineage: Lineage
  /** Seconds since the epoch; null if the credential does not end by itself. */
  readonly expiresAt: number | null
}

/** A program that acts for itself. It has no user, no claims and no login. */
export interface ApplicationPrincipal extends Proven {
  readonly kind: 'application'
  readonly issuer: string
  readonly applicationId: string
  readonly grant: Grant
  readonly credentialId: string | null
  readonly lineage: Lineage
  readonly expiresAt: number | null
}

/** Nobody in particular: a request without a credential on a route that allows that by name. */
export interface AnonymousPrincipal extends Proven {
  readonly kind: 'anonymous'
}

/** A principal with an identity: what verifiers prove. */
export type IdentifiedPrincipal = UserPrincipal<unknown> | ApplicationPrincipal

/** Whoever a gate lets in. */
export type Principal = IdentifiedPrincipal | AnonymousPrincipal
