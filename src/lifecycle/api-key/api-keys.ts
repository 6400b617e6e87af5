import { parseApiKey } from '../../credential/api-key.js'
import { UnavailableError } from '../../errors.js'
import { readClock } from '../../runtime/clock.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { type Eventual, whenReady } from '../../shared/eventual.js'
import { RecentMap } from '../../shared/recent-map.js'
import { tell } from '../../shared/tell.js'
import {
  type Performed,
  perform,
  type Steps,
  type StoreUnavailable,
  unavailable,
} from '../store/steps.js'
import { isStoreText } from '../store/store.js'
import { type ApiKeyRecord, type ApiKeyUse, hashApiKey } from './api-key.js'
import type { ApiKeyChangedEvent } from './api-key-event.js'
import { type ApiKeySummary, summaryOf } from './api-key-summary.js'
import {
  type ApiKeysOptions,
  assertApplicationId,
  checkedApiKeysOptions,
  checkedListing,
  checkedNewKey,
  checkedRotation,
  type ListApiKeysOptions,
  type NewApiKey,
  type RotateApiKeyOptions,
} from './api-keys-options.js'
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
import { isKeyId } from './stored-key.js'

/** What became of a creation. */
export type ApiKeyCreation =
  | CreatedApiKey
  /** These are not in the vocabulary. Nothing was created. */
  | { readonly kind: 'scopes_unknown'; readonly unknown: readonly string[] }
  | StoreUnavailable

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
  const setup = checkedApiKeysOptions(options)
  const { prefix, store, timeoutMilliseconds, clock, onEvent } = setup
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
      const wish = checkedNewKey(given)
      const unknown = setup.scopes === null ? [] : unknownOf(setup.scopes, wish.scopes)
      if (unknown.length > 0) return { kind: 'scopes_unknown', unknown }
      const performed = await run((now) => createKey(prefix, wish, now))
      if (performed.kind === 'unavailable') return performed
      tellOf('api_key_created', performed.result.record)
      return performed.result
    },

    async rotate(id, given = {}) {
      const wish = checkedRotation(given)
      if (!isKeyId(id)) return { kind: 'unknown' }
      const performed = await run((now) => rotateKey(prefix, id, wish, now))
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
      assertApplicationId('revokeApplication', applicationId)
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
      const { applicationId, after, limit } = checkedListing(given)
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
    const { lastUsedSeconds: every } = setup
    if (every === null) return () => {}
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

/** Applications by the ids of their keys, some 150 bytes each. */
const MAX_REMEMBERED = 10_000
