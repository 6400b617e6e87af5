import * as z from 'zod/mini'
import type { CredentialLocations } from '../credential/credential.js'
import { assertClientAddress, checkedProxy, type ProxyOptions } from '../credential/proxy.js'
import type { Transport } from '../credential/transport.js'
import { DEFAULT_REFUSED_QUERY_PARAMETERS } from '../credential/url-credentials.js'
import { ConfigurationError } from '../errors.js'
import { assertQuotable } from '../outcome/challenge.js'
import type { GateEvent } from '../outcome/event.js'
import type { Attributes } from '../policy/condition/attributes.js'
import type { ResourceTypes } from '../policy/definition/policy-definition.js'
import {
  REVOCATION_LAG_POLICIES,
  type RevocationLagPolicy,
} from '../policy/route/revocation-lag.js'
import type { NoTypes, PrincipalsByName } from '../policy/route/rule.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { defineScopes } from '../scope/define-scopes.js'
import type { Scopes } from '../scope/vocabulary.js'
import { checkedOptions as checkedMembers, functionOption, port, TEXT } from '../shared/options.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import type { Verifier } from '../verify/verifier.js'
import { checkedVerifiers, locationsOf } from './checked-verifiers.js'
import { checkedPolicy, type GatePolicy, type PolicySetup } from './policy-option.js'
import { ResourceMetadata } from './resource-metadata.js'
import { createStaleTally, type StaleTally } from './stale-tally.js'

/** What a gate is made of. Checked and copied when the gate is made. */
export interface GateOptions<
  Name extends string,
  Principals extends PrincipalsByName,
  Types extends ResourceTypes = NoTypes,
  PrincipalAttributes extends Attributes = Attributes,
  ContextAttributes extends Attributes = Attributes,
  Roles extends string = string,
> {
  /** The public URL of the API, as clients call it: https, or http on a loopback host. No query or fragment. */
  readonly resource: string
  /** The verifiers by name; rules refer to these names. At least one; `anyone` is taken. */
  readonly verifiers: { readonly [Key in keyof Principals]: Verifier<Principals[Key]> }
  /** The vocabulary of scopes, from `defineScopes`. Default: one without scopes. */
  readonly scopes?: Scopes<Name>
  /** Decides for rules with an `action`, on the very resource. Default: none, and no rule has one. */
  readonly policy?: GatePolicy<
    Principals[keyof Principals & string],
    NoInfer<Name>,
    Types,
    PrincipalAttributes,
    ContextAttributes,
    Roles
  >
  /** Shown in challenges where the verifier has no realm of its own. Default: the resource's host. */
  readonly realm?: string
  /** The proxies that end TLS for this process. Default `null`: none, and credentials must reach it over TLS or loopback. */
  readonly proxy?: ProxyOptions | null
  /** Takes credentials over cleartext from anywhere, for a closed test network. */
  readonly dangerouslyAllowCleartext?: true
  /** Origins besides the resource's own whose pages may send cookies and Basic, e.g. `https://app.example.com`. */
  readonly trustedOrigins?: readonly string[]
  /** Query parameters that are refused as leaked credentials. Default: {@link DEFAULT_REFUSED_QUERY_PARAMETERS}. */
  readonly refusedQueryParameters?: readonly string[]
  /** The revocations known to this process. Default: none. */
  readonly revocation?: RevocationMirror
  /** What becomes of requests while that mirror lags; a rule may say otherwise. Default `refuse-unsafe`. */
  readonly revocationLag?: RevocationLagPolicy
  /** Told of every decision, leak and failure. What it throws is dropped. */
  readonly onEvent?: (event: GateEvent) => void
  /** Default: the machine's clock. */
  readonly clock?: Clock
}

/** Revocations as one process knows them: an answer from memory, so that no request waits for it. */
export interface RevocationMirror {
  /** Whether this verified credential has been revoked. A throw means that it cannot be told: 503. */
  isRevoked(principal: IdentifiedPrincipal, now: number): boolean
  /**
   * How much it knows: all that was revoked until a moment ago; what was revoked until it lost touch (`lagging`); or nothing
   * yet (`empty`). A mirror without this member always knows all. A throw means that it cannot be told: 503.
   */
  freshness?(now: number): 'current' | 'lagging' | 'empty'
}

