import * as z from 'zod/mini'
import { EPOCH_NAMES, type EpochName, type Epochs, NO_EPOCHS } from '../../principal/lineage.js'
import { cas, get, getAll, incr, insert, type Steps } from '../store/steps.js'
import type { RecordKey, StoredRecord, WriteOptions } from '../store/store.js'
import { type KeptSession, noticeText } from './notice.js'

/** Whose counters judge a credential. */
export interface EpochOwners {
  readonly tenant: string | null
  readonly client: string | null
  readonly subject: string | null
  readonly session: string | null
}

/** The owners that judge what a user has let a client do. */
export function epochOwnersOf({
  tenant,
  client,
  subject,
  session,
}: {
  readonly tenant: string | null
  readonly client: { readonly id: string }
  readonly subject: string
  readonly session: string | null
}): EpochOwners {
  return { tenant, client: client.id, subject, session }
}

/** Where the counters of these owners stand, which the store alone knows for sure. */
export interface CurrentEpochs {
  readonly counts: Epochs
  /** The sessions that the last raising of the subject's counter has kept. */
  readonly kept: readonly KeptSession[]
}

/**
 * Reads the counters of these owners.
 *
 * Read them BEFORE what is to be issued is proven: what they were then is what a credential captures, so that a
 * revocation that comes in between revokes it too.
 */
export function* readEpochs(owners: EpochOwners): Steps<CurrentEpochs> {
  return epochsIn(yield* getAll(epochKeys(owners)), owners)
}

/** What {@link readEpochs} reads, for who asks for more in the same question. At most five keys. */
export function epochKeys(owners: EpochOwners): readonly RecordKey[] {
  return keysOf(owners).map(([, key]) => key)
}

/** What the records of {@link epochKeys} say, given in their order. */
export function epochsIn(
  records: readonly (StoredRecord | null)[],
  owners: EpochOwners,
): CurrentEpochs {
  const counts: Record<EpochName, number> = { ...NO_EPOCHS }
  let kept: readonly KeptSession[] = []
  for (const [index, [name]] of keysOf(owners).entries()) {
    const record = records[index] ?? null
    counts[name] = record?.version ?? 0
    if (name === 'subject' && record !== null) kept = keptOf(record)
  }
  return { counts: Object.freeze(counts), kept }
}

/** Whether a credential has captured too little: one of its counters was raised since. */
export function isOutdated(
  captured: Epochs,
  session: string | null,
  { counts, kept }: CurrentEpochs,
): boolean {
  return EPOCH_NAMES.some((name) => {
    if (captured[name] >= counts[name]) return false
    return name !== 'subject' || !isKept(kept, session, captured.subject)
  })
}

/** Whether a session goes on although its subject's counter was raised. */
export function isKept(
  kept: readonly KeptSession[],
  session: string | null,
  captured: number,
): boolean {
  return kept.some(([id, from]) => id === session && captured >= from)
}

/**
 * Raises a counter: what has captured less is revoked, from this write on.
 *
 * @param keep sessions of a subject that go on
 * @param until when the notice may be forgotten: no access token of today lives longer
 * @returns where the counter stands now
 */
export function* raiseEpoch(
  name: EpochName,
  id: string,
  {
    keep = [],
    now,
    until,
    expiresAt = null,
  }: {
    readonly keep?: readonly string[]
    readonly now: number
    readonly until: number
    /** Null unless nothing that captured less can outlive it. */
    readonly expiresAt?: number | null
  },
): Steps<number> {
  const key = epochKey(name, id)
  const write = (kept: readonly KeptSession[]): readonly [string, WriteOptions] => [
    JSON.stringify({ keep: kept }),
    {
      now,
      expiresAt,
      notice: {
        text: noticeText({ kind: name, id, ...(kept.length === 0 ? {} : { keep: kept }) }),
        until,
      },
    },
  ]
  // One write, whatever the counter says: an incident must not have to wait for its turn.
  if (keep.length === 0) return yield* incr(key, ...write([]))
  let current = yield* get(key)
  for (;;) {
    const kept = stillKept(keep, current)
    if (current === null) {
      if (yield* insert(key, ...write(kept))) return 1
      current = yield* get(key)
      continue
    }
    const answer = yield* cas(key, current.version, ...write(kept))
    if (answer.kind === 'swapped') return answer.version
    current = answer.current
  }
}

/**
 * INVARIANT: keeping a session never revives what an earlier raising has revoked. A session that was kept then goes on
 * from where it went on then; any other one from the count that has to be captured now.
 */
function stillKept(keep: readonly string[], current: StoredRecord | null): readonly KeptSession[] {
  const before = new Map(current === null ? [] : keptOf(current))
  return keep.map((session) => [session, before.get(session) ?? current?.version ?? 0])
}

function keysOf(owners: EpochOwners): readonly (readonly [EpochName, RecordKey])[] {
  const keys: (readonly [EpochName, RecordKey])[] = [['everything', epochKey('everything', '')]]
  for (const name of ['tenant', 'client', 'subject', 'session'] as const) {
    const id = owners[name]
    if (id !== null) keys.push([name, epochKey(name, id)])
  }
  return keys
}

function epochKey(name: EpochName, id: string): RecordKey {
  return { kind: 'epoch', id: name === 'everything' ? name : `${name}:${id}` }
}

function keptOf({ value }: StoredRecord): readonly KeptSession[] {
  return z.parse(VALUE, JSON.parse(value)).keep
}

const VALUE = /* @__PURE__ */ z.object({ keep: z.array(z.tuple([z.string(), z.int()])) })
