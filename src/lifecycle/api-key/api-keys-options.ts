import * as z from 'zod/mini'
import { isApiKeyPrefix } from '../../credential/api-key.js'
import { type Clock, systemClock } from '../../runtime/clock.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { type Duration, seconds } from '../../shared/duration.js'
import {
  checkedOptions,
  DURATION,
  functionOption,
  port,
  wholeNumber,
} from '../../shared/options.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../ask-store.js'
import { isStoreText, type Store } from '../store/store.js'
import { type ApiKeyLifetime, KEY_SCOPES, lifetimeSeconds } from './api-key.js'
import type { ApiKeyEvent } from './api-key-event.js'
import type { KeyWish } from './create-key.js'
import type { RotationWish } from './rotate-key.js'
import { isApplicationId } from './stored-key.js'

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

export interface ListApiKeysOptions {
  readonly applicationId?: string
  /** The `next` of the page before. */
  readonly after?: string | null
  /** 50 by default, 1 to 100. */
  readonly limit?: number
}

/** The options checked, with their defaults filled in: what `api-keys.ts` runs on. */
export interface ApiKeysSetup {
  readonly prefix: string
  readonly store: Store
  readonly scopes: Scopes | null
  /** Null: never. */
  readonly lastUsedSeconds: number | null
  readonly timeoutMilliseconds: number
  readonly clock: Clock
  readonly onEvent: ((event: ApiKeyEvent) => void) | undefined
}

/** @throws ConfigurationError `option_invalid` */
export function checkedApiKeysOptions(options: ApiKeysOptions): ApiKeysSetup {
  const checked = checkedOptions('createApiKeys', OPTIONS, options)
  const { prefix, store, scopes = null, lastUsedEvery = '15m', onEvent } = checked
  const { timeoutMilliseconds = STORE_TIMEOUT_MILLISECONDS, clock = systemClock } = checked
  const lastUsedSeconds =
    lastUsedEvery === null
      ? null
      : seconds('createApiKeys: lastUsedEvery', lastUsedEvery, { min: 60, max: 86_400 })
  return { prefix, store, scopes, lastUsedSeconds, timeoutMilliseconds, clock, onEvent }
}

/** @throws ConfigurationError `option_invalid` */
export function checkedNewKey(given: NewApiKey): KeyWish {
  const { applicationId, name = null, scopes } = checkedOptions('create', NEW_KEY, given)
  const lifetime = lifetimeSeconds('create', given)
  return { applicationId, name, scopes: Object.freeze([...scopes]), lifetime }
}

/** @throws ConfigurationError `option_invalid` */
export function checkedRotation(given: RotateApiKeyOptions): RotationWish {
  const checked = checkedOptions('rotate', ROTATION, given)
  const { overlap = '1d', drop = null, expiresIn, neverExpires } = checked
  const saysLifetime = expiresIn !== undefined || neverExpires !== undefined
  return {
    overlap: seconds('rotate: overlap', overlap, { min: 0, max: MAX_OVERLAP }),
    drop,
    lifetime: saysLifetime ? lifetimeSeconds('rotate', given) : undefined,
  }
}

/** @throws ConfigurationError `option_invalid` */
export function assertApplicationId(operation: string, applicationId: string): void {
  checkedOptions(operation, APPLICATION, { applicationId })
}

/** @throws ConfigurationError `option_invalid` */
export function checkedListing(given: ListApiKeysOptions): {
  readonly applicationId: string | null
  readonly after: string | null
  readonly limit: number
} {
  const {
    applicationId = null,
    after = null,
    limit = DEFAULT_LIMIT,
  } = checkedOptions('list', LIST, given)
  return { applicationId, after, limit }
}

const MAX_OVERLAP = 30 * 86_400
const DEFAULT_LIMIT = 50
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
