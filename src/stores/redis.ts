import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { RecordKey, Store, StoredRecord } from '../lifecycle/store/store.js'
import { checkedOptions, wholeNumber } from '../shared/options.js'
import { withoutArguments } from './redis/failure.js'
import { feedPage, readPositions } from './redis/feed.js'
import { type Keyspace, keyspace } from './redis/keyspace.js'
import { listCursor, readListCursor } from './redis/listing.js'
import { isOne, nonsense, readCount, readRecord, readTexts } from './redis/replies.js'
import { scriptRunner } from './redis/run-script.js'
import { CAS, FEED, INCR, INSERT, LIST, SWEEP } from './redis/scripts.js'
import { writeArguments } from './redis/write.js'

/**
 * Sends one command to Redis or Valkey and answers with its reply; rejects if there is none. All that the store asks of a
 * client:
 *
 * - node-redis: `(args) => client.sendCommand(args)`
 * - ioredis and iovalkey: `([name = '', ...rest]) => client.call(name, ...rest)`
 * - valkey-glide: `(args) => client.customCommand([...args])`
 *
 * Texts may come as strings or as bytes, whole numbers as numbers, bigints or texts.
 *
 * @param key one of the command's keys, all of which are in one hash slot: for a client that must be told where to send it,
 *   as node-redis's cluster: `(args, key) => cluster.sendCommand(key, false, args)`
 */
export type RedisCommand = (args: readonly string[], key: string) => PromiseLike<unknown>

export interface RedisStoreOptions {
  /** What every key begins with, after a brace: 1 to 64 of `A-Z a-z 0-9 : . _ / -`; `sallyport` by default. */
  readonly prefix?: string
  /**
   * Over how many of a cluster's hash slots the records are spread: 1 by default, at most 64. One is the quickest, and all
   * there is to have without a cluster. Like the prefix, it is part of each key: whoever changes it starts anew.
   */
  readonly slots?: number
}

