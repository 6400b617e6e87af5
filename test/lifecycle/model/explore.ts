/**
 * Every interleaving of some operations at their storage calls, with a crash of any of them after any call.
 *
 * An operation is a generator that waits at each call, so that what it will do depends on the answers it has got and on
 * nothing else. A state is therefore one history of answers for each operation: two schedules that have led to the same
 * histories have led to the same store, and are followed on once. A crash is an operation that is never stepped again:
 * each state is judged as one in which all that have not finished have crashed.
 */
import type { Steps, StoreCall } from '../../../src/lifecycle/store/steps.js'
import type { Store, StoredRecord } from '../../../src/lifecycle/store/store.js'
import type { Machine } from './load-machine.js'
import { drawFrom, type RandomStream } from './random.js'

/** A call with its answer. */
export interface Step {
  readonly call: StoreCall
  readonly answer: unknown
}

/** How far an operation has come. */
export interface Progress<Outcome> {
  readonly id: number
  readonly steps: readonly Step[]
  /** What it asks next; null once it has finished. */
  readonly call: StoreCall | null
  readonly outcome: Outcome | null
}

/** An operation that can be begun again and again, in a place of its own among those that run at once. */
export class Thread<Outcome> {
  readonly first: Progress<Outcome>
  readonly #begin: () => Steps<Outcome>
  readonly #seed: string
  readonly #next = new Map<string, Progress<Outcome>>()
  #count = 0

  constructor(seed: string, begin: () => Steps<Outcome>) {
    this.#seed = seed
    this.#begin = begin
    this.first = this.#replay([])
  }

  after(progress: Progress<Outcome>, answer: unknown): Progress<Outcome> {
    if (progress.call === null) throw new Error('it has finished')
    const key = `${progress.id} ${JSON.stringify(answer)}`
    const known = this.#next.get(key)
    if (known !== undefined) return known
    const next = this.#replay([...progress.steps, { call: progress.call, answer }])
    this.#next.set(key, next)
    return next
  }

