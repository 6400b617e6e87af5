import * as z from 'zod/mini'
import { within } from '../../runtime/within.js'
import { type Eventual, isThenable } from '../../shared/eventual.js'
import type {
  CasAnswer,
  InsertOptions,
  ListPage,
  RecordKey,
  RecordKind,
  Store,
  StoredRecord,
  WriteOptions,
} from './store.js'

/**
 * An operation of the lifecycle: pure but for what it asks of the store, and it waits at each question. `perform` answers
 * them from a store; the tests' model steps many of them in every order, and stops some for good.
 */
export type Steps<Result> = Generator<StoreCall, Result, unknown>

/** A question to a store, as data. */
export type StoreCall =
  | { readonly verb: 'get'; readonly keys: readonly RecordKey[] }
  | {
      readonly verb: 'insert'
      readonly key: RecordKey
      readonly value: string
      readonly options: InsertOptions
    }
  | {
      readonly verb: 'cas'
      readonly key: RecordKey
      readonly version: number
      readonly value: string
      readonly options: WriteOptions
    }
  | {
      readonly verb: 'incr'
      readonly key: RecordKey
      readonly value: string
      readonly options: WriteOptions
    }
  | {
      readonly verb: 'list'
      readonly kind: RecordKind
      readonly index: string
      readonly options: { readonly after: string | null; readonly limit: number }
    }

// `perform` has checked each answer against ANSWERS before it comes back here.

export function* getAll(keys: readonly RecordKey[]): Steps<readonly (StoredRecord | null)[]> {
  return (yield { verb: 'get', keys }) as readonly (StoredRecord | null)[]
}

export function* get(key: RecordKey): Steps<StoredRecord | null> {
  const [record = null] = yield* getAll([key])
  return record
}

export function* insert(key: RecordKey, value: string, options: InsertOptions): Steps<boolean> {
  return (yield { verb: 'insert', key, value, options }) as boolean
}

export function* cas(
  key: RecordKey,
  version: number,
  value: string,
  options: WriteOptions,
): Steps<CasAnswer> {
  return (yield { verb: 'cas', key, version, value, options }) as CasAnswer
}

export function* incr(key: RecordKey, value: string, options: WriteOptions): Steps<number> {
  return (yield { verb: 'incr', key, value, options }) as number
}

export function* list(
  kind: RecordKind,
  index: string,
  options: { readonly after: string | null; readonly limit: number },
): Steps<ListPage> {
  return (yield { verb: 'list', kind, index, options }) as ListPage
}

/** What became of an operation. */
export type Performed<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Our side's fault: 503. Whether the last write happened is unknown. */
  | StoreUnavailable

export interface StoreUnavailable {
  readonly kind: 'unavailable'
  readonly reason: 'store_unavailable'
  /** For the operator's events. */
  readonly cause: unknown
}

/**
 * Performs an operation on a store. Believes nothing: a store that throws, rejects, answers with nonsense or takes longer
 * than this for one answer is unavailable, and so is a record that the operation cannot read. Never throws or rejects;
 * answers at once if the store does.
 */
export function perform<Result>(
  store: Store,
  steps: Steps<Result>,
  timeoutMilliseconds: number,
): Eventual<Performed<Result>> {
  const go = (answer: unknown): Eventual<Performed<Result>> => {
    try {
      let step = steps.next(answer)
      while (!step.done) {
        const call = step.value
        const given = ask(store, call)
        if (isThenable(given)) {
          return within(timeoutMilliseconds, given).then((waited) => {
            if (waited.kind === 'timed_out') return unavailable(new Error('no answer in time'))
            return isAnswer(call, waited.value) ? go(waited.value) : unavailable(nonsense(call))
          }, unavailable)
        }
        if (!isAnswer(call, given)) return unavailable(nonsense(call))
        step = steps.next(given)
      }
      return { kind: 'done', result: step.value }
    } catch (cause) {
      return unavailable(cause)
    }
  }
  return go(undefined)
}

/** Puts one question to a store. Throws or rejects as the store does. */
export function ask(store: Store, call: StoreCall): Eventual<unknown> {
  switch (call.verb) {
    case 'get':
      return store.get(call.keys)
    case 'insert':
      return store.insert(call.key, call.value, call.options)
    case 'cas':
      return store.cas(call.key, call.version, call.value, call.options)
    case 'incr':
      return store.incr(call.key, call.value, call.options)
    case 'list':
      return store.list(call.kind, call.index, call.options)
  }
}

function isAnswer(call: StoreCall, answer: unknown): boolean {
  if (!z.safeParse(ANSWERS[call.verb], answer).success) return false
  return call.verb !== 'get' || (answer as readonly unknown[]).length === call.keys.length // an array: checked above
}

export function unavailable(cause: unknown): StoreUnavailable {
  return { kind: 'unavailable', reason: 'store_unavailable', cause }
}

function nonsense({ verb }: StoreCall): Error {
  return new Error(`The store's answer to '${verb}' is none.`)
}

const VERSION = /* @__PURE__ */ z.int().check(/* @__PURE__ */ z.minimum(1))
const RECORD = /* @__PURE__ */ z.object({ version: VERSION, value: z.string() })

const ANSWERS = {
  get: /* @__PURE__ */ z.array(/* @__PURE__ */ z.nullable(RECORD)),
  insert: /* @__PURE__ */ z.boolean(),
  cas: /* @__PURE__ */ z.discriminatedUnion('kind', [
    /* @__PURE__ */ z.object({ kind: z.literal('swapped'), version: VERSION }),
    /* @__PURE__ */ z.object({ kind: z.literal('conflict'), current: z.nullable(RECORD) }),
  ]),
  incr: VERSION,
  list: /* @__PURE__ */ z.object({ ids: z.array(z.string()), next: z.nullable(z.string()) }),
}
