import type { FeedEntry, RecordKey, Store, StoredRecord } from '../lifecycle/store/store.js'
import { randomBytes } from '../runtime/random.js'
import { encodeBase64url } from '../shared/base64.js'

/** One case of the contract: a sentence, and a function that rejects if the store does not keep it. */
export interface StoreCase {
  readonly name: string
  /**
   * @param connect a connection of its own to one and the same store: for a store in memory the store itself, for one that
   *   processes share another client each time
   */
  run(connect: () => Store | Promise<Store>): Promise<void>
}

/**
 * The contract of every store, for any test runner. The cases use ids that nobody else uses, so they may run against a
 * store that is in use; they sweep nothing that has not run out at `now`.
 *
 * @param now seconds since the epoch
 */
export function createStoreContract(now: number): readonly StoreCase[] {
  const lasting = { now, expiresAt: now + 600 }
  return [
    {
      name: 'what is not there is null, in its place among what is',
      async run(connect) {
        const store = await connect()
        const [one, other] = [aKey(), aKey()]
        await store.insert(one, 'one', lasting)
        await store.insert(other, 'other', lasting)
        const found = await store.get([other, aKey(), one, other])
        same(found, [first('other'), null, first('one'), first('other')])
      },
    },
    {
      name: 'a record that was inserted is there for every connection, in its first version',
      async run(connect) {
        const key = aKey()
        same(await (await connect()).insert(key, 'value', lasting), true)
        same(await (await connect()).get([key]), [first('value')])
      },
    },
    {
      name: 'a second insert changes nothing',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        same(await store.insert(key, 'first', lasting), true)
        same(await store.insert(key, 'second', lasting), false)
        same(await store.get([key]), [first('first')])
      },
    },
    {
      name: 'a record that has run out gives way to an insert, one that has not does not',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        await store.insert(key, 'first', { now, expiresAt: now + 2 })
        same(await store.insert(key, 'early', { now: now + 1, expiresAt: now + 9 }), false)
        same(await store.insert(key, 'late', { now: now + 2, expiresAt: now + 900 }), true)
        same(await store.get([key]), [first('late')])
      },
    },
    {
      name: 'kinds and ids are told apart to the letter',
      async run(connect) {
        const store = await connect()
        const { id } = aKey()
        const ids = [`${id}a`, `${id}A`, `${id}ä`, `${id}a\u0308`, `${id}%`, `${id}_`, `${id} `]
        for (const each of ids) {
          same(await store.insert({ kind: 'family', id: each }, each, lasting), true)
        }
        same(await store.insert({ kind: 'code', id: `${id}a` }, 'code', lasting), true)
        const keys = ids.map((each) => ({ kind: 'family' as const, id: each }))
        same(await store.get(keys), ids.map(first))
      },
    },
    {
      name: 'values and ids come back as they were given, whatever characters they have',
      async run(connect) {
        const store = await connect()
        for (const text of HOSTILE_TEXTS) {
          const key = { kind: 'family' as const, id: `${aKey().id} ${text.slice(0, 300)}`.trim() }
          same(await store.insert(key, text, lasting), true)
          same(await store.get([key]), [first(text)])
        }
      },
    },
    {
      name: 'a value of 65,536 characters comes back whole',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        const value = 'ä'.repeat(65_536)
        await store.insert(key, value, lasting)
        same(await store.get([key]), [first(value)])
      },
    },
    {
      name: 'a swap from the current version makes the next one',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        await store.insert(key, 'one', lasting)
        same(await store.cas(key, 1, 'two', lasting), { kind: 'swapped', version: 2 })
        same(await store.cas(key, 2, 'three', lasting), { kind: 'swapped', version: 3 })
        same(await (await connect()).get([key]), [{ version: 3, value: 'three' }])
      },
    },
    {
      name: 'a swap from any other version changes nothing and answers with what is there',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        await store.insert(key, 'one', lasting)
        await store.cas(key, 1, 'two', lasting)
        const current = { version: 2, value: 'two' }
        same(await store.cas(key, 1, 'lost', lasting), { kind: 'conflict', current })
        same(await store.cas(key, 3, 'lost', lasting), { kind: 'conflict', current })
        same(await store.get([key]), [current])
      },
    },
    {
      name: 'a swap of what is not there makes nothing',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        same(await store.cas(key, 1, 'value', lasting), { kind: 'conflict', current: null })
        same(await store.get([key]), [null])
      },
    },
    {
      name: 'of many swaps from one version at once exactly one happens, and the others are told of it',
      async run(connect) {
        const key = aKey()
        const stores = await connections(connect)
        await stores[0]?.insert(key, 'start', lasting)
        const swaps = await all(stores, 100, async (store, index) =>
          store.cas(key, 1, `by ${index}`, lasting),
        )
        const winners = swaps.filter(({ kind }) => kind === 'swapped')
        same(winners.length, 1)
        const [current] = (await stores[0]?.get([key])) ?? []
        for (const swap of swaps) {
          if (swap.kind === 'conflict') same(swap.current, current)
        }
      },
    },
    {
      name: 'of many inserts of one key at once exactly one happens',
      async run(connect) {
        const key = aKey()
        const stores = await connections(connect)
        const inserts = await all(stores, 100, async (store, index) =>
          store.insert(key, `by ${index}`, lasting),
        )
        same(inserts.filter((done) => done === true).length, 1)
      },
    },
    {
      name: 'a counter starts at one and gives each caller another number',
      async run(connect) {
        const key = aKey('epoch')
        const stores = await connections(connect)
        const forever = { now, expiresAt: null }
        const numbers = await all(stores, 100, async (store) => store.incr(key, 'value', forever))
        same(
          [...numbers].sort((a, b) => a - b),
          numbers.map((_, index) => index + 1),
        )
        same(await stores[0]?.get([key]), [{ version: 100, value: 'value' }])
      },
    },
    {
      name: 'counting and swapping count together',
      async run(connect) {
        const store = await connect()
        const key = aKey('epoch')
        same(await store.incr(key, 'one', lasting), 1)
        same(await store.cas(key, 1, 'two', lasting), { kind: 'swapped', version: 2 })
        same(await store.incr(key, 'three', lasting), 3)
        const current = { version: 3, value: 'three' }
        same(await store.cas(key, 2, 'lost', lasting), { kind: 'conflict', current })
      },
    },
    {
      name: 'an index lists what was inserted under it, page by page, each once',
      async run(connect) {
        const store = await connect()
        const index = `subject:${aKey().id}`
        const keys = Array.from({ length: 25 }, () => aKey())
        for (const key of keys) {
          await store.insert(key, 'value', { ...lasting, indexes: [index, `other ${index}`] })
        }
        await store.insert(aKey(), 'value', { ...lasting, indexes: [`${index}0`] })
        await store.insert(aKey('code'), 'value', { ...lasting, indexes: [index] })
        await store.insert(aKey(), 'value', lasting)
        same(await listed(await connect(), index, 10), keys.map(({ id }) => id).sort())
        same(await listed(store, index, 1_000), keys.map(({ id }) => id).sort())
        same(await store.list('family', 'nothing', { after: null, limit: 10 }), {
          ids: [],
          next: null,
        })
      },
    },
    {
      name: 'an index still lists a record that was swapped',
      async run(connect) {
        const store = await connect()
        const key = aKey()
        const index = `subject:${key.id}`
        await store.insert(key, 'one', { ...lasting, indexes: [index] })
        await store.cas(key, 1, 'two', lasting)
        same(await listed(store, index, 10), [key.id])
      },
    },
    {
      name: 'a notice is in the feed with the version that its write made, whichever the write',
      async run(connect) {
        const [store, reader] = [await connect(), await connect()]
        const { cursor } = await readOn(reader, null)
        const key = aKey('epoch')
        const noted = (text: string) => ({ ...lasting, notice: { text, until: now + 300 } })
        await store.insert(key, 'one', noted(`${key.id} insert`))
        await store.cas(key, 1, 'two', noted(`${key.id} cas`))
        await store.incr(key, 'three', noted(`${key.id} incr`))
        await store.cas(key, 3, 'four', lasting)
        const { entries } = await readOn(reader, cursor)
        same(entriesOf(entries, key), [
          { text: `${key.id} insert`, until: now + 300, version: 1 },
          { text: `${key.id} cas`, until: now + 300, version: 2 },
          { text: `${key.id} incr`, until: now + 300, version: 3 },
        ])
      },
    },
    {
      name: 'the feed holds every notice of many writers, for who reads on and for who comes late',
      async run(connect) {
        const stores = await connections(connect)
        const reader = await connect()
        const mark = aKey()
        const start = await readOn(reader, null)
        const seen = new Set<string>()
        let { cursor } = start
        const writes = all(stores, 100, async (store, index) =>
          store.insert(aKey(), 'value', {
            ...lasting,
            notice: { text: `${mark.id} ${index}`, until: now + 300 },
          }),
        )
        for (let round = 0; round < 5; round++) {
          const page = await readOn(reader, cursor)
          for (const { text } of entriesOf(page.entries, mark)) seen.add(text)
          cursor = page.cursor
        }
        await writes
        for (const { text } of entriesOf((await readOn(reader, cursor)).entries, mark))
          seen.add(text)
        same(seen.size, 100)
        const late = await readOn(await connect(), null, 7)
        same(new Set(entriesOf(late.entries, mark).map(({ text }) => text)).size, 100)
      },
    },
    {
      name: 'sweeping forgets what has run out and nothing else',
      async run(connect) {
        const store = await connect()
        const [gone, kept, lastingKey] = [aKey(), aKey(), aKey('epoch')]
        const notice = (key: RecordKey, until: number) => ({ text: `${key.id} notice`, until })
        const past = now - 1_000_000
        await store.insert(gone, 'gone', {
          now: past - 10,
          expiresAt: past,
          notice: notice(gone, past),
        })
        await store.insert(kept, 'kept', {
          ...lasting,
          expiresAt: now + 1,
          notice: notice(kept, now + 1),
        })
        await store.incr(lastingKey, 'lasting', { now, expiresAt: null })
        same(typeof (await store.sweep(past)), 'number')
        same(await store.get([kept, lastingKey]), [first('kept'), first('lasting')])
        const { entries } = await readOn(store, null)
        same(entriesOf(entries, kept).length, 1)
        same(await store.insert(gone, 'again', lasting), true)
      },
    },
  ]
}

