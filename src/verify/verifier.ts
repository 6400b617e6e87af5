import type { Credential } from '../credential/credential.js'
import type { RequestView } from '../credential/request-view.js'
import type { JwtRefusal } from '../jwt/refusal.js'
import type { ThrottledAttempt } from '../lifecycle/throttle/throttle.js'
import type { FieldsOf } from '../principal/establish.js'
import type {
  ApplicationPrincipal,
  IdentifiedPrincipal,
  UserPrincipal,
} from '../principal/principal.js'
import type { GrantProblem } from '../scope/grant.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { Eventual } from '../shared/eventual.js'
import type { BindingRefusal, NonceRefusal, ProofRefusal } from './binding-refusal.js'
import type { VerifierEvent } from './verifier-event.js'

/** Why a credential was refused: stable codes for traces and events, never sent to the client. */
export type RefusalReason =
  | JwtRefusal
  | GrantProblem
  | BindingRefusal
  | ProofRefusal
  | NonceRefusal
  | 'claims_rejected' // the schema said no
  | 'principal_kind' // an application's token where a user's is expected, or the reverse
  | 'token_unknown'
  | 'token_inactive' // the authorization server says so, and does not say why
  | 'token_expired'
  | 'api_key_malformed'
  | 'api_key_checksum'
  | 'api_key_unknown'
  | 'api_key_expired'
  | 'basic_malformed'
  | 'password_wrong' // or the user is unknown: the two are not told apart
  | 'revoked'

/** Why a credential could not be judged: our side's fault, answered 503. */
export type UnavailableReason =
  | 'keys_unavailable'
  | 'issuer_unresolved' // the look-up of a token's issuer failed
  | 'store_unavailable'
  | 'replay_unavailable' // it cannot be told whether a proof was used before
  | 'throttle_unavailable' // it cannot be told how many attempts there were
  | 'introspection_unavailable' // the authorization server cannot be asked, or its answer not be used
  | 'introspection_busy' // too many tokens wait to be asked about
  | 'verifier_failed' // a verifier, schema or callback threw
  | 'hashing_busy'
  | 'clock_failed' // the gate's clock does not say a time
  | 'policy_failed' // `load` or `allow` threw
  | 'revocation_unavailable'
  | 'revocation_stale' // it is not known what was revoked lately

/** What a verifier says of a credential. It proves or disproves; it never decides what is allowed. */
export type Verification<Proven extends IdentifiedPrincipal = IdentifiedPrincipal> =
  | VerifiedCredential<Proven>
  | RefusedCredential
  | ThrottledAttempt
  | UnjudgedCredential

/** The credential is good, and this is whose it is. */
export interface VerifiedCredential<Proven extends IdentifiedPrincipal> {
  readonly kind: 'verified'
  readonly principal: Proven
  /** A nonce for the client's next DPoP proof, to go out with the answer. */
  readonly dpopNonce?: string
}

/** The credential's fault: 401. */
export interface RefusedCredential {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  /** The name of the claim at fault, for the operator's trace. */
  readonly claim?: string
  /** A nonce for the client's next DPoP proof. */
  readonly dpopNonce?: string
}

/** Our side's fault: 503, never 401. */
export interface UnjudgedCredential {
  readonly kind: 'unavailable'
  readonly reason: UnavailableReason
  /** Whole seconds after which asking again may help. */
  readonly retryAfterSeconds?: number
  /** For the operator's events. May hold what a store threw; never sent to a client. */
  readonly cause?: unknown
}

/** What a verifier recognises. A gate refuses to start if two of its verifiers would claim one credential. */
export type Recognition =
  | {
      readonly kind: 'bearer'
      readonly format: 'jwt' | 'opaque'
      /** The token may also come under the scheme `DPoP`, with its proof. */
      readonly dpop?: boolean
    }
  | { readonly kind: 'basic' }
  | { readonly kind: 'api-key'; readonly field: string; readonly prefix: string }
  | { readonly kind: 'cookie'; readonly name: string }

