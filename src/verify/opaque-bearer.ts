import * as z from 'zod/mini'
import { askStore, STORE_TIMEOUT_MILLISECONDS, unusableRecord } from '../lifecycle/ask-store.js'
import { hashOpaqueToken, type OpaqueTokenRecord } from '../lifecycle/opaque-token.js'
import type { Throttle } from '../lifecycle/throttle/throttle.js'
import { establishApplication, establishUser } from '../principal/establish.js'
import { type Lineage, lineageOfClaims, NO_LINEAGE } from '../principal/lineage.js'
import type { ApplicationPrincipal, UserPrincipal } from '../principal/principal.js'
import { monotonicMilliseconds } from '../runtime/clock.js'
import type { Grant } from '../scope/grant.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { frozen } from '../shared/frozen.js'
import { checkedOptions, port, TEXT } from '../shared/options.js'
import { bearerLocation } from './bearer-location.js'
import { withBinding } from './binding.js'
import { REALM, TIME, TIMEOUT_MILLISECONDS, TOKEN_NAME } from './factory-options.js'
import { refused } from './refused.js'
import {
  constraintMetadata,
  SENDER_CONSTRAINT,
  type SenderConstraint,
} from './sender-constraint.js'
import { THROTTLE, throttled } from './throttled.js'
import type { Verification, Verifier } from './verifier.js'

/** Where opaque tokens are looked up. It is asked by hash and never sees a token. */
export interface OpaqueTokenStore {
  /**
   * The record with this very hash, or null if there is none (any more). A rejection, a late answer and anything else
   * that is not a record count as an outage, answered 503.
   */
  find(hash: string): OpaqueTokenRecord | null | Promise<OpaqueTokenRecord | null>
}

export interface OpaqueBearerOptions {
  readonly store: OpaqueTokenStore
  /**
   * Whom tokens must be for: one of these has to be the `aud` of the record's claims, or among it, where a lifecycle keeps it.
   * Give it wherever a store has tokens for several APIs. By default it is not judged: every token of the store is taken.
   */
  readonly audience?: string | readonly string[]
  /** Read the token from this cookie and not from `Authorization`. The gate then guards against CSRF. */
  readonly cookie?: string
  /** Shown in the challenge; the gate's realm by default. */
  readonly realm?: string
  /** How long the store may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** How presenters prove that a token is theirs. Without it, plain bearer tokens are taken and bound ones refused. */
  readonly senderConstraint?: SenderConstraint
  /**
   * Limits how many tokens one source may try before the store is asked. One that was right a moment ago is not counted.
   * Its limits for accounts do not apply: a token cannot be guessed. Default: none.
   */
  readonly throttle?: Throttle
}

/**
 * Verifies opaque tokens by looking up their hash: `Authorization: Bearer <token>`, or a cookie.
 *
 * The principal is a user; with `principal: 'application'` it is a program. A token of the other kind is refused. Any
 * text is looked up, so give it a `throttle` if the store should not feel that.
 *
 * @throws ConfigurationError `option_invalid`
 * @see RFC 6750
 */
export function opaqueBearer(
  options: OpaqueBearerOptions & { readonly principal?: 'user' },
): Verifier<UserPrincipal>
export function opaqueBearer(
  options: OpaqueBearerOptions & { readonly principal: 'application' },
): Verifier<ApplicationPrincipal>
export function opaqueBearer(
  options: OpaqueBearerOptions & { readonly principal?: 'user' | 'application' },
): Verifier<UserPrincipal | ApplicationPrincipal> {
  const checked = checkedOptions('opaqueBearer', OPTIONS, options)
  const { store, cookie, principal = 'user', realm, throttle } = checked
  const constraint = checked.senderConstraint ?? null
  const audiences = checked.audience === undefined ? null : [checked.audience].flat()
  const { recognises, offer, textOf } = bearerLocation('opaque', { cookie, realm, constraint })
  const timeout = checked.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS
  return {
    recognises,
    offer,
    metadata: constraintMetadata(constraint),
    needsClientNetwork: throttle !== undefined,
    verify(credential, context) {
      const text = textOf(credential)
      if (text === null) return refused('token_malformed')
      const hash = hashOpaqueToken(text)
      const since = monotonicMilliseconds()
      return throttled(throttle, { credentialHash: hash }, context, () => {
        const asked = askStore(() => store.find(hash), RECORD, timeout, context)
        return whenReady(asked, (answer): Eventual<Verification<Either>> => {
          if (answer.kind === 'unavailable') return answer
          if (answer.kind === 'absent') return refused('token_unknown')
          const { record } = answer
          if (record.hash !== hash) return unusableRecord('hash')
          if (!(context.now < record.expiresAt)) return refused('token_expired')
          if (!isFor(record, audiences)) return refused('audience_mismatch')
          if (record.kind !== principal) return refused('principal_kind')
          const grant = context.scopes.grant(record.scopes)
          if (grant.problem !== null) return refused(grant.problem)
          const verified = { kind: 'verified', principal: establish(record, grant) } as const
          const presented = { credential, token: text, cnf: confirmationOf(record), since }
          return withBinding<Either>(verified, constraint, presented, context)
        })
      })
    },
  }
}

