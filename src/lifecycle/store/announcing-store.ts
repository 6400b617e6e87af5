import { type Eventual, whenReady } from '../../shared/eventual.js'
import type { FeedEntry, Store, WriteOptions } from './store.js'

/**
 * A store that tells of each notice as soon as its write has been answered: what is revoked in this process is known in
 * it at once, and not only when the feed is read next.
 */
export function announcingStore(store: Store, announce: (entry: FeedEntry) => void): Store {
  const tell = (version: unknown, { notice }: WriteOptions): void => {
    if (notice !== undefined && typeof version === 'number') announce({ ...notice, version })
  }
  const then = <Answer>(
    answer: Eventual<Answer>,
    options: WriteOptions,
    version: (answer: Answer) => unknown,
  ): Eventual<Answer> =>
    whenReady(answer, (given) => {
      tell(version(given), options)
      return given
    })
  return {
    get: (keys) => store.get(keys),
    insert: (key, value, options) =>
      then(store.insert(key, value, options), options, (done) => (done === true ? 1 : null)),
    cas: (key, version, value, options) =>
      then(store.cas(key, version, value, options), options, (answer) =>
        answer?.kind === 'swapped' ? answer.version : null,
      ),
    incr: (key, value, options) =>
      then(store.incr(key, value, options), options, (version) => version),
    list: (kind, index, options) => store.list(kind, index, options),
    feed: (options) => store.feed(options),
    sweep: (now) => store.sweep(now),
  }
}
