import * as z from 'zod/mini'
import {
  API_KEY_ID_LENGTH,
  API_KEY_SECRET_LENGTH,
  formatApiKey,
  isApiKeyPrefix,
} from '../../credential/api-key.js'
import { isTime, systemClock } from '../../runtime/clock.js'
import { randomBytes } from '../../runtime/random.js'
import { sha256Hex } from '../../runtime/sha256.js'
import { isScopeToken, MAX_TOKEN_CHARACTERS } from '../../scope/token.js'
import { base62FromBytes } from '../../shared/base62.js'
import { type Duration, seconds } from '../../shared/duration.js'
import { checkedOptions } from '../../shared/options.js'
import { Redacted } from '../../shared/redacted.js'

/** What a store keeps of an API key: nothing that could be used in its place. */
export interface ApiKeyRecord {
  /** The part of the key that is no secret: what the record is found by. */
  readonly id: string
  /** Whose key it is. An API key is a program's, never a user's. */
  readonly applicationId: string
  /** {@link hashApiKey} of the whole key. */
  readonly secretHash: string
  /** Single scope tokens. */
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly createdAt: number
  /** Seconds since the epoch: the first second in which the key no longer works. Null: it never ends by itself. */
  readonly expiresAt: number | null
  /** The secret before, while a rotation leaves it its time. */
  readonly previous?: {
    readonly secretHash: string
    /** Seconds since the epoch: the first second in which it no longer works. */
    readonly until: number
  }
  /** Whether the key was revoked before its end. Absent: it was not. */
  readonly revoked?: boolean
  /** What the revocation counters said before the key was made: nothing, unless the lifecycle keeps such. */
  readonly epochs?: { readonly everything: number; readonly client: number }
}

/** One use of a key that was verified. */
export interface ApiKeyUse {
  readonly id: string
  readonly applicationId: string
  /** By which of its secrets: the one that a rotation has replaced is used until the overlap ends. */
  readonly secret: 'current' | 'previous'
  /** Seconds since the epoch. */
  readonly at: number
}

export type CreateApiKeyOptions = {
  /** Whose keys these are: 2 to 16 of `a-z`, `0-9` and `_`, such as `acme_live`. What scanners find a leaked one by. */
  readonly prefix: string
  readonly applicationId: string
  /** Single scope tokens; may be empty. Whether they are in a vocabulary shows when the key is used. */
  readonly scopes: readonly string[]
  /** Seconds since the epoch; the machine's clock by default. */
  readonly now?: number
} & ApiKeyLifetime

/** How long a secret works: for a while, or, by name, until somebody ends it. */
export type ApiKeyLifetime =
  | {
      /** 90 days by default; from a minute to 366 days, inclusive. */
      readonly expiresIn?: Duration
      readonly neverExpires?: undefined
    }
  | {
      /** The key works until it is revoked: a leaked one that nobody notices, for ever. */
      readonly neverExpires: true
      readonly expiresIn?: undefined
    }

/**
 * Makes an API key with a 256-bit secret, and the record to keep of it.
 *
 * Show the key once and keep the record. Nothing is stored here.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createApiKey(options: CreateApiKeyOptions): {
  readonly key: Redacted
  readonly record: ApiKeyRecord
} {
  const checked = checkedOptions('createApiKey', OPTIONS, options)
  const { prefix, applicationId, scopes, now = systemClock.now() } = checked
  const lifetime = lifetimeSeconds('createApiKey', options)
  const id = newApiKeyId()
  const { key, secretHash } = newApiKeySecret(prefix, id)
  return {
    key,
    record: {
      id,
      applicationId,
      secretHash,
      scopes: [...scopes],
      createdAt: now,
      expiresAt: lifetime === null ? null : now + lifetime,
    },
  }
}

/**
 * What is kept of an API key: the SHA-256 of its whole text, in lower-case hexadecimal.
 *
 * A fast hash is enough for 256 random bits (ASVS 6.5.2); it would not be for a secret that somebody chose.
 */
export function hashApiKey(text: string): string {
  return sha256Hex(text)
}

/** An id that no other key has: 88 random bits. */
export function newApiKeyId(): string {
  return base62FromBytes(randomBytes(ID_BYTES), API_KEY_ID_LENGTH)
}

/** A new secret for the key of this id: the key to show once, and the hash to keep of it. */
export function newApiKeySecret(
  prefix: string,
  id: string,
): { readonly key: Redacted; readonly secretHash: string } {
  const secret = base62FromBytes(randomBytes(SECRET_BYTES), API_KEY_SECRET_LENGTH)
  const text = formatApiKey({ prefix, id, secret })
  return { key: new Redacted(text), secretHash: hashApiKey(text) }
}

/**
 * How long a secret works, in seconds; null for without end.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function lifetimeSeconds(
  factory: string,
  { expiresIn = '90d', neverExpires }: ApiKeyLifetime,
): number | null {
  if (neverExpires === true) return null
  return seconds(`${factory}: expiresIn`, expiresIn, { min: 60, max: MAX_LIFETIME })
}

/** 88 bits: what 16 base62 characters hold. */
const ID_BYTES = 11
const SECRET_BYTES = 32
const MAX_LIFETIME = 366 * 86_400

/** Single scope tokens, as a key has them. */
export const KEY_SCOPES: z.ZodMiniArray<z.ZodMiniString> = /* @__PURE__ */ z
  .array(z.string().check(z.maxLength(MAX_TOKEN_CHARACTERS), z.refine(isScopeToken)))
  .check(z.maxLength(512))

const OPTIONS = /* @__PURE__ */ z
  .strictObject({
    prefix: z.string().check(z.refine(isApiKeyPrefix)),
    applicationId: z.string().check(z.minLength(1), z.maxLength(256)),
    scopes: KEY_SCOPES,
    now: z.optional(z.number().check(z.refine(isTime))),
    expiresIn: z.optional(z.union([z.number(), z.string()])),
    neverExpires: z.optional(z.literal(true)),
  })
  .check(z.refine(({ expiresIn, neverExpires }) => expiresIn === undefined || !neverExpires))