  #replay(steps: readonly Step[]): Progress<Outcome> {
    drawFrom({ seed: this.#seed, drawn: 0 })
    const generator = this.#begin()
    let state = generator.next()
    for (const { answer } of steps) state = generator.next(answer)
    this.#count += 1
    const common = { id: this.#count, steps }
    return state.done
      ? { ...common, call: null, outcome: state.value }
      : { ...common, call: state.value, outcome: null }
  }
}

/** What a store holds at one moment. Two moments with the same records are one. */
export class Snapshot {
  readonly records: ReadonlyMap<string, StoredRecord>
  readonly #log: readonly StoreCall[]
  readonly #machine: Machine
  readonly #all: Map<string, Snapshot>
  readonly #after = new Map<StoreCall, { readonly answer: unknown; readonly next: Snapshot }>()
  readonly #memo = new Map<string, unknown>()
  readonly #reader: Store

  static first(machine: Machine, log: readonly StoreCall[]): Snapshot {
    return new Snapshot(machine, log, new Map())
  }

  private constructor(machine: Machine, log: readonly StoreCall[], all: Map<string, Snapshot>) {
    this.#machine = machine
    this.#log = log
    this.#all = all
    this.#reader = this.copy()
    const records = new Map<string, StoredRecord>()
    for (const call of log) {
      if (call.verb === 'get' || call.verb === 'list') continue
      const [record] = this.#reader.get([call.key]) as readonly (StoredRecord | null)[] // the memory answers at once
      if (record != null) records.set(`${call.key.kind} ${call.key.id}`, record)
    }
    this.records = records
    if (!all.has(this.#key())) all.set(this.#key(), this)
  }

  /** A store of one's own with this in it. */
  copy(): Store {
    const store = this.#machine.memoryStore()
    for (const call of this.#log) this.#machine.ask(store, call)
    return store
  }

  ask(call: StoreCall): { readonly answer: unknown; readonly next: Snapshot } {
    const known = this.#after.get(call)
    if (known !== undefined) return known
    const isRead = call.verb === 'get' || call.verb === 'list'
    const answer = this.#machine.ask(isRead ? this.#reader : this.copy(), call)
    const result = { answer, next: hasWritten(call, answer) ? this.#with(call) : this }
    this.#after.set(call, result)
    return result
  }

  /** What is computed of it, once for each key. */
  memo<Value>(key: string, compute: () => Value): Value {
    if (!this.#memo.has(key)) this.#memo.set(key, compute())
    return this.#memo.get(key) as Value // under one key there are values of one type
  }

  /** Runs an operation to its end, on a copy or on the store that is given. */
  run<Outcome>(seed: string, steps: () => Steps<Outcome>, store: Store = this.copy()): Outcome {
    return runOn(this.#machine, store, { seed, drawn: 0 }, steps())
  }

  #with(call: StoreCall): Snapshot {
    const next = new Snapshot(this.#machine, [...this.#log, call], this.#all)
    return this.#all.get(next.#key()) ?? next
  }

  #key(): string {
    return [...this.records]
      .map(([name, { version, value }]) => `${name} ${version} ${value}`)
      .sort()
      .join('\n')
  }
}

/** Steps an operation to its end. */
export function runOn<Outcome>(
  machine: Machine,
  store: Store,
  stream: RandomStream,
  steps: Steps<Outcome>,
  onCall: (call: StoreCall, answer: unknown) => void = () => {},
): Outcome {
  drawFrom(stream)
  let state = steps.next()
  while (!state.done) {
    const answer = machine.ask(store, state.value)
    onCall(state.value, answer)
    drawFrom(stream)
    state = steps.next(answer)
  }
  return state.value
}

export function hasWritten(call: StoreCall, answer: unknown): boolean {
  switch (call.verb) {
    case 'insert':
      return answer === true
    case 'cas':
      return (answer as { readonly kind: string }).kind === 'swapped' // what a store answers
    case 'incr':
      return true
    default:
      return false
  }
}

/** How the operations stand, and what the store holds. */
export interface State<Outcome> {
  readonly snapshot: Snapshot
  readonly progress: readonly Progress<Outcome>[]
  /** Which operation was stepped, in order. */
  readonly schedule: readonly number[]
}

export interface Explored {
  /** Orders in which all operations can run to their ends. */
  readonly schedules: number
  /** Different states on the way, each of them judged. */
  readonly states: number
}

/**
 * Explores all schedules.
 *
 * @param judge is told of each state once, and throws if something is wrong with it
 * @param judgeWrite is told of each step that has written
 */
export function explore<Outcome>(
  first: Snapshot,
  threads: readonly Thread<Outcome>[],
  judge: (state: State<Outcome>) => void,
  judgeWrite: (before: Snapshot, step: Step, after: Snapshot, state: State<Outcome>) => void,
): Explored {
  const seen = new Map<string, number>()
  const visit = (state: State<Outcome>): number => {
    const key = state.progress.map(({ id }) => id).join(' ')
    const known = seen.get(key)
    if (known !== undefined) return known
    judge(state)
    let schedules = 0
    for (const [index, thread] of threads.entries()) {
      const progress = state.progress[index]
      if (progress?.call == null) continue
      const { answer, next } = state.snapshot.ask(progress.call)
      const after: State<Outcome> = {
        snapshot: next,
        progress: state.progress.with(index, thread.after(progress, answer)),
        schedule: [...state.schedule, index],
      }
      if (next !== state.snapshot) {
        judgeWrite(state.snapshot, { call: progress.call, answer }, next, after)
      }
      schedules += visit(after)
    }
    const ways = Math.max(schedules, 1)
    seen.set(key, ways)
    return ways
  }
  const schedules = visit({
    snapshot: first,
    progress: threads.map((thread) => thread.first),
    schedule: [],
  })
  return { schedules, states: seen.size }
}
