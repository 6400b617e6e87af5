import * as z from 'zod/mini'
import type { EpochName } from '../../principal/lineage.js'
import type { FeedEntry } from '../store/store.js'

/** What an entry of the feed says is revoked. */
export type RevocationNotice =
  | {
      /** `token`: a principal's credential id; `family`: a token family; `key`: a signing key, by its `kid`. */
      readonly kind: 'token' | 'family' | 'key'
      readonly id: string
    }
  | EpochNotice

/** A counter was raised: what has captured less than the entry's version is revoked. */
export interface EpochNotice {
  readonly kind: EpochName
  /** Whose counter: a subject, a client, a tenant, a session; `everything` has one only. */
  readonly id: string
  /** Sessions that go on, of a subject. */
  readonly keep?: readonly KeptSession[]
}

/** A session that outlives the raising of its subject's counter, with all that it has captured from this count on. */
export type KeptSession = readonly [session: string, from: number]

/** A notice as it stands in the feed. */
export function noticeText(notice: RevocationNotice): string {
  return JSON.stringify(notice)
}

/** The notice of an entry, or null if it is none: another version of this library may write what this one cannot read. */
export function parseNotice({ text }: FeedEntry): RevocationNotice | null {
  try {
    const parsed = z.safeParse(NOTICE, JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

const KEPT: z.ZodMiniType<KeptSession> = /* @__PURE__ */ z.tuple([z.string(), z.int()])

const NOTICE: z.ZodMiniType<RevocationNotice> = /* @__PURE__ */ z.union([
  z.object({ kind: z.enum(['token', 'family', 'key']), id: z.string() }),
  z.object({
    kind: z.enum(['everything', 'tenant', 'client', 'subject', 'session']),
    id: z.string(),
    keep: z.exactOptional(z.array(KEPT)),
  }),
])
