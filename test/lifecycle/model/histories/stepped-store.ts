import type { Store } from '../../../../src/lifecycle/store/store.js'

/** A storage call that waits for its answer. */
export interface WaitingCall<Owner> {
  readonly owner: Owner
  answer(): void
  /** It fails, before it has written or after. */
  fail(hasWritten: boolean): void
}

/** A store whose answers come when they are told to, in whatever order. */
export interface SteppedStore<Owner> {
  /** The store as one owner sees it. */
  of(owner: Owner): Store
  /** The oldest first. */
  readonly waiting: WaitingCall<Owner>[]
}

export function steppedStore<Owner>(store: Store): SteppedStore<Owner> {
  const waiting: WaitingCall<Owner>[] = []
  const ask = <Answer>(owner: Owner, call: () => Answer | PromiseLike<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const waits: WaitingCall<Owner> = {
        owner,
        answer: () => {
          waiting.splice(waiting.indexOf(waits), 1)
          resolve(call())
        },
        fail: (hasWritten) => {
          waiting.splice(waiting.indexOf(waits), 1)
          const written = hasWritten ? [call()] : []
          reject(new Error(`the store is out of order: ${written.length} writes`))
        },
      }
      waiting.push(waits)
    })
  return {
    waiting,
    of: (owner) => ({
      get: (keys) => ask(owner, () => store.get(keys)),
      insert: (...given) => ask(owner, () => store.insert(...given)),
      cas: (...given) => ask(owner, () => store.cas(...given)),
      incr: (...given) => ask(owner, () => store.incr(...given)),
      list: (...given) => ask(owner, () => store.list(...given)),
      feed: (options) => ask(owner, () => store.feed(options)),
      sweep: (now) => ask(owner, () => store.sweep(now)),
    }),
  }
}
