import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { Epochs } from '../principal/lineage.js'
import { isTime } from '../runtime/clock.js'
import { isScopeToken } from '../scope/token.js'
import { isThenable } from '../shared/eventual.js'
import type { JsonObject } from '../shared/json.js'
import { JSON_OBJECT } from '../shared/json-object.js'
import { checkedOptions, TEXT } from '../shared/options.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { isReservedClaim } from './access-token/access-token-claims.js'
import type { CodeBinding } from './code/code-steps.js'
import { type Authorization, EPOCHS } from './family/authorization.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import type { TokenConfirmation } from './opaque-token.js'
import { randomId } from './random-text.js'
import { isStoreText } from './store/store.js'

/** Who is about to prove who they are, and through which client. */
export interface StartLoginOptions {
  readonly subject: string
  readonly clientId: string
  readonly tenant?: string
  /**
   * A session that goes on, for a further client of it; a new one by default, and in place of one that has ended or is
   * another subject's: `login.session` says which.
   */
  readonly session?: string
}

declare const started: unique symbol

/**
 * A login that has begun: what the revocation counters said before the user was proven. Only `startLogin` makes one.
 *
 * INVARIANT: whatever is revoked between this moment and the issue of tokens revokes these tokens too. A password that is
 * changed while the old one is being verified leaves nothing behind.
 */
export interface StartedLogin {
  readonly [started]: true
  readonly subject: string
  readonly clientId: string
  readonly tenant: string | null
  readonly session: string
  readonly epochs: Epochs
}

/** What a user lets a client do. */
export type GrantOptions<Claims extends JsonObject = JsonObject> = GrantMembers &
  (Record<never, never> extends Claims
    ? {
        /** Further claims of each access token. None of those that this library sets. */
        readonly claims?: Claims
      }
    : { readonly claims: Claims })

interface GrantMembers {
  readonly login: StartedLogin
  /** Whether the client can keep a secret (RFC 6749 section 2.1). */
  readonly clientType: 'public' | 'confidential'
  /** Single scope tokens; may be empty. */
  readonly scopes: readonly string[]
  /** The lifecycle's own by default. */
  readonly audience?: string | readonly string[]
  /** When the user has proven who they are, in seconds since the epoch; now by default. */
  readonly authTime?: number
  readonly acr?: string
  readonly amr?: readonly string[]
  /** The key or certificate that the client has proven to hold; its tokens are bound to it. */
  readonly confirmation?: TokenConfirmation
  /** What a list of devices shows; up to 256 characters. */
  readonly label?: string
  /** Whether there is a refresh token; true by default. */
  readonly refresh?: boolean
}

/** @throws ConfigurationError `option_invalid` */
export function checkedStart(
  options: StartLoginOptions,
): Omit<StartedLogin, 'epochs' | typeof started> {
  const { subject, clientId, tenant, session } = checkedOptions('startLogin', START, options)
  return { subject, clientId, tenant: tenant ?? null, session: session ?? randomId() }
}

/** For `startLogin`, which has read the counters, and for nobody else. */
export function startedLogin(
  owners: Omit<StartedLogin, 'epochs' | typeof started>,
  epochs: Epochs,
): StartedLogin {
  return Object.freeze({ ...owners, epochs }) as StartedLogin // the brand has no value
}

/**
 * The authorization that a grant describes.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function authorizationOf(
  factory: string,
  options: GrantOptions,
  { audiences, claims: schema }: Pick<LifecycleSetup, 'audiences' | 'claims'>,
  now: number,
): Authorization {
  const grant = checkedOptions(factory, GRANT, options)
  const { login, confirmation = null, audience } = grant
  return {
    subject: login.subject,
    client: { id: login.clientId, type: grant.clientType },
    tenant: login.tenant,
    session: login.session,
    scopes: [...new Set(grant.scopes)],
    audiences: audience === undefined ? audiences : [audience].flat(),
    authentication: {
      time: grant.authTime ?? now,
      acr: grant.acr ?? null,
      amr: grant.amr ?? [],
    },
    claims: checkedClaims(factory, grant.claims ?? {}, schema),
    confirmation,
    epochs: login.epochs,
    label: grant.label ?? null,
  }
}

/**
 * The same, of a program that acts for itself.
 *
 * @throws ConfigurationError `option_invalid` if the login is somebody's else
 */
