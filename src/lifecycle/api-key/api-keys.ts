import * as z from 'zod/mini'
import { isApiKeyPrefix, parseApiKey } from '../../credential/api-key.js'
import { UnavailableError } from '../../errors.js'
import { type Clock, readClock, systemClock } from '../../runtime/clock.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { type Duration, seconds } from '../../shared/duration.js'
import { type Eventual, whenReady } from '../../shared/eventual.js'
import {
  checkedOptions,
  DURATION,
  functionOption,
  port,
  wholeNumber,
} from '../../shared/options.js'
import { RecentMap } from '../../shared/recent-map.js'
import { tell } from '../../shared/tell.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../ask-store.js'
import {
  type Performed,
  perform,
  type Steps,
  type StoreUnavailable,
  unavailable,
} from '../store/steps.js'
import { isStoreText, type Store } from '../store/store.js'
import {
  type ApiKeyLifetime,
  type ApiKeyRecord,
  type ApiKeyUse,
  hashApiKey,
  KEY_SCOPES,
  lifetimeSeconds,
} from './api-key.js'
import type { ApiKeyChangedEvent, ApiKeyEvent } from './api-key-event.js'
import { type ApiKeySummary, summaryOf } from './api-key-summary.js'
import { type CreatedApiKey, createKey } from './create-key.js'
import { type ApiKeyPage, listKeys } from './list-keys.js'
import { createUseSampler, noteUse } from './note-use.js'
import { readKey, recordOf } from './read-key.js'
import {
  type ApiKeyRevocation,
  type LeakedApiKeyRevocation,
  revokeApplicationKeys,
  revokeKey,
  revokeLeakedKey,
} from './revoke-key.js'
import { type ApiKeyRotation, rotateKey } from './rotate-key.js'
import { isApplicationId, isKeyId } from './stored-key.js'

export interface ApiKeysOptions {
  /** What the keys start with: 2 to 16 of `a-z`, `0-9` and `_`, such as `acme_live`. Each prefix is a kind of its own. */
  readonly prefix: string
  readonly store: Store
  /** If given, no key is created with a scope that is not in this vocabulary. */
  readonly scopes?: Scopes | undefined
  /** How often it is written that a key is in use: 15 minutes by default, 1 minute to 24 hours; null: never. */
  readonly lastUsedEvery?: Duration | null
  /** How long the store may take for one answer; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** The machine's by default. */
  readonly clock?: Clock
  /** Told of what has become of keys. What it throws is dropped. */
  readonly onEvent?: (event: ApiKeyEvent) => void
}

export type NewApiKey = {
  /** Whose key it is: 1 to 256 characters without controls. An API key is a program's, never a user's. */
  readonly applicationId: string
  /** What people call it: 1 to 256 characters. */
  readonly name?: string
  /** Single scope tokens, 512 at most and 32,768 characters in all; may be empty. */
  readonly scopes: readonly string[]
} & ApiKeyLifetime

/** What became of a creation. */
export type ApiKeyCreation =
  | CreatedApiKey
  /** These are not in the vocabulary. Nothing was created. */
  | { readonly kind: 'scopes_unknown'; readonly unknown: readonly string[] }
  | StoreUnavailable

/** Without `expiresIn` and `neverExpires`, the new secret gets as long as the one before was given. */
export type RotateApiKeyOptions = {
  /** How long the secret that is replaced still works: a day by default, up to 30 days, never beyond its own end. 0: it ends at once. */
  readonly overlap?: Duration
  /**
   * Which secret goes at once if two work already: `current` after a rotation whose answer was lost, `previous` if the
   * rollout of the last rotation is done.
   */
  readonly drop?: 'current' | 'previous'
} & ApiKeyLifetime

/** API keys from their creation to their end. It is also what `apiKey({ store })` looks keys up in. */
export interface ApiKeys {
  /**
   * Makes a key. Its record is in the store before you have the secret. After `unavailable` there may be a record, whose
   * secret nobody has.
   *
   * Rejects with `ConfigurationError` for options that cannot be right.
   */
  create(options: NewApiKey): Promise<ApiKeyCreation>
  /**
   * Gives a key a new secret, and its lifetime anew: as long as before unless you say otherwise. Id, scopes and name stay.
   * At most two secrets of a key work at any time. After `unavailable` it may have happened: rotate again, and say
   * `drop: 'current'` if two secrets work now.
   */
  rotate(id: string, options?: RotateApiKeyOptions): Promise<ApiKeyRotation | StoreUnavailable>
  /**
   * Ends a key for good, with all its secrets: refused from the next request on.
   *
   * Rejects with `UnavailableError` if that is not sure. Doing it again is safe.
   */
  revoke(id: string): Promise<ApiKeyRevocation>
  /**
   * Ends all keys that an application has, of whatever prefix, and the tokens issued to a client of this id, in one atomic
   * step. A key that is being created ends with them; one created afterwards is good. Fulfilled when it is done, also if
   * there were none; rejects as {@link ApiKeys.revoke} does.
   */
  revokeApplication(applicationId: string): Promise<void>
  /**
   * Ends what somebody has found, if it is the secret of a key: the key, or, if a rotation has replaced that secret, its
   * overlap. Any other text changes nothing, also one with the id of a key. Made-up text costs no question to the store.
   *
   * Rejects as {@link ApiKeys.revoke} does.
   */
  revokeLeaked(text: string): Promise<LeakedApiKeyRevocation>
  get(id: string): Promise<ApiKeyLookup>
  /**
   * Keys by page, those that have ended within the last month included: of an application, or all of this prefix.
   *
   * Rejects with `ConfigurationError` for a limit that is none.
   */
  list(options?: ListApiKeysOptions): Promise<ApiKeyPage | StoreUnavailable>
  /** For the verifier. Throws or rejects if the store cannot tell. */
  find(id: string): Eventual<ApiKeyRecord | null>
  /** For the verifier. */
  noteUse(use: ApiKeyUse): void
}

