/** The public names of `sallyport`, in the order of a request's way. */

// The gate: a request's way through all that follows

export type { GateOptions, RevocationMirror } from './gate/checked-options.js'
export { formatInventory } from './gate/format-inventory.js'
export {
  assertNoBareRoutes,
  type ListedRoute,
  openRoutes,
  type RouteKind,
  type ServedDocument,
} from './gate/listed-route.js'
export type { CurrentPolicy, GatePolicy } from './gate/policy-option.js'
export type { MetadataOptions } from './gate/resource-metadata.js'
export type { RuleDescription } from './gate/rule-description.js'
export { createGate, type Gate, type Guard, type RouteGate } from './gate.js'

// 1 What was presented?

export type { ParsedApiKey } from './credential/api-key.js'
export { type ApiKeyPrefixes, defineApiKeyPrefixes } from './credential/api-key-prefixes.js'
export type { Credential, CredentialKind, PresentationProblem } from './credential/credential.js'
export type { ProxyOptions } from './credential/proxy.js'
export type { RequestView } from './credential/request-view.js'
export { DEFAULT_REFUSED_QUERY_PARAMETERS } from './credential/url-credentials.js'

// 2 Is it genuine?

export type { Algorithm } from './jwt/algorithms.js'
export {
  type JwkSet,
  type KeySetLookup,
  type KeySource,
  type KeysOfIssuer,
  staticKeys,
} from './jwt/jwk-set.js'
export type { KeyEvent, KeyReport } from './jwt/key-event.js'
export type { JwtVerifierOptions } from './jwt/token-judge.js'
export type { ClientAuthentication } from './remote/client-authentication.js'
export { type DiscoveredKeysOptions, discoveredKeys } from './remote/discovered-keys.js'
export {
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from './remote/remote-introspection.js'
export { type RemoteJwkSetOptions, remoteJwkSet } from './remote/remote-jwk-set.js'
export { type ApiKeyOptions, type ApiKeyStore, apiKey } from './verify/api-key.js'
export {
  type BasicOptions,
  basic,
} from './verify/basic.js'
export {
  type IntrospectedBearerOptions,
  type IntrospectionCacheOptions,
  introspectedBearer,
} from './verify/introspected-bearer.js'
export type {
  IntrospectionAnswer,
  IntrospectionFailure,
  IntrospectionQuestion,
  IntrospectionSource,
} from './verify/introspection/introspection-source.js'
export { type JwtBearerOptions, jwtBearer, type TokenCacheOptions } from './verify/jwt-bearer.js'
export type { JwtIssuers } from './verify/jwt-issuers.js'
export {
  type OpaqueBearerOptions,
  type OpaqueTokenStore,
  opaqueBearer,
} from './verify/opaque-bearer.js'
export type { IssuerResolver } from './verify/resolved-issuers.js'
export {
  type DpopNonceOptions,
  type DpopOptions,
  type SenderConstraint,
  type SenderConstraintOptions,
  senderConstraint,
} from './verify/sender-constraint.js'
export type {
  ChallengeOffer,
  Recognition,
  RefusalReason,
  UnavailableReason,
  Verification,
  VerificationContext,
  Verifier,
  VerifierMetadata,
} from './verify/verifier.js'
export type {
  IntrospectionFailedEvent,
  IssuerUnresolvedEvent,
  ThrottleFailedEvent,
  VerifierEvent,
} from './verify/verifier-event.js'

// 3 Who?

export type { EpochName, Epochs, Lineage } from './principal/lineage.js'
export type {
  AnonymousPrincipal,
  ApplicationPrincipal,
  Authentication,
  IdentifiedPrincipal,
  Principal,
  UserPrincipal,
} from './principal/principal.js'

// 4 Granted?

export { defineScopes } from './scope/define-scopes.js'
export type { DownscopeReason, DownscopeRequest, Downscoping } from './scope/downscope.js'
export type { Explanation } from './scope/explanation.js'
export type { Grant, GrantProblem } from './scope/grant.js'
export type { GrantSource } from './scope/grant-source.js'
export { renderExplanation } from './scope/render-explanation.js'
export { authenticated, type Requirement } from './scope/requirement.js'
export type { GrantAudit, ScopedRoute } from './scope/route-audit.js'
export type { Scopes } from './scope/vocabulary.js'

// 5 Allowed here? Policies have an entry of their own, `sallyport/policy`

export type { RevocationLagPolicy } from './policy/route/revocation-lag.js'
export type {
  AcceptedPrincipal,
  AcceptName,
  LoginRequirement,
  PrincipalsByName,
  Rule,
  RulePermissions,
} from './policy/route/rule.js'

// 6 The one answer

export type { Challenge } from './outcome/challenge.js'
export type {
  DecidedEvent,
  FailedEvent,
  GateEvent,
  LeakedEvent,
  RefusedEvent,
  StaleEvent,
  ThrottledEvent,
  VerifiedEvent,
} from './outcome/event.js'
export type { Granted, Outcome, PolicyVerdict, Refusal, TraceStep } from './outcome/outcome.js'

// 7 Answer to HTTP, for adapters of your own

export { type Connection, connectionOf } from './http/connection.js'
export { type NodeRequest, viewFetchRequest, viewNodeRequest } from './http/request-view.js'
export { type HttpAnswer, respond, respondWithKeys } from './http/respond.js'
export type { KeysToServe, ServeKeysOptions } from './http/served-keys.js'

// What is issued, refreshed and revoked

export {
  type ApiKeyLifetime,
  type ApiKeyRecord,
  type ApiKeyUse,
  type CreateApiKeyOptions,
  createApiKey,
} from './lifecycle/api-key/api-key.js'
export type {
  ApiKeyChangedEvent,
  ApiKeyEvent,
  ApiKeysRevokedEvent,
  ApiKeyUseUnrecordedEvent,
} from './lifecycle/api-key/api-key-event.js'
export type { ApiKeySummary } from './lifecycle/api-key/api-key-summary.js'
export {
  type ApiKeyCreation,
  type ApiKeyLookup,
  type ApiKeys,
  createApiKeys,
} from './lifecycle/api-key/api-keys.js'
export type {
  ApiKeysOptions,
  ListApiKeysOptions,
  NewApiKey,
  RotateApiKeyOptions,
} from './lifecycle/api-key/api-keys-options.js'
export type { CreatedApiKey } from './lifecycle/api-key/create-key.js'
export type { ApiKeyPage } from './lifecycle/api-key/list-keys.js'
export type { ApiKeyRevocation, LeakedApiKeyRevocation } from './lifecycle/api-key/revoke-key.js'
export type { ApiKeyRotation } from './lifecycle/api-key/rotate-key.js'
export type { StoreSlowEvent } from './lifecycle/ask-store.js'
export type { CodeBinding, CodeRefusal, PresentedCode } from './lifecycle/code/code-steps.js'
export type { CodeResult, ExchangeResult } from './lifecycle/codes.js'
export type { Authorization } from './lifecycle/family/authorization.js'
export type { EndOfFamily } from './lifecycle/family/family-record.js'
export type { RefreshRefusal } from './lifecycle/family/judge-refresh.js'
export type { ListedSession } from './lifecycle/family/sessions.js'
export type { GrantOptions, StartedLogin, StartLoginOptions } from './lifecycle/grant.js'
export type { IssueResult, StartedLoginResult } from './lifecycle/issuing.js'
export { createLifecycle, type Lifecycle } from './lifecycle/lifecycle.js'
export type { LifecycleEvent } from './lifecycle/lifecycle-event.js'
export type {
  AccessTokenOptions,
  LifecycleOptions,
  RefreshTokenOptions,
  Review,
  TokenPepper,
} from './lifecycle/lifecycle-options.js'
export {
  createLogin,
  type Login,
  type LoginGrant,
  type LoginOptions,
} from './lifecycle/login/login.js'
export type { LoginEvent } from './lifecycle/login/login-event.js'
export type {
  LoginRequest,
  PasswordChangeRequest,
  PasswordResetRequest,
} from './lifecycle/login/login-request.js'
export type {
  LoginResult,
  LoginUnavailable,
  PasswordChangeResult,
  PasswordResetResult,
} from './lifecycle/login/login-result.js'
export type { SessionsResult } from './lifecycle/looking-up.js'
export {
  createOpaqueToken,
  hashOpaqueToken,
  type OpaqueTokenRecord,
  type TokenConfirmation,
} from './lifecycle/opaque-token.js'
export {
  createHashingGate,
  type HashingGate,
  type HashingGateOptions,
} from './lifecycle/password/hashing-gate.js'
export {
  type Argon2idEngine,
  type Argon2idHashing,
  hashPassword,
  type PasswordHashing,
  type Peppering,
  passwordHasher,
  type ScryptHashing,
  verifyPassword,
} from './lifecycle/password/password.js'
export type { PasswordHasher, PasswordVerification } from './lifecycle/password/password-hasher.js'
export {
  type BreachedPasswords,
  createPasswordPolicy,
  type PasswordJudgement,
  type PasswordPolicy,
  type PasswordPolicyOptions,
  type PasswordProblem,
} from './lifecycle/password/password-policy.js'
export type {
  PasswordAccount,
  PasswordRecord,
  PasswordStore,
  WritablePasswordStore,
} from './lifecycle/password/password-store.js'
export {
  type AccountLookup,
  createPasswords,
  type PasswordCheck,
  type Passwords,
  type PasswordsOptions,
} from './lifecycle/password/passwords.js'
export type { Pepper } from './lifecycle/password/pepper.js'
export type {
  NewPasswordHash,
  PasswordSetting,
  SettingOptions,
} from './lifecycle/password/set-password.js'
export type { RefreshClient, RefreshResult } from './lifecycle/refreshing.js'
export {
  type MemoryReplayStoreOptions,
  memoryReplayStore,
} from './lifecycle/replay/memory-replay-store.js'
export type { ReplayStore } from './lifecycle/replay/replay-store.js'
export { storedReplays } from './lifecycle/replay/stored-replays.js'
export type {
  FeedFailedEvent,
  FeedRecoveredEvent,
  RevocationEvent,
  UnreadableRevocationEvent,
} from './lifecycle/revocation/event.js'
export {
  createRevocationMirror,
  type FeedMirror,
  type RevocationMirrorOptions,
} from './lifecycle/revocation/mirror.js'
export type { FeedReader } from './lifecycle/revocation/read-feed-page.js'
export type { KeySetDocument } from './lifecycle/signing-keys/key-set-document.js'
export type { KeyState } from './lifecycle/signing-keys/key-states.js'
export {
  type SigningKeyLookup,
  type SigningKeySource,
  staticSigningKey,
} from './lifecycle/signing-keys/signing-key-source.js'
export {
  type CompromiseResult,
  createSigningKeys,
  type KeyListing,
  type KeySetAnswer,
  type SigningKeys,
  type TickResult,
} from './lifecycle/signing-keys/signing-keys.js'
export type {
  KeyEncryptionKey,
  SigningKeysOptions,
} from './lifecycle/signing-keys/signing-keys-options.js'
export type { StoreUnavailable } from './lifecycle/store/steps.js'
export type {
  CasAnswer,
  FeedEntry,
  FeedPage,
  InsertOptions,
  ListPage,
  Notice,
  RecordKey,
  RecordKind,
  Store,
  StoredRecord,
  WriteOptions,
} from './lifecycle/store/store.js'
export type { Attempt } from './lifecycle/throttle/attempt-keys.js'
export type { AttemptLimiter } from './lifecycle/throttle/attempt-limiter.js'
export {
  type MemoryLimiterOptions,
  memoryLimiter,
} from './lifecycle/throttle/memory-limiter.js'
export {
  type AttemptEnd,
  createThrottle,
  type Throttle,
  type ThrottledAttempt,
  type ThrottleLimit,
  type ThrottleOptions,
  type UncountedAttempt,
} from './lifecycle/throttle/throttle.js'
export { type TokenResponse, type TokenSet, tokenResponse } from './lifecycle/token-set.js'

// What all of it needs

export { ConfigurationError, type ConfigurationErrorCode, UnavailableError } from './errors.js'
export type { Clock } from './runtime/clock.js'
export type { Duration } from './shared/duration.js'
export type { Eventual } from './shared/eventual.js'
export { Redacted } from './shared/redacted.js'
export type { StandardSchema } from './shared/standard-schema.js'