/**
 * A store in Redis 6.2 or later, or Valkey; a cluster too. Each write is one script that touches one hash slot: the record,
 * its notice and its indexes change together or not at all, and a write that a client sends twice happens once.
 *
 * Redis itself forgets what has run out, by its own clock and a minute late, counted from the caller's `expiresAt - now`:
 * clocks that differ by less do no harm. What `set` survives, a record survives: see the guide on `appendfsync`, replicas
 * and eviction. Send everything to the primary; a replica's answer may be old.
 *
 * Whatever the client rejects with, and every reply that is none, is a rejection, which holds nothing of what was sent.
 * Knows no time limit of its own: whoever
 * asks has one, and so should the client.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function redisStore(command: RedisCommand, options: RedisStoreOptions = {}): Store {
  if (typeof command !== 'function') {
    throw new ConfigurationError('option_invalid', 'redisStore: expected a function that sends.')
  }
  const checked = checkedOptions('redisStore', OPTIONS, options)
  const keys = keyspace(checked.prefix ?? 'sallyport', checked.slots ?? 1)

  const send = async (args: readonly string[], key: string): Promise<unknown> => {
    try {
      return await command(args, key)
    } catch (cause) {
      throw withoutArguments(cause)
    }
  }
  const run = scriptRunner(send)

  return Object.freeze<Store>({
    async get(wanted) {
      const records: (StoredRecord | null)[] = wanted.map(() => null)
      await Promise.all(
        [...placesBySlot(keys, wanted)].map(async ([slot, placed]) => {
          const names = placed.map(({ key }) => keys.record(slot, key))
          const texts = readTexts(await send(['MGET', ...names], names[0] ?? ''), names.length)
          for (const [index, { place }] of placed.entries())
            records[place] = readRecord(texts[index])
        }),
      )
      return records
    },

    async insert(key, value, options) {
      const slot = keys.slotOf(key)
      const indexes = options.indexes ?? []
      const reply = await run(
        INSERT,
        [
          keys.record(slot, key),
          keys.feed(slot),
          ...indexes.map((index) => keys.index(slot, key.kind, index)),
        ],
        [...writeArguments(value, options, keys.channel), String(options.now), key.id],
      )
      const inserted = readCount(reply)
      if (inserted > 1) throw nonsense()
      return inserted === 1
    },

    async cas(key, version, value, options) {
      const slot = keys.slotOf(key)
      const reply = await run(
        CAS,
        [keys.record(slot, key), keys.feed(slot)],
        [...writeArguments(value, options, keys.channel), String(version), String(version + 1)],
      )
      if (isOne(reply)) return { kind: 'swapped', version: version + 1 }
      return { kind: 'conflict', current: readRecord(reply) }
    },

    async incr(key, value, options) {
      const slot = keys.slotOf(key)
      const reply = await run(
        INCR,
        [keys.record(slot, key), keys.feed(slot)],
        writeArguments(value, options, keys.channel),
      )
      const version = readCount(reply)
      if (version < 1) throw nonsense()
      return version
    },

    async list(kind, index, { after, limit }) {
      const start = readListCursor(after)
      const asked = keys.slots.filter((slot) => slot >= start.slot)
      const found = await Promise.all(
        asked.map(async (slot) => {
          const from = slot === start.slot ? [start.score, start.id] : ['', '']
          // One more than asked for tells whether there is more.
          const reply = await run(
            LIST,
            [keys.index(slot, kind, index)],
            [...from, String(limit + 1)],
          )
          const texts = readTexts(reply)
          return pairs(texts).map(([id, score]) => ({ slot, id, score }))
        }),
      )
      const all = found.flat()
      const page = all.slice(0, limit)
      const last = page.at(-1)
      const next = last !== undefined && all.length > limit ? listCursor(last) : null
      return { ids: page.map(({ id }) => id), next }
    },

    async feed({ after, limit }) {
      const positions = readPositions(after, keys.slots.length)
      const replies = await Promise.all(
        keys.slots.map(async (slot) => {
          const position = positions[slot] ?? '-'
          // One more than asked for tells whether there is more.
          const reply = await run(FEED, [keys.feed(slot)], [position, String(limit + 1)])
          return readTexts(reply)
        }),
      )
      return feedPage(replies.map(pairs), positions, limit)
    },

    async sweep(now) {
      const counts = await Promise.all(
        keys.slots.map(async (slot) => {
          let [forgotten, after] = [0, '-']
          do {
            const reply = readTexts(await run(SWEEP, [keys.feed(slot)], [after, String(now)]), 2)
            forgotten += readCount(reply[0])
            after = reply[1] ?? ''
          } while (after !== '')
          return forgotten
        }),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },
  })
}

/** The keys by their slot, each with its place among all: one command may ask for keys of one slot only. */
function placesBySlot(
  keys: Keyspace,
  wanted: readonly RecordKey[],
): ReadonlyMap<number, readonly Placed[]> {
  const groups = new Map<number, Placed[]>()
  for (const [place, key] of wanted.entries()) {
    const slot = keys.slotOf(key)
    const group = groups.get(slot)
    if (group === undefined) groups.set(slot, [{ key, place }])
    else group.push({ key, place })
  }
  return groups
}

interface Placed {
  readonly key: RecordKey
  readonly place: number
}

/** Two and two. An odd one is nonsense. */
function pairs(texts: readonly (string | null)[]): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  for (let index = 0; index < texts.length; index += 2) {
    const [one, other] = [texts[index], texts[index + 1]]
    if (typeof one !== 'string' || typeof other !== 'string') throw nonsense()
    found.push([one, other])
  }
  return found
}

const OPTIONS = /* @__PURE__ */ z.strictObject({
  prefix: z.optional(
    /* @__PURE__ */ z.string().check(/* @__PURE__ */ z.regex(/^[A-Za-z0-9:._/-]{1,64}$/)),
  ),
  slots: z.optional(wholeNumber(1, 64)),
})
