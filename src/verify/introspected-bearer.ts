import * as z from 'zod/mini'
import { hasJwtShape } from '../credential/bearer.js'
import { tokenId } from '../jwt/token-id.js'
import { hashOpaqueToken } from '../lifecycle/opaque-token.js'
import type { Throttle } from '../lifecycle/throttle/throttle.js'
import type { ApplicationPrincipal, UserPrincipal } from '../principal/principal.js'
import { monotonicMilliseconds } from '../runtime/clock.js'
import type { Scopes } from '../scope/vocabulary.js'
import { type Duration, seconds } from '../shared/duration.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { checkedOptions, DURATION, port, TEXT, wholeNumber } from '../shared/options.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { bearerLocation } from './bearer-location.js'
import { withBinding } from './binding.js'
import { REALM, TOKEN_NAME } from './factory-options.js'
import {
  confirmationOf,
  type IntrospectedToken,
  type IntrospectionPolicy,
  judgeIntrospected,
} from './introspection/introspected-token.js'
import type { IntrospectionCacheSettings } from './introspection/introspection-cache.js'
import { IntrospectionDesk } from './introspection/introspection-desk.js'
import type { IntrospectionSource } from './introspection/introspection-source.js'
import {
  applicationFromClaims,
  CLAIMS_SCHEMA,
  type ClaimsReading,
  isShareable,
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
import { THROTTLE, throttled } from './throttled.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

export interface IntrospectedBearerOptions<Claims> {
  /** Who is asked about the tokens: `remoteIntrospection({ ... })`. */
  readonly source: IntrospectionSource
  /**
   * Who we are: an answer must name at least one of these, exactly, in `aud`. Null does not look at whom a token is for:
   * every token that the server calls active is then good here, whichever API it was issued for.
   */
  readonly audience: string | readonly string[] | null
  /** A schema (any Standard Schema) that the answer must satisfy; its output is `principal.claims`. */
  readonly claims?: StandardSchema<Claims>
  /**
   * The claims that hold scopes, where this issuer has others than the vocabulary's `claims` say: `['scp']`, or
   * `['permissions']`. What they say is added up, but for `scope` and `scp`, which must agree.
   */
  readonly scopeClaims?: readonly string[]
  /** How long answers are remembered. False asks for each request. */
  readonly cache?: IntrospectionCacheOptions | false
  /** How far clocks may differ: 5 s by default, 0 to 60 s. Widens `exp`, `nbf` and `iat` of fresh answers alike. */
  readonly leeway?: Duration
  /** Read the token from this cookie and not from `Authorization`. The gate then guards against CSRF. */
  readonly cookie?: string
  /** Shown in the challenge; the gate's realm by default. */
  readonly realm?: string
  /** How long the source may take; 3,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** Questions under way at once: 32 by default, 1 to 1,000. */
  readonly concurrent?: number
  /** Questions that wait for their turn: 256 by default, 0 to 10,000. Whoever comes after them is answered 503. */
  readonly queued?: number
  /** How presenters prove that a token is theirs. Without it, plain bearer tokens are taken and bound ones refused. */
  readonly senderConstraint?: SenderConstraint
  /**
   * Limits how many tokens one source may try before the authorization server is asked. One that was right a moment ago is
   * not counted. Its limits for accounts do not apply: a token cannot be guessed. Default: none.
   */
  readonly throttle?: Throttle
}

export interface IntrospectionCacheOptions {
  /** How long a token counts as active: 30 s by default, 1 s to 15 min, and never longer than its `exp`. */
  readonly maxAge?: Duration
  /** How long it counts as inactive: 5 s by default, 0 to 60 s. */
  readonly negativeMaxAge?: Duration
  /** Active tokens that are remembered, and as many others: 10,000 by default, 1 to 1,000,000. */
  readonly maxTokens?: number
}

/**
 * Verifies tokens by asking the authorization server that issued them: `Authorization: Bearer <token>`, or a cookie.
 *
 * Takes tokens of any form. Beside a `jwtBearer` on one gate, those of a JWT's shape go to that one.
 *
 * The principal is a user, identified by the issuer and `sub`. With `principal: 'application'` it is a program, and only
 * tokens are taken whose `sub` is their `client_id`, or that name no user at all. A token that is revoked at the server
 * counts as active until `cache.maxAge` is over. Does not look at the resource or at revocation; the gate does.
 *
 * @throws ConfigurationError `option_invalid`
 * @see RFC 7662
 */
export function introspectedBearer<Claims = UntypedClaims>(
  options: IntrospectedBearerOptions<Claims> & { readonly principal?: 'user' },
): Verifier<UserPrincipal<Claims>>
export function introspectedBearer(
  options: IntrospectedBearerOptions<unknown> & { readonly principal: 'application' },
): Verifier<ApplicationPrincipal>
export function introspectedBearer<Claims>(
  options: IntrospectedBearerOptions<Claims> & { readonly principal?: 'user' | 'application' },
): Verifier<UserPrincipal<Claims> | ApplicationPrincipal> {
  const checked = checkedOptions('introspectedBearer', OPTIONS, options)
  const { source, audience, principal, cookie, realm, throttle } = checked
  const policy: IntrospectionPolicy = {
    issuer: source.issuer,
    audiences: audience === null ? null : new Set([audience].flat()),
    leewaySeconds: seconds('leeway', checked.leeway, { min: 0, max: 60 }),
  }
  const desk = new IntrospectionDesk({ ...checked, cache: cacheSettings(checked.cache) })
  const establish = establisher(principal, {
    schema: options.claims,
    scopeClaims: checked.scopeClaims,
  })
  const constraint = checked.senderConstraint ?? null
  const { recognises, offer, textOf } = bearerLocation('opaque', { cookie, realm, constraint })
  return {
    recognises,
    offer,
    metadata: { issuers: [policy.issuer], ...constraintMetadata(constraint) },
    needsClientNetwork: throttle !== undefined,
    verify(credential, context) {
      const text = textOf(credential)
      if (text === null) return refused('token_malformed')
      const since = monotonicMilliseconds()
      const check = (): Eventual<Established<Claims>> =>
        whenReady(desk.ask(text, context), (answer) => {
          if (answer.kind === 'malformed') return refused('token_malformed')
          if (answer.kind === 'inactive') return refused('token_inactive')
          if (answer.kind === 'unavailable') return answer
          const fault = judgeIntrospected(answer.token, policy, context.now)
          if (fault !== null) return fault
          const presented = { credential, token: text, cnf: confirmationOf(answer.token), since }
          return whenReady(establish(answer.token, text, context), (verification) =>
            withBinding(verification, constraint, presented, context),
          )
        })
      if (throttle === undefined) return check()
      return throttled(throttle, { credentialHash: hashOpaqueToken(text) }, context, check)
    },
  }
}

type Established<Claims> = Verification<UserPrincipal<Claims> | ApplicationPrincipal>

/** Makes the principal of a token, once for each answer and vocabulary: the answer may serve many requests. */
function establisher<Claims>(principal: 'user' | 'application', reading: ClaimsReading<Claims>) {
  const made = new WeakMap<
    IntrospectedToken,
    { readonly scopes: Scopes; readonly verification: Established<Claims> }
  >()
  return (
    token: IntrospectedToken,
    text: string,
    context: VerificationContext,
  ): Eventual<Established<Claims>> => {
    const before = made.get(token)
    if (before?.scopes === context.scopes) return before.verification
    const proven = { ...token, credentialId: credentialIdOf(token, text), keyId: null }
    const judged: Eventual<Established<Claims>> =
      principal === 'user'
        ? userFromClaims(proven, reading, context)
        : applicationFromClaims(proven, reading, context)
    return whenReady(judged, (verification) => {
      if (verification.kind === 'verified' && isShareable(verification.principal)) {
        made.set(token, { scopes: context.scopes, verification })
      }
      return verification
    })
  }
}

/** The name by which `jwtBearer` and `opaqueBearer` would know this very token. */
function credentialIdOf({ registered }: IntrospectedToken, text: string): string {
  const { issuer, jwtId } = registered
  return jwtId !== null || hasJwtShape(text)
    ? tokenId(issuer, jwtId, text.slice(0, text.lastIndexOf('.')))
    : `opaque-token:${hashOpaqueToken(text)}`
}

function cacheSettings(cache: z.output<typeof CACHE> | false): IntrospectionCacheSettings | null {
  if (cache === false) return null
  const { maxAge, negativeMaxAge, maxTokens } = cache
  return {
    maxAgeSeconds: seconds('cache.maxAge', maxAge, { min: 1, max: 900 }),
    negativeMaxAgeSeconds: seconds('cache.negativeMaxAge', negativeMaxAge, { min: 0, max: 60 }),
    maxTokens,
  }
}

const CACHE = /* @__PURE__ */ z.strictObject({
  maxAge: z._default(DURATION, 30),
  negativeMaxAge: z._default(DURATION, 5),
  maxTokens: z._default(wholeNumber(1, 1_000_000), 10_000),
})

const OPTIONS = /* @__PURE__ */ z.strictObject({
  source: z.custom<IntrospectionSource>(isSource),
  audience: z.nullable(z.union([TEXT, z.array(TEXT).check(z.minLength(1))])),
  claims: CLAIMS_SCHEMA,
  scopeClaims: SCOPE_CLAIMS,
  cache: z._default(z.union([z.literal(false), CACHE]), () => CACHE.parse({})),
  leeway: z._default(DURATION, 5),
  cookie: z.optional(TOKEN_NAME),
  realm: z.optional(REALM),
  timeoutMilliseconds: z._default(wholeNumber(1, 60_000), 3_000),
  concurrent: z._default(wholeNumber(1, 1_000), 32),
  queued: z._default(wholeNumber(0, 10_000), 256),
  principal: z._default(z.enum(['user', 'application']), 'user'),
  senderConstraint: z.exactOptional(SENDER_CONSTRAINT),
  throttle: THROTTLE,
})

function isSource(value: unknown): boolean {
  return (
    z.safeParse(port<IntrospectionSource>('introspect'), value).success &&
    z.safeParse(z.object({ issuer: TEXT }), value).success
  )
}
