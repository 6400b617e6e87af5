import * as z from 'zod/mini'
import { isApiKeyPrefix, parseApiKey } from '../credential/api-key.js'
import { type ApiKeyRecord, type ApiKeyUse, hashApiKey } from '../lifecycle/api-key/api-key.js'
import { askStore, STORE_TIMEOUT_MILLISECONDS, unusableRecord } from '../lifecycle/ask-store.js'
import type { Throttle } from '../lifecycle/throttle/throttle.js'
import { establishApplication } from '../principal/establish.js'
import { type Lineage, NO_EPOCHS, NO_LINEAGE } from '../principal/lineage.js'
import type { ApplicationPrincipal } from '../principal/principal.js'
import { timingSafeEqualTexts } from '../runtime/timing-safe.js'
import { isThenable, whenReady } from '../shared/eventual.js'
import { checkedOptions, port, TEXT } from '../shared/options.js'
import { REALM, TIME, TIMEOUT_MILLISECONDS, TOKEN_NAME } from './factory-options.js'
import { refused } from './refused.js'
import { THROTTLE, throttled } from './throttled.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

/** Where API keys are looked up. It is asked by id and never sees a key. */
export interface ApiKeyStore {
  /**
   * The record with this very id, or null if there is none (any more). A rejection, a late answer and anything else
   * that is not a record count as an outage, answered 503.
   */
  find(id: string): ApiKeyRecord | null | Promise<ApiKeyRecord | null>
  /** Told of each use of a key, once it is verified. Nobody waits for it; what it throws or rejects with is dropped. */
  noteUse?(use: ApiKeyUse): unknown
}

export interface ApiKeyOptions {
  /** What the keys start with, as given to `createApiKey`. Not a secret. */
  readonly prefix: string
  readonly store: ApiKeyStore
  /** The field that carries the key; `x-api-key` by default. Case does not matter. */
  readonly field?: string
  /** Shown in the challenge; the gate's realm by default. */
  readonly realm?: string
  /** How long the store may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /**
   * Limits how many keys one source may try before the store is asked. One that was right a moment ago is not counted. Its
   * limits for accounts do not apply: a key cannot be guessed. Default: none.
   */
  readonly throttle?: Throttle
}

/**
 * Verifies API keys made by `createApiKey`. The principal is an application, never a user; its issuer is
 * `api-key:<prefix>`.
 *
 * A key that is malformed or mistyped is refused without asking the store. An unknown id costs the same hash and
 * compares as a wrong secret, and is refused for the same reason; that a key has expired or was revoked is told only to
 * who has its secret. While a rotation's overlap lasts, both secrets are right. Does not count failed attempts, unless you
 * give it a `throttle`.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function apiKey(options: ApiKeyOptions): Verifier<ApplicationPrincipal> {
  const checked = checkedOptions('apiKey', OPTIONS, options)
  const { prefix, store, realm, throttle } = checked
  const { timeoutMilliseconds = STORE_TIMEOUT_MILLISECONDS } = checked
  return {
    recognises: { kind: 'api-key', field: (checked.field ?? DEFAULT_FIELD).toLowerCase(), prefix },
    needsClientNetwork: throttle !== undefined,
    offer: { scheme: 'ApiKey', parameters: realm === undefined ? {} : { realm } },
    verify(credential, context) {
      if (credential.kind !== 'api-key') return refused('api_key_malformed')
      const text = credential.key.reveal()
      const parsed = parseApiKey(text, prefix)
      if (!parsed.ok) return refused(parsed.reason)
      const { id } = parsed.value
      const hash = hashApiKey(text)
      return throttled(throttle, { credentialHash: hash }, context, () => {
        const asked = askStore(() => store.find(id), RECORD, timeoutMilliseconds, context, NOBODY)
        return whenReady(asked, (answer): Verification<ApplicationPrincipal> => {
          if (answer.kind === 'unavailable') return answer
          const record = answer.kind === 'found' ? answer.record : null
          if (record !== null && record.id !== id) return unusableRecord('id')
          // INVARIANT: checked, hashed and compared in any case, so that time does not tell an unknown id from a wrong secret.
          const isCurrent = timingSafeEqualTexts(hash, record?.secretHash ?? NO_HASH)
          const isPrevious = timingSafeEqualTexts(hash, record?.previous?.secretHash ?? NO_HASH)
          if (record === null || !(isCurrent || isPrevious)) return refused('api_key_unknown')
          const secret = isCurrent ? 'current' : 'previous'
          const verification = judgeRecord(record, secret, prefix, context)
          if (verification.kind === 'verified') {
            noteUse(store, { id, applicationId: record.applicationId, secret, at: context.now })
          }
          return verification
        })
      })
    },
  }
}

/** What remains once the secret was right. */
function judgeRecord(
  { id, applicationId, scopes, revoked, previous, epochs, ...record }: CheckedRecord,
  secret: ApiKeyUse['secret'],
  prefix: string,
  context: VerificationContext,
): Verification<ApplicationPrincipal> {
  if (revoked === true) return refused('revoked')
  const expiresAt = secret === 'previous' ? (previous?.until ?? 0) : record.expiresAt
  if (expiresAt !== null && !(context.now < expiresAt)) return refused('api_key_expired')
  const grant = context.scopes.grant(scopes)
  if (grant.problem !== null) return refused(grant.problem)
  const issuer = `api-key:${prefix}`
  return {
    kind: 'verified',
    principal: establishApplication({
      issuer,
      applicationId,
      grant,
      credentialId: `${issuer}:${id}`,
      expiresAt,
      lineage: epochs === undefined ? NO_LINEAGE : lineageOf(epochs),
    }),
  }
}

function lineageOf(epochs: NonNullable<CheckedRecord['epochs']>): Lineage {
  return Object.freeze({ ...NO_LINEAGE, epochs: Object.freeze({ ...NO_EPOCHS, ...epochs }) })
}

function noteUse(store: ApiKeyStore, use: ApiKeyUse): void {
  try {
    const noted: unknown = store.noteUse?.(use)
    if (isThenable(noted)) noted.then(undefined, () => {})
  } catch {
    // A note, nothing more: the request goes on.
  }
}

type CheckedRecord = z.infer<typeof RECORD>

const DEFAULT_FIELD = 'x-api-key'
/** As long as a hash and the hash of nothing. */
const NO_HASH = '0'.repeat(64)

const OPTIONS = /* @__PURE__ */ z.strictObject({
  prefix: z.string().check(z.refine(isApiKeyPrefix)),
  store: port<ApiKeyStore>('find'),
  field: z.optional(TOKEN_NAME),
  realm: z.optional(REALM),
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  throttle: THROTTLE,
})

const HASH = /* @__PURE__ */ z.string().check(/* @__PURE__ */ z.regex(/^[0-9a-f]{64}$/))

const RECORD = /* @__PURE__ */ z.object({
  id: z.string(),
  applicationId: TEXT,
  secretHash: HASH,
  scopes: z.array(z.string()),
  expiresAt: z.nullable(TIME),
  previous: z.optional(z.object({ secretHash: HASH, until: TIME })),
  revoked: z.optional(z.boolean()),
  epochs: z.optional(z.object({ everything: z.int(), client: z.int() })),
})

/** Checked where there is no record. Nobody has its secret: the hash of it is not one. */
const NOBODY: CheckedRecord = {
  id: '0'.repeat(16),
  applicationId: 'nobody',
  secretHash: NO_HASH,
  scopes: [],
  expiresAt: 0,
}