export function programOf(authorization: Authorization): Authorization {
  if (authorization.subject === authorization.client.id) return authorization
  throw new ConfigurationError(
    'option_invalid',
    "issueToProgram: the login's subject must be the client itself.",
  )
}

/**
 * What a code is bound to.
 *
 * @throws ConfigurationError `option_invalid` for a challenge that is not S256's
 */
export function checkedBinding(binding: CodeBinding): CodeBinding {
  return checkedOptions('createCode', BINDING, binding)
}

/**
 * Claims of the application's own, as the schema makes them.
 *
 * @throws ConfigurationError `option_invalid` for one that this library sets, for what the schema does not take, and for
 *   more than {@link MAX_CLAIMS_LENGTH} characters of JSON
 */
export function checkedClaims(
  factory: string,
  given: JsonObject,
  schema: StandardSchema<JsonObject> | null,
): JsonObject {
  const refuse = (problem: string): never => {
    throw new ConfigurationError('option_invalid', `${factory}: option 'claims': ${problem}.`)
  }
  const judged = schema === null ? { value: given } : schema['~standard'].validate(given)
  if (isThenable(judged)) return refuse('the schema must answer at once')
  if (judged.issues !== undefined) return refuse('not what the schema takes')
  const claims = { ...judged.value }
  const taken = Object.keys(claims).find(isReservedClaim)
  if (taken !== undefined) return refuse(`'${taken}' is set by the library`)
  return JSON.stringify(claims).length > MAX_CLAIMS_LENGTH ? refuse('too many') : claims
}

/** Of JSON: what is in every access token travels with every request. */
const MAX_CLAIMS_LENGTH = 4_096

/** Subjects, clients, tenants and sessions are parts of keys. */
const ID = /* @__PURE__ */ TEXT.check(
  /* @__PURE__ */ z.maxLength(255),
  /* @__PURE__ */ z.refine(isStoreText),
)

const START = /* @__PURE__ */ z.strictObject({
  subject: ID,
  clientId: ID,
  tenant: z.exactOptional(ID),
  session: z.exactOptional(ID),
})

const BINDING = /* @__PURE__ */ z.strictObject({
  redirectUri: z.nullable(TEXT),
  challenge: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
})

export const SCOPES: z.ZodMiniArray<z.ZodMiniString> = /* @__PURE__ */ z
  .array(z.string().check(z.refine(isScopeToken)))
  .check(z.maxLength(512))

const GRANT = /* @__PURE__ */ z.strictObject({
  login: z.object({
    subject: ID,
    clientId: ID,
    tenant: z.nullable(ID),
    session: ID,
    epochs: EPOCHS,
  }),
  clientType: z.enum(['public', 'confidential']),
  scopes: SCOPES,
  audience: z.exactOptional(z.union([TEXT, z.array(TEXT).check(z.minLength(1))])),
  authTime: z.exactOptional(z.number().check(z.refine(isTime))),
  acr: z.exactOptional(TEXT),
  amr: z.exactOptional(z.array(TEXT)),
  claims: z.exactOptional(JSON_OBJECT),
  confirmation: z.exactOptional(
    z
      .strictObject({
        jkt: z.exactOptional(TEXT),
        'x5t#S256': z.exactOptional(TEXT),
      })
      .check(z.refine(({ jkt, 'x5t#S256': x5t }) => jkt !== undefined || x5t !== undefined)),
  ),
  label: z.exactOptional(z.string().check(z.maxLength(256))),
  refresh: z.exactOptional(z.boolean()),
})
