/** Random calls to a store, and what `memoryStore` answers to them: every other store answers the same. */
import fc from 'fast-check'
import { ask, type StoreCall } from '../../src/lifecycle/store/steps.js'
import { isStoreText, type RecordKey, type Store } from '../../src/lifecycle/store/store.js'
import { memoryStore } from '../../src/stores/memory.js'

type Command = StoreCall | { readonly verb: 'sweep'; readonly now: number }

/** The calls, of which many meet on few keys, at few times. */
export const commands: fc.Arbitrary<readonly Command[]> = fc.array(
  fc.oneof(
    fc.record({ verb: fc.constant('get' as const), keys: fc.array(aKey(), { maxLength: 5 }) }),
    fc.record({
      verb: fc.constant('insert' as const),
      key: aKey(),
      value: aValue(),
      options: writeOptions(),
    }),
    fc.record({
      verb: fc.constant('cas' as const),
      key: aKey(),
      version: fc.integer({ min: 1, max: 4 }),
      value: aValue(),
      options: writeOptions(),
    }),
    fc.record({
      verb: fc.constant('incr' as const),
      key: aKey(),
      value: aValue(),
      options: writeOptions(),
    }),
    fc.record({ verb: fc.constant('sweep' as const), now: aTime() }),
  ),
  { minLength: 1, maxLength: 40 },
)

/** Asks the store and the reference the same, the feed at the end too, and answers with both lists of answers. */
export async function answersOf(
  store: Store,
  calls: readonly Command[],
): Promise<{ readonly given: readonly unknown[]; readonly expected: readonly unknown[] }> {
  const mark = crypto.randomUUID()
  const reference = memoryStore()
  const given: unknown[] = []
  const expected: unknown[] = []
  const start = (await wholeFeed(store, null)).cursor
  for (const call of calls) {
    if (call.verb === 'sweep') {
      await store.sweep(call.now)
      await reference.sweep(call.now)
      continue
    }
    given.push(await ask(store, renamed(call, mark)))
    expected.push(await ask(reference, call))
  }
  given.push((await wholeFeed(store, start)).entries)
  expected.push((await wholeFeed(reference, null)).entries)
  return { given, expected }
}

/** The same call about keys of this run, so that runs can share a database. */
function renamed(call: StoreCall, mark: string): StoreCall {
  const own = ({ kind, id }: RecordKey): RecordKey => ({ kind, id: `${mark}${id}` })
  if (call.verb === 'list') return call
  return call.verb === 'get'
    ? { ...call, keys: call.keys.map(own) }
    : { ...call, key: own(call.key) }
}

async function wholeFeed(store: Store, after: string | null) {
  const entries: unknown[] = []
  for (let cursor = after; ; ) {
    const page = await store.feed({ after: cursor, limit: 7 })
    entries.push(...page.entries)
    cursor = page.cursor
    if (!page.more) return { entries, cursor }
  }
}

function aKey(): fc.Arbitrary<RecordKey> {
  return fc.record({
    kind: fc.constantFrom('family', 'code'),
    id: fc.constantFrom('a', 'A', 'ä', 'a ', '%', `'`, '😀'),
  })
}

function aValue(): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: 60 })
    .filter((text) => !/[\p{Surrogate}\0]/u.test(text))
}

function writeOptions() {
  return fc.record(
    {
      now: aTime(),
      expiresAt: fc.option(aTime()),
      notice: fc.record({ text: aValue(), until: aTime() }),
    },
    { requiredKeys: ['now', 'expiresAt'] },
  )
}

/** Times of long ago, so that a sweep forgets nothing of anybody else. */
function aTime(): fc.Arbitrary<number> {
  return fc.integer({ min: 1_000, max: 1_005 })
}

/** Texts that are ids, of any characters. */
export const ids: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 300 })
  .filter(isStoreText)