export interface ListApiKeysOptions {
  readonly applicationId?: string
  /** The `next` of the page before. */
  readonly after?: string | null
  /** 50 by default, 1 to 100. */
  readonly limit?: number
}

export type ApiKeyLookup =
  | { readonly kind: 'found'; readonly record: ApiKeySummary }
  | { readonly kind: 'unknown' }
  | StoreUnavailable

/**
 * API keys as a lifecycle on a store: created, listed, rotated, revoked. Give the same prefix and store to each process.
 *
 * Does not check who asks: that is for the routes of your own that call it.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createApiKeys(options: ApiKeysOptions): ApiKeys {
  const checked = checkedOptions('createApiKeys', OPTIONS, options)
  const { prefix, store, clock = systemClock, onEvent } = checked
  const { timeoutMilliseconds = STORE_TIMEOUT_MILLISECONDS } = checked
  const applications = new RecentMap<string, string>(MAX_REMEMBERED)

  /** Performs an operation that depends on the time. */
  const run = async <Result>(steps: (now: number) => Steps<Result>): Promise<Performed<Result>> => {
    const now = readClock(clock)
    if (Number.isNaN(now)) return unavailable(new Error('The clock does not say the time.'))
    return perform(store, steps(now), timeoutMilliseconds)
  }
  const revoking = async <Result>(
    what: string,
    steps: (now: number) => Steps<Result>,
  ): Promise<Result> => {
    const performed = await run(steps)
    if (performed.kind === 'unavailable') throw new UnavailableError(what, performed.cause)
    return performed.result
  }
  const tellOf = (kind: ApiKeyChangedEvent['kind'], { id, applicationId }: ApiKeySummary): void =>
    tell(onEvent, { kind, at: readClock(clock), id, applicationId })

  return Object.freeze<ApiKeys>({
    async create(given) {
      const wish = checkedOptions('create', NEW_KEY, given)
      const { applicationId, name = null } = wish
      const scopes = Object.freeze([...wish.scopes])
      const lifetime = lifetimeSeconds('create', given)
      const unknown = checked.scopes === undefined ? [] : unknownOf(checked.scopes, scopes)
      if (unknown.length > 0) return { kind: 'scopes_unknown', unknown }
      const key = { applicationId, name, scopes, lifetime }
      const performed = await run((now) => createKey(prefix, key, now))
      if (performed.kind === 'unavailable') return performed
      tellOf('api_key_created', performed.result.record)
      return performed.result
    },

    async rotate(id, given = {}) {
      const wish = checkedOptions('rotate', ROTATION, given)
      const overlap = seconds('rotate: overlap', wish.overlap ?? '1d', { min: 0, max: MAX_OVERLAP })
      const saysLifetime = wish.expiresIn !== undefined || wish.neverExpires !== undefined
      const lifetime = saysLifetime ? lifetimeSeconds('rotate', given) : undefined
      if (!isKeyId(id)) return { kind: 'unknown' }
      const rotation = { overlap, drop: wish.drop ?? null, lifetime }
      const performed = await run((now) => rotateKey(prefix, id, rotation, now))
      if (performed.kind === 'unavailable') return performed
      const { result } = performed
      if (result.kind === 'rotated') tellOf('api_key_rotated', result.record)
      return result
    },

    async revoke(id) {
      if (!isKeyId(id)) return { kind: 'unknown' }
      const result = await revoking('revoke', (now) => revokeKey(prefix, id, now))
      if (result.kind === 'revoked') tellOf('api_key_revoked', result.record)
      return result
    },

    async revokeApplication(applicationId) {
      checkedOptions('revokeApplication', APPLICATION, { applicationId })
      await revoking('revokeApplication', (now) => revokeApplicationKeys(applicationId, now))
      tell(onEvent, { kind: 'api_keys_revoked', at: readClock(clock), applicationId })
    },

    async revokeLeaked(text) {
      const parsed = typeof text === 'string' ? parseApiKey(text, prefix) : null
      if (!parsed?.ok) return { kind: 'unknown' }
      const { id } = parsed.value
      const hash = hashApiKey(text)
      const result = await revoking('revokeLeaked', (now) => revokeLeakedKey(prefix, id, hash, now))
      if (result.kind === 'revoked' || result.kind === 'overlap_ended') {
        tellOf('api_key_leaked', result.record)
      }
      return result
    },

    async get(id) {
      if (!isKeyId(id)) return { kind: 'unknown' }
      const performed = await run(function* (now): Steps<ApiKeyLookup> {
        const held = yield* readKey(prefix, id)
        return held === null ? { kind: 'unknown' } : { kind: 'found', record: summaryOf(held, now) }
      })
      return performed.kind === 'unavailable' ? performed : performed.result
    },

    async list(given = {}) {
      const wish = checkedOptions('list', LIST, given)
      const { applicationId = null, after = null, limit = DEFAULT_LIMIT } = wish
      if (![applicationId ?? prefix, after ?? prefix].every(isStoreText)) return NO_KEYS
      const page = { after, limit }
      const performed = await run((now) => listKeys(prefix, applicationId, page, now))
      return performed.kind === 'unavailable' ? performed : performed.result
    },

    find(id) {
      if (!isKeyId(id)) return null
      const performed = perform(store, readKey(prefix, id, applications), timeoutMilliseconds)
      return whenReady(performed, (answer) => {
        if (answer.kind === 'unavailable') throw answer.cause
        return answer.result === null ? null : recordOf(answer.result)
      })
    },

    noteUse: sampler(),
  })

  function sampler(): (use: ApiKeyUse) => void {
    if (checked.lastUsedEvery === null) return () => {}
    const given = checked.lastUsedEvery ?? '15m'
    const every = seconds('createApiKeys: lastUsedEvery', given, { min: 60, max: 86_400 })
    return createUseSampler(every, async (use) => {
      const noted = await perform(store, noteUse(prefix, use, every), timeoutMilliseconds)
      if (noted.kind === 'done') return
      tell(onEvent, { kind: 'api_key_use_unrecorded', at: use.at, id: use.id, cause: noted.cause })
    })
  }
}