/** The challenge a verifier offers. Values are checked against RFC 6750 section 3 and RFC 9110 when composed. */
export interface ChallengeOffer {
  readonly scheme: string
  /** Parameters besides those the gate adds (realm, scope, error). */
  readonly parameters: Readonly<Record<string, string>>
}

/** What OAuth clients are told of a verifier in the metadata of the API. @see RFC 9728 section 2 */
export interface VerifierMetadata {
  /** Whose tokens it takes. Those that are URLs are named as authorization servers. */
  readonly issuers?: readonly string[]
  /** The algorithms of the DPoP proofs that it takes. */
  readonly dpopAlgorithms?: readonly string[]
  /** It takes no token without a DPoP proof. */
  readonly dpopRequired?: boolean
  /** It takes tokens that are bound to the client's certificate (RFC 8705). */
  readonly certificateBound?: boolean
}

/** What a verifier may look at besides the credential. */
export interface VerificationContext {
  /** Seconds since the epoch: one reading of the clock for the whole request. */
  readonly now: number
  /** The gate's vocabulary, to read grants with. */
  readonly scopes: Scopes
  /** The request that carries the credential, for proofs that are bound to it. */
  readonly request: RequestView
  /** The public URL of the API, from the gate's configuration and never from the request. */
  readonly resource: string
  /**
   * The certificate in DER that the client has proved to hold, whether its connection ends here or at a trusted proxy; null
   * if there is none. Does not say whether anybody vouches for it.
   */
  clientCertificate(): Uint8Array | null
  /**
   * The network that the client connects from, whether its connection ends here or at a trusted proxy: what a throttle
   * counts under. An IPv4 address, the first 64 bits of an IPv6 address, or `unknown`.
   */
  clientNetwork(): string
  /** Tells the operator something besides the verdict. Never throws. */
  report(event: VerifierEvent): void
  /** Makes the principal, once the credential is proven. Nobody but a verifier gets to hold these. */
  readonly establish: {
    user<Claims>(fields: FieldsOf<UserPrincipal<Claims>>): UserPrincipal<Claims>
    application(fields: FieldsOf<ApplicationPrincipal>): ApplicationPrincipal
  }
}

/**
 * Proves who presents a credential. The port that `jwtBearer`, `opaqueBearer`, `introspectedBearer`, `apiKey` and `basic`
 * implement, and that you implement for a mechanism of your own.
 *
 * `verify` is only called with credentials that `recognises` describes, and may answer at once or by a promise. What it
 * throws, and an answer that is none, count as `unavailable`.
 *
 * @example
 * ```ts
 * import type { UserPrincipal, Verifier } from 'sallyport'
 *
 * export const session: Verifier<UserPrincipal> = {
 *   recognises: { kind: 'cookie', name: '__Host-session' },
 *   offer: { scheme: 'Cookie', parameters: { 'cookie-name': '__Host-session' } },
 *   async verify(credential, { scopes, establish }) {
 *     const user = credential.kind === 'cookie' ? await find(credential.value.reveal()) : null
 *     if (user === null) return { kind: 'refused', reason: 'token_unknown' }
 *     const { subject, login } = user
 *     return {
 *       kind: 'verified',
 *       principal: establish.user({
 *         issuer: 'session',
 *         subject,
 *         clientId: null,
 *         grant: scopes.grant('profile:read'),
 *         claims: {},
 *         authentication: { time: login, acr: null, amr: [] },
 *         credentialId: null,
 *         expiresAt: null,
 *       }),
 *     }
 *   },
 * }
 *
 * declare function find(id: string): Promise<{ subject: string; login: number } | null>
 * ```
 */
export interface Verifier<Proven extends IdentifiedPrincipal = IdentifiedPrincipal> {
  readonly recognises: Recognition
  /** For verifiers of OAuth tokens. */
  readonly metadata?: VerifierMetadata
  /** It asks for `clientNetwork`, so a gate behind a proxy does not start unless the proxy says whom it serves. */
  readonly needsClientNetwork?: boolean
  /** The challenge of this verifier, or one for each scheme that it takes, the one that most clients know first. */
  readonly offer: ChallengeOffer | readonly ChallengeOffer[]
  verify(credential: Credential, context: VerificationContext): Eventual<Verification<Proven>>
}