type Either = UserPrincipal | ApplicationPrincipal

/** @param audiences null if it is not judged */
function isFor({ claims }: CheckedRecord, audiences: readonly string[] | null): boolean {
  if (audiences === null) return true
  const aud: unknown =
    typeof claims === 'object' && claims !== null && 'aud' in claims ? claims.aud : null
  return [aud].flat().some((each) => typeof each === 'string' && audiences.includes(each))
}

/** A store that keeps the claims of an issuer as they came has it among them. */
function confirmationOf({ cnf, claims }: CheckedRecord): unknown {
  if (cnf !== undefined) return cnf
  return typeof claims === 'object' && claims !== null && 'cnf' in claims ? claims.cnf : undefined
}

function establish(record: CheckedRecord, grant: Grant): Either {
  const { hash, issuer = DEFAULT_ISSUER, expiresAt } = record
  const known = {
    credentialId: `opaque-token:${hash}`,
    lineage: lineageOf(record.claims),
    expiresAt,
  }
  if (record.kind === 'application') {
    const { applicationId } = record
    return establishApplication({ issuer, applicationId, grant, ...known })
  }
  return establishUser({
    issuer,
    subject: record.subject,
    clientId: record.clientId ?? null,
    grant,
    // The shape has copied them, so that no handler can write to what the store holds.
    claims: frozen(record.claims ?? {}),
    authentication: { time: record.authTime ?? null, acr: null, amr: [] },
    ...known,
  })
}

function lineageOf(claims: unknown): Lineage {
  return typeof claims === 'object' && claims !== null
    ? lineageOfClaims({ ...claims }, null)
    : NO_LINEAGE
}

type CheckedRecord = z.infer<typeof RECORD>

const DEFAULT_ISSUER = 'opaque-token'

const OPTIONS = /* @__PURE__ */ z.strictObject({
  store: port<OpaqueTokenStore>('find'),
  audience: z.exactOptional(z.union([TEXT, z.array(TEXT).check(z.minLength(1))])),
  cookie: z.optional(TOKEN_NAME),
  realm: z.optional(REALM),
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  principal: z.optional(z.enum(['user', 'application'])),
  senderConstraint: z.exactOptional(SENDER_CONSTRAINT),
  throttle: THROTTLE,
})

const FIELDS = {
  hash: z.string(),
  issuer: z.optional(TEXT),
  scopes: z.array(z.string()),
  expiresAt: TIME,
  cnf: z.optional(z.record(z.string(), z.json())),
}
const RECORD = /* @__PURE__ */ z.discriminatedUnion('kind', [
  z.object({
    ...FIELDS,
    kind: z.literal('user'),
    subject: TEXT,
    clientId: z.optional(TEXT),
    claims: z.optional(z.record(z.string(), z.json())),
    authTime: z.optional(TIME),
  }),
  z.object({
    ...FIELDS,
    kind: z.literal('application'),
    applicationId: TEXT,
    // Not in the type, but in the rows of a store that keeps claims for all tokens: what one is bound to, or descends from.
    claims: z.optional(z.unknown()),
  }),
])