function unknownOf(vocabulary: Scopes, scopes: readonly string[]): readonly string[] {
  const grant = vocabulary.grant(scopes)
  return grant.problem === null ? grant.unknown : scopes
}

/** Where no key can be listed. */
const NO_KEYS: ApiKeyPage = /* @__PURE__ */ Object.freeze({
  kind: 'page',
  records: [],
  next: null,
})

const MAX_OVERLAP = 30 * 86_400
const DEFAULT_LIMIT = 50
/** Applications by the ids of their keys, some 150 bytes each. */
const MAX_REMEMBERED = 10_000
const MAX_SCOPE_CHARACTERS = 32_768

const OPTIONS = /* @__PURE__ */ z.strictObject({
  prefix: z.string().check(z.refine(isApiKeyPrefix)),
  store: port<Store>('get', 'insert', 'cas', 'incr', 'list'),
  scopes: z.optional(port<Scopes>('grant')),
  lastUsedEvery: z.optional(z.nullable(DURATION)),
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
  clock: z.optional(port<Clock>('now')),
  onEvent: z.optional(functionOption<(event: ApiKeyEvent) => void>()),
})

const APPLICATION_ID = /* @__PURE__ */ z.string().check(/* @__PURE__ */ z.refine(isApplicationId))
const NAME = /* @__PURE__ */ z
  .string()
  .check(z.refine((text) => text.length <= 256 && isStoreText(text)))

const LIFETIME = {
  expiresIn: /* @__PURE__ */ z.optional(DURATION),
  neverExpires: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.literal(true)),
}

const NEW_KEY = /* @__PURE__ */ z
  .strictObject({
    applicationId: APPLICATION_ID,
    name: z.optional(NAME),
    scopes: KEY_SCOPES.check(z.refine((scopes) => scopes.join(' ').length <= MAX_SCOPE_CHARACTERS)),
    ...LIFETIME,
  })
  .check(z.refine(({ expiresIn, neverExpires }) => expiresIn === undefined || !neverExpires))

const ROTATION = /* @__PURE__ */ z
  .strictObject({
    overlap: z.optional(DURATION),
    drop: z.optional(z.enum(['current', 'previous'])),
    ...LIFETIME,
  })
  .check(z.refine(({ expiresIn, neverExpires }) => expiresIn === undefined || !neverExpires))

const APPLICATION = /* @__PURE__ */ z.strictObject({ applicationId: APPLICATION_ID })

const LIST = /* @__PURE__ */ z.strictObject({
  applicationId: z.optional(z.string()),
  after: z.optional(z.nullable(z.string())),
  limit: z.optional(wholeNumber(1, 100)),
})
