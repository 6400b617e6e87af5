import * as z from 'zod/mini'
import type { Eventual } from '../shared/eventual.js'
import { parseStrictJson } from '../shared/json.js'
import { fail, type Result, succeed } from '../shared/result.js'
import type { Jwk } from './jwk.js'
import type { KeyReport } from './key-event.js'

/** Keys that verify the tokens of one issuer. One object is one state of the set: to change it, make another. */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

/**
 * Where a verifier gets its keys from: the port that `staticKeys`, `remoteJwkSet` and `discoveredKeys` implement.
 *
 * A source that holds its keys answers at once; one that has to ask answers with a promise. Neither method may throw or
 * reject: keys that cannot be had are `unavailable`, so that the answer is 503 and not a false 401.
 *
 * INVARIANT: as long as its keys are the same, a source hands out the same `JwkSet` object. Verified tokens are
 * remembered for one state of the set.
 */
export interface KeySource {
  /** What events call the source. */
  readonly name?: string
  /** The keys to use at this time. `now` is in seconds since the epoch. */
  current(now: number, report?: KeyReport): Eventual<KeySetLookup>
  /**
   * Newer keys than `seen`, in which a token's key was not found. Answers with `seen` itself if there are none or if
   * it asked a short while ago, so that forged key ids cause no traffic.
   */
  refreshed(now: number, seen: JwkSet, report?: KeyReport): Eventual<KeySetLookup>
}

/** Where the keys of an issuer are, by its name: `discoveredKeys` is one. Called once, when a verifier is made. */
export type KeysOfIssuer = (of: { readonly issuer: string }) => KeySource

/** Keys that never change while the process runs, and that are therefore judged when the verifier is made. */
export interface StaticKeySource extends KeySource {
  readonly set: JwkSet
}

export type KeySetLookup =
  | { readonly kind: 'set'; readonly set: JwkSet }
  | {
      readonly kind: 'unavailable'
      readonly retryAfterSeconds: number
      /** For the operator's events. */
      readonly cause: unknown
    }

/** Keys given by the configuration. The only kind of source that may hold shared secrets. */
export function staticKeys(set: JwkSet): StaticKeySource {
  const lookup = Object.freeze({ kind: 'set' as const, set })
  const source: StaticKeySource = { set, current: () => lookup, refreshed: () => lookup }
  // Not enumerable: the set may hold secrets, and a key source may get logged.
  return Object.freeze(Object.defineProperty(source, 'set', { enumerable: false }))
}

/**
 * Reads a JWK Set document that comes from outside: strict JSON, at most 100 keys. Returns the problem; never throws.
 *
 * Does not judge the keys: a keyring does, once it knows the algorithms. Entries that are not objects are left out,
 * as is whatever else a future specification may add (RFC 7517 section 5).
 *
 * @param maxBytes 262,144 by default
 */
export function parseJwkSet(bytes: Uint8Array, maxBytes?: number): Result<JwkSet, 'not_a_jwk_set'> {
  const json = parseStrictJson(bytes, maxBytes === undefined ? {} : { maxBytes })
  if (!json.ok) return fail('not_a_jwk_set')
  const document = z.safeParse(DOCUMENT, json.value)
  if (!document.success) return fail('not_a_jwk_set')
  return succeed({ keys: document.data.keys.filter(isObject) })
}

/** Every member of a Jwk is optional, and the vetting checks the type of each one that it reads. */
function isObject(entry: unknown): entry is Jwk {
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry)
}

/** More keys than this are refused: an issuer has a handful, and each costs work. */
export const MAX_KEYS = 100

const DOCUMENT = z.object({ keys: z.array(z.unknown()).check(z.maxLength(MAX_KEYS)) })
