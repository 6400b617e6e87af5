import * as z from 'zod/mini'
import type { EpochName, Epochs } from '../../principal/lineage.js'
import type { JsonObject } from '../../shared/json.js'
import { JSON_OBJECT } from '../../shared/json-object.js'
import type { TokenConfirmation } from '../opaque-token.js'

/**
 * What a user has let a client do: all that its tokens say. It never changes while its family lives: a refresh that asks
 * for less gets an access token for less.
 */
export interface Authorization {
  readonly subject: string
  readonly client: {
    readonly id: string
    /** Whether it can keep a secret, and so proves who it is at each refresh (RFC 6749 section 2.1). */
    readonly type: 'public' | 'confidential'
  }
  readonly tenant: string | null
  /** One login on one device. */
  readonly session: string
  /** Single scope tokens. */
  readonly scopes: readonly string[]
  /** Whom the access tokens are for. */
  readonly audiences: readonly string[]
  readonly authentication: {
    /** When the user logged in, in seconds since the epoch. */
    readonly time: number
    readonly acr: string | null
    readonly amr: readonly string[]
  }
  /** What access tokens say besides. */
  readonly claims: JsonObject
  /** The key or certificate that the client has proven to hold. */
  readonly confirmation: TokenConfirmation | null
  /** What the counters were before the user was proven. */
  readonly epochs: Epochs
  /** What a list of devices shows, such as the browser's name. */
  readonly label: string | null
}

const COUNT = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.minimum(0))

/** Counters, as records and grants hold them. */
export const EPOCHS: z.ZodMiniType<Epochs> = /* @__PURE__ */ z.object({
  everything: COUNT,
  tenant: COUNT,
  client: COUNT,
  subject: COUNT,
  session: COUNT,
} satisfies Record<EpochName, unknown>)

/** What a token is bound to, as records keep it. */
export const CONFIRMATION: z.ZodMiniType<TokenConfirmation> = /* @__PURE__ */ z.object({
  jkt: z.exactOptional(z.string()),
  'x5t#S256': z.exactOptional(z.string()),
})

/** As records keep it. */
export const AUTHORIZATION: z.ZodMiniType<Authorization> = /* @__PURE__ */ z.object({
  subject: z.string(),
  client: z.object({ id: z.string(), type: z.enum(['public', 'confidential']) }),
  tenant: z.nullable(z.string()),
  session: z.string(),
  scopes: z.array(z.string()),
  audiences: z.array(z.string()),
  authentication: z.object({
    time: z.number(),
    acr: z.nullable(z.string()),
    amr: z.array(z.string()),
  }),
  claims: JSON_OBJECT,
  confirmation: z.nullable(CONFIRMATION),
  epochs: EPOCHS,
  label: z.nullable(z.string()),
})
