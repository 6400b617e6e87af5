import * as z from 'zod/mini'
import type { RecordKey } from '../store/store.js'
import { AUTHORIZATION, type Authorization } from './authorization.js'

/** All that is kept of a token family: one record, so that each transition is one compare-and-swap. */
export type FamilyRecord = LiveFamily | DeadFamily

/** INVARIANT: nothing in it lets anybody refresh; the one current secret is here by its hash only. */
export interface LiveFamily {
  readonly status: 'live'
  readonly authorization: Authorization
  /** Whether each refresh makes a successor; else the one token lives as long as its family. Decided when it was issued. */
  readonly rotates: boolean
  /** Of the current token. Only ever rises. */
  readonly generation: number
  /** SHA-256 of the current secret. */
  readonly currentHash: string
  /** What the current secret was made from, for whoever asks again; null before the first rotation. */
  readonly previous: { readonly hash: string; readonly salt: string } | null
  readonly familyKey: string
  /** Which pepper its tokens are made with; null for none. */
  readonly pepperId: string | null
  /** Seconds since the epoch, as all times here. */
  readonly createdAt: number
  /** When the current token was made, or last used if it does not rotate. */
  readonly refreshedAt: number
  readonly idleUntil: number
  /** INVARIANT: never earlier than `idleUntil`; no token of the family outlives it. */
  readonly absoluteUntil: number
}

/** A family that was ended, or that will never begin: it stays for as long as it could have lived. */
export interface DeadFamily {
  readonly status: 'dead'
  readonly why: EndOfFamily
  readonly at: number
}

/** Why a family has ended. */
export type EndOfFamily =
  | 'revoked' // by whoever may
  | 'refresh_token_reused' // an old token came back: two parties hold tokens of this family
  | 'code_replayed' // its authorization code was used twice
  | 'review' // the application said so when it was asked at a refresh

export function familyKeyOf(id: string): RecordKey {
  return { kind: 'family', id }
}

export function writeFamily(record: FamilyRecord): string {
  return JSON.stringify(record)
}

/** @throws for a text that is no record of ours: the store cannot be believed */
export function readFamily(value: string): FamilyRecord {
  return z.parse(FAMILY, JSON.parse(value))
}

const TIME = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.minimum(0))

const FAMILY: z.ZodMiniType<FamilyRecord> = /* @__PURE__ */ z.discriminatedUnion('status', [
  z.object({
    status: z.literal('live'),
    authorization: AUTHORIZATION,
    rotates: z.boolean(),
    generation: TIME,
    currentHash: z.string(),
    previous: z.nullable(z.object({ hash: z.string(), salt: z.string() })),
    familyKey: z.string(),
    pepperId: z.nullable(z.string()),
    createdAt: TIME,
    refreshedAt: TIME,
    idleUntil: TIME,
    absoluteUntil: TIME,
  }),
  z.object({
    status: z.literal('dead'),
    why: z.enum(['revoked', 'refresh_token_reused', 'code_replayed', 'review']),
    at: TIME,
  }),
])