/** Options with their types erased and their defaults filled in: what `gate.ts` runs on. */
export interface GateSetup {
  readonly resource: string
  readonly realm: string
  readonly scopes: Scopes
  readonly policy: PolicySetup | null
  readonly verifiers: readonly NamedVerifier[]
  readonly locations: CredentialLocations
  readonly transport: Transport
  readonly metadata: ResourceMetadata
  readonly trustedOrigins: ReadonlySet<string>
  readonly revocation: RevocationMirror | null
  readonly revocationLag: RevocationLagPolicy
  readonly staleTally: StaleTally
  readonly onEvent: ((event: GateEvent) => void) | null
  readonly clock: Clock
}

/**
 * Checks a gate's options.
 *
 * @throws ConfigurationError with a code and one sentence that says what to do
 */
export function checkedOptions(options: unknown): GateSetup {
  const checked = checkedMembers('createGate', OPTIONS, options)
  const resource = checkedResource(checked.resource)
  const realm = checked.realm ?? resource.host
  assertQuotable('realm', realm)
  const verifiers = checkedVerifiers(checked.verifiers)
  const scopes = checked.scopes ?? defineScopes({ resources: {} })
  const proxy = checked.proxy == null ? null : checkedProxy(checked.proxy)
  for (const { name, verifier } of verifiers) {
    if (verifier.needsClientNetwork) assertClientAddress(proxy, `createGate: verifiers.${name}`)
  }
  if (checked.revocationLag !== undefined && checked.revocation === undefined) {
    throw new ConfigurationError(
      'option_invalid',
      "createGate: revocationLag needs a mirror of revocations, as the option 'revocation'.",
    )
  }
  return {
    resource: checked.resource,
    realm,
    scopes,
    policy: 'policy' in checked ? checkedPolicy(checked.policy, scopes) : null,
    verifiers,
    locations: locationsOf(verifiers, checked.refusedQueryParameters),
    transport: {
      proxy,
      allowsCleartext: checked.dangerouslyAllowCleartext ?? false,
    },
    metadata: new ResourceMetadata({
      resource: checked.resource,
      scopeNames: scopes.names,
      verifiers,
    }),
    trustedOrigins: new Set([
      resource.origin,
      ...(checked.trustedOrigins ?? []).map(checkedOrigin),
    ]),
    revocation: checked.revocation ?? null,
    revocationLag: checked.revocationLag ?? 'refuse-unsafe',
    staleTally: createStaleTally(),
    onEvent: checked.onEvent ?? null,
    clock: checked.clock ?? systemClock,
  }
}

function checkedResource(text: string): URL {
  const url = parseSecureUrl(text)
  if (url === null) {
    throw new ConfigurationError(
      'url_invalid',
      'createGate: resource must be an https URL (http only for localhost) without credentials.',
    )
  }
  if (text.includes('?') || text.includes('#')) {
    throw new ConfigurationError(
      'url_invalid',
      'createGate: resource must have no query or fragment.',
    )
  }
  return url
}

function checkedOrigin(text: string): string {
  if (parseSecureUrl(text)?.origin !== text || text.includes('*')) {
    throw new ConfigurationError(
      'url_invalid',
      'createGate: each of trustedOrigins must be an https origin like https://app.example.com (http only for localhost).',
    )
  }
  return text
}

const OPTIONS = z.strictObject({
  resource: z.string(),
  verifiers: z.record(z.string(), z.unknown()),
  scopes: z.optional(port<Scopes>('judge', 'challenge', 'requirement', 'grant', 'fromClaims')),
  policy: z.exactOptional(z.unknown()),
  realm: z.optional(z.string()),
  proxy: z.optional(z.unknown()),
  dangerouslyAllowCleartext: z.optional(z.literal(true)),
  trustedOrigins: z.optional(z.array(z.string())),
  refusedQueryParameters: z.optional(z.array(TEXT)),
  // Not even undefined: a mirror that is misspelt where it comes from would revoke nothing.
  revocation: z.exactOptional(port<RevocationMirror>('isRevoked')),
  revocationLag: z.exactOptional(z.enum(REVOCATION_LAG_POLICIES)),
  onEvent: z.optional(functionOption<(event: GateEvent) => void>()),
  clock: z.optional(port<Clock>('now')),
})