/** The entries behind a cursor, all pages of them. */
async function readOn(
  store: Store,
  after: string | null,
  limit = 1_000,
): Promise<{ readonly entries: readonly FeedEntry[]; readonly cursor: string }> {
  const entries: FeedEntry[] = []
  for (let cursor = after; ; ) {
    const page = await store.feed({ after: cursor, limit })
    entries.push(...page.entries)
    cursor = page.cursor
    if (!page.more) return { entries, cursor }
  }
}

async function listed(store: Store, index: string, limit: number): Promise<readonly string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const page = await store.list('family', index, { after, limit })
    ids.push(...page.ids)
    after = page.next
  } while (after !== null)
  return ids.sort()
}

/** Each entry of this case once, in the order of its first coming. */
function entriesOf(entries: readonly FeedEntry[], { id }: RecordKey): readonly FeedEntry[] {
  const mine = entries.filter(({ text }) => text.startsWith(`${id} `))
  return [...new Map(mine.map((entry) => [entry.text, entry])).values()]
}

async function connections(connect: () => Store | Promise<Store>): Promise<readonly Store[]> {
  return Promise.all(Array.from({ length: 8 }, () => connect()))
}

async function all<Answer>(
  stores: readonly Store[],
  count: number,
  use: (store: Store, index: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const uses: Promise<Answer>[] = []
  for (let index = 0; index < count; index++) {
    const store = stores[index % stores.length]
    if (store !== undefined) uses.push(use(store, index))
  }
  return Promise.all(uses)
}

function aKey(kind: RecordKey['kind'] = 'family'): RecordKey {
  return { kind, id: encodeBase64url(randomBytes(16)) }
}

function first(value: string): StoredRecord {
  return { version: 1, value }
}

/** Compares as JSON, member order aside. */
function same(actual: unknown, expected: unknown): void {
  const [is, should] = [ordered(actual), ordered(expected)]
  if (is !== should) throw new Error(`got ${is.slice(0, 400)}, expected ${should.slice(0, 400)}`)
}

function ordered(value: unknown): string {
  return String(
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
    ),
  )
}

const HOSTILE_TEXTS = [
  `'; drop table records; --`,
  '{"a":"\\u0000"}',
  `"quoted" \\ 'back' \\\\ slashes`,
  '$1 $2 :name ?1 {hash} %s',
  '*3\\r\\n$3\\r\\nDEL',
  'emoji 😀 and 漢字 and \u202e marks',
  '1e999',
  'null',
  '[]',
]
